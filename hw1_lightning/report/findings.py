"""The findings of a study in sentences: first warnings, then results."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, get_args

import numpy as np

from hw1_lightning.judgement.answers import independent_runs
from hw1_lightning.judgement.claims import Judged, Judgement
from hw1_lightning.judgement.comparison import Comparison
from hw1_lightning.metrics import LOWER_IS_BETTER
from hw1_lightning.report.circumstances import describe_differences
from hw1_lightning.statistics.intervals import wilson
from hw1_lightning.study.results import StudyResults
from hw1_lightning.study.words import format_seeds, listing, number


def selected_condition(results: StudyResults) -> str | None:
    """Return the condition with the best mean of the first metric, or ``None``.

    Only a validation metric selects, and a condition with a diverged run is never selected.
    """
    metric = results.study.metrics[0]
    if not metric.startswith("val/"):
        return None
    return _best({one.name: results.values(one.name, metric) for one in results.study.conditions}, metric)


def _best(values: Mapping[str, Mapping[int, float]], metric: str, without: int | None = None) -> str | None:
    """Return the condition with the best mean over all seeds but one."""
    means = {}
    for name, of_seed in values.items():
        counted = [value for seed, value in of_seed.items() if seed != without]
        if counted and all(map(math.isfinite, of_seed.values())):
            means[name] = float(np.mean(counted)) * (-1 if metric in LOWER_IS_BETTER else 1)
    return max(means, key=means.__getitem__, default=None)


def warnings(results: StudyResults) -> list[str]:
    """List what a reader must know first: diverged, missing, failed and copied runs, and other circumstances."""
    runs, planned = results.runs, sum(results.planned(condition.name) for condition in results.study.conditions)
    lines = []
    for name, diverged in groupby((run for run in runs if run.diverged), key=lambda run: run.condition):
        seeds = [run.seed for run in diverged]
        text = f"Diverged: {len(seeds)} of {len(results.of(name))} runs of {name}, {format_seeds(seeds)}. A run that"
        lines.append(f"{text} diverged has no value of any metric, so {name} is neither compared nor selected.")
    lines += [*_copies(results), *identical_conditions(results)]
    lines += [f"This study is not finished: {len(runs)} of {planned} runs are done."] if len(runs) < planned else []
    for name, group in groupby(results.missing, key=lambda each: each[0]):
        lines.append(f"Missing: {name}, {format_seeds([seed for _, seed in group])}.")
    lines += [f"Failed: {name}, seed {seed}: {line}" for name, seed, line in results.failures]
    return [*lines, *not_counted(results), *describe_differences(runs)]


def _copies(results: StudyResults) -> list[str]:
    """List conditions in which several seeds gave the same run."""
    lines = []
    for condition in results.study.conditions:
        seeds = [run.seed for run in results.of(condition.name) if not run.diverged]
        different = sum(not run.diverged for run in independent_runs(results, condition.name))
        if different < len(seeds):
            are = "are identical" if different == 1 else f"are only {different} different ones"
            lines.append(f"Copies: the {len(seeds)} runs of {condition.name} {are}; copies count as one observation.")
    return lines


def identical_conditions(results: StudyResults) -> list[str]:
    """List sets of conditions whose runs are bit-identical for each seed."""
    groups: list[list[str]] = []
    for condition in results.study.conditions:
        home = next((each for each in groups if results.identical(each[0], condition.name)), None)
        if home is None:
            groups.append(home := [])
        home.append(condition.name)
    return [
        f"Identical: the runs of {listing(names)} have the same numbers in every epoch, seed by seed. The options in "
        "which they differ changed nothing in training and validation; this is not evidence that they are equivalent."
        for names in groups
        if len(names) > 1
    ]


def not_counted(results: StudyResults) -> list[str]:
    """List the runs in the folder that do not count, one line for each condition and reason."""
    lines = []
    for what, found in (("not part of this study", results.stale), ("not done", results.unusable)):
        seeds: dict[tuple[str, str], list[int]] = {}
        for name, seed, why in found:
            seeds.setdefault((name, why), []).append(seed)
        lines += [f"Not counted, {what}: {name}, {format_seeds(of)}: {why}." for (name, why), of in seeds.items()]
    if not results.identified and results.runs:
        lines.append("Unknown: whether all runs are part of this study, because runs.json is missing or damaged.")
    return lines


def describe_comparisons(results: StudyResults, made: Mapping[str, Comparison], metric: str) -> str:
    """Describe the verdicts by one metric in a sentence."""
    baseline = results.study.baseline
    by_words: dict[str, list[str]] = {}
    for name, one in made.items():
        problem = one.answer.problem
        by_words.setdefault(f"not compared ({problem})" if problem else one.describe(baseline), []).append(name)
    if not by_words:
        return f"{metric}: no finished runs to compare with {baseline}."
    parts = [f"{listing(names)} {'is' if len(names) == 1 else 'are'} {words}" for words, names in by_words.items()]
    return f"{metric}: {'; '.join(parts)}."


def describe_judgement(judgement: Judgement) -> str:
    """Describe a judgement in a line for the terminal."""
    further = ", ".join(filter(None, (judgement.scope, "required" if judgement.claim.required else "")))
    return f"{judgement.verdict:<15}{judgement.claim.says}" + (f" ({further})" if further else "")


def describe_claims(judged: Sequence[Judgement]) -> str:
    """Count the claims with each verdict; empty without claims."""
    counts = Counter(each.verdict for each in judged)
    return listing([f"{counts[verdict]} {verdict}" for verdict in get_args(Judged) if counts[verdict]])


def single_model(results: StudyResults, selected: str | None) -> str | None:
    """Describe the test accuracy of a single model, the selected condition's with the first seed."""
    runs = results.of(selected) if selected else []
    if not runs or runs[0].result["test"].get("test/accuracy") is None:  # null if it is NaN
        return None
    n, accuracy = runs[0].result["data"]["sizes"]["test"], runs[0].result["test"]["test/accuracy"]
    right = round(accuracy * n)
    ends = " to ".join(map(number, wilson(right, n)))
    text = f"A single model, {selected} with seed {runs[0].seed}, classifies {right} of {n} test examples correctly"
    return f"{text}: {number(accuracy)}, 95 % Wilson interval {ends}."


def describe_selection(results: StudyResults, selected: str | None) -> str | None:
    """Describe how much the selection by the same seeds raises the test accuracy of the selected condition.

    For each seed, the other seeds select a condition, whose test accuracy with this seed counts (leave-one-out, the
    outer loop of nested cross-validation).

    Returns:
        A sentence; ``None`` if nothing was selected, or with fewer than three seeds or without test accuracies.
    """
    metric = results.study.metrics[0]
    names = [condition.name for condition in results.study.conditions]
    values = {name: results.values(name, metric) for name in names}
    tests = {name: results.values(name, "test/accuracy") for name in names}
    if selected is None or len(tests[selected]) < 3:
        return None
    if not all(math.isfinite(value) for of_seed in tests.values() for value in of_seed.values()):
        return None
    accuracies = []
    for seed in tests[selected]:
        chosen = _best(values, metric, without=seed)
        if chosen is None or seed not in tests[chosen]:
            return None
        accuracies.append(tests[chosen][seed])
    own, nested = (number(float(np.mean(each))) for each in ([*tests[selected].values()], accuracies))
    text = f"The mean test accuracy of {selected}, {own}, is optimistic, because the same seeds selected the condition."
    return f"{text} With each seed tested in the condition that the other seeds select, it is {nested}."


def provenance(results: StudyResults) -> dict[str, Any]:
    """Return the data and versions of all runs, each once, in the order of the runs."""
    data: dict[str, tuple[str, str]] = {}
    versions: dict[str, None] = {}
    for used, given in ((run.result["data"], run.result["versions"]) for run in results.runs):
        data[used["sha256"]] = used["source"], ", ".join(f"{split} {size:,}" for split, size in used["sizes"].items())
        versions[", ".join(f"{name} {version}" for name, version in given.items())] = None
    return {"data": data, "versions": list(versions)}
