"""What a study found, in sentences: first what is wrong with it, then what it shows."""

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from hw1_lightning.study.claims import Judgement
from hw1_lightning.study.comparison import Comparison
from hw1_lightning.study.quantities import LOWER_IS_BETTER
from hw1_lightning.study.replacement import left_out
from hw1_lightning.study.results import StudyResults
from hw1_lightning.study.statistics import summarize, wilson
from hw1_lightning.study.words import listing, number, seeds_in_words


def selected_condition(results: StudyResults) -> str | None:
    """The condition whose first metric is best on average, the first of several; ``None`` without finite means."""
    metric = results.study.metrics[0]
    means = {}
    for condition in results.study.conditions:
        values = list(results.values(condition.name, metric).values())
        if values and math.isfinite(mean := summarize(values).mean):
            means[condition.name] = -mean if metric in LOWER_IS_BETTER else mean
    return max(means, key=means.__getitem__) if means else None


def warnings(results: StudyResults) -> list[str]:
    """What a reader must know before any number: runs that are missing, failed or diverged, and mixed data."""
    runs, planned = results.runs, len(results.study.conditions) * results.study.seeds
    lines = []
    if len(runs) < planned:
        lines.append(f"This study is not finished: {len(runs)} of {planned} runs are done.")
    for name, group in groupby(results.missing, key=lambda each: each[0]):
        lines.append(f"Missing: {name}, {seeds_in_words([seed for _, seed in group])}.")
    lines += [f"Failed: {name}, seed {seed}: {line}" for name, seed, line in results.failures]
    for name, diverged in groupby((run for run in runs if run.diverged), key=lambda run: run.condition):
        seeds = [run.seed for run in diverged]
        lines.append(f"Diverged: {name}, {seeds_in_words(seeds)}; a loss that is no number has no mean.")
    for what in ("data", "versions"):
        known = [run.result[what] for run in runs]
        if any(each != known[0] for each in known):
            lines.append(f"Runs differ in their {what}, listed at the end; so may their numbers.")
    if others := left_out(results.study, results.folder):
        lines.append(f"Left out: finished runs in this folder that are not part of the study: {others}.")
    return lines


def compared_in_words(results: StudyResults, made: Mapping[str, Comparison], metric: str) -> str:
    """The verdicts by one metric as a sentence.

    Args:
        results: the study.
        made: its comparisons by that metric.
        metric: its name.

    Returns:
        A sentence, or what is missing for one.
    """
    study = results.study
    if not made:
        return f"{metric}: no seed that both {study.baseline} and another condition have, so nothing to compare."
    margin = f" within ±{study.margin:g}" if study.margin else ""
    forms = {
        "better": f"better than {study.baseline}",
        "worse": f"worse than {study.baseline}",
        "equivalent": f"equivalent to {study.baseline}{margin}",
        "inconclusive": f"inconclusive against {study.baseline}",
    }
    parts = []
    for verdict, words in forms.items():
        names = [name for name, one in made.items() if one.verdict == verdict]
        if names:
            parts.append(f"{listing(names)} {'is' if len(names) == 1 else 'are'} {words}")
    return f"{metric}: {'; '.join(parts)}."


def claims_in_words(judged: Sequence[Judgement]) -> str:
    """How many claims have which verdict; empty without claims."""
    counts = {verdict: sum(each.verdict == verdict for each in judged) for verdict in ("supported", "contradicted")}
    counts["undecided"] = len(judged) - sum(counts.values())
    texts = [f"{count} {verdict}" for verdict, count in counts.items() if count]
    return f"{listing(texts)}" if judged else ""


def single_model(results: StudyResults, selected: str | None) -> str | None:
    """Wilson's interval for the test accuracy of one model: the selected condition's with the first seed."""
    runs = results.of(selected) if selected else []
    if not runs or "test/accuracy" not in runs[0].result["test"]:
        return None
    n, accuracy = runs[0].result["data"]["sizes"]["test"], runs[0].result["test"]["test/accuracy"]
    right = round(accuracy * n)
    low, high = wilson(right, n)
    return (
        f"One model alone, {selected} with seed {runs[0].seed}, is right for {right} of {n} test examples: "
        f"{number(accuracy)}, 95 % Wilson interval {number(low)} to {number(high)}."
    )


def provenance(results: StudyResults) -> dict[str, Any]:
    """The data and versions of all runs, each once, in the order of the runs."""
    data: dict[str, tuple[str, str]] = {}
    for run in results.runs:
        sizes = ", ".join(f"{split} {size:,}" for split, size in run.result["data"]["sizes"].items())
        data[run.result["data"]["sha256"]] = (run.result["data"]["source"], sizes)
    versions = dict.fromkeys(
        ", ".join(f"{name} {version}" for name, version in run.result["versions"].items()) for run in results.runs
    )
    return {"data": data, "versions": list(versions)}
