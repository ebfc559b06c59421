"""One page a study: what was run, what the evidence supports, what it cost."""

import csv
import io
import math
import statistics as averages
from pathlib import Path
from typing import Any

from hw1_lightning.files import replacing
from hw1_lightning.study.claims import Judgement, judge
from hw1_lightning.study.comparison import Comparison, compare
from hw1_lightning.study.figures import COLOURS, figures
from hw1_lightning.study.quantities import LOWER_IS_BETTER
from hw1_lightning.study.results import Run, StudyResults
from hw1_lightning.study.statistics import summarize, what_seeds_can_show, wilson
from hw1_lightning.study.words import in_words, number

TESTS = ("test/accuracy", "test/mse", "test/r2")


def judgements(results: StudyResults) -> list[Judgement]:
    """Judge every claim of a study by the runs there are."""
    return [judge(claim, results.values) for claim in results.study.claims]


def write_report(results: StudyResults) -> Path:
    """Write report.html, report.md and results.csv into the study's folder, each whole or not at all.

    Args:
        results: the study.

    Returns:
        The path of report.html, one file that needs nothing else.
    """
    import jinja2  # imported late: only a report needs it

    loader = jinja2.PackageLoader("hw1_lightning.study")
    page = contents(results)
    for name, escape in (("report.html", True), ("report.md", False)):
        environment = jinja2.Environment(
            loader=loader, autoescape=escape, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
        )
        text = environment.get_template(f"{name}.j2").render(page)
        _write(results.folder / name, text)
    _write(results.folder / "results.csv", _csv(results))
    return results.folder / "report.html"


def contents(results: StudyResults) -> dict[str, Any]:
    """Everything the templates show, computed and put into words.

    Args:
        results: the study.

    Returns:
        What the templates call by name.
    """
    study = results.study
    selected = selected_condition(results)
    return {
        "study": study,
        "rows": [_row(results, condition.name) for condition in study.conditions],
        "metrics": study.metrics,
        "test_metric": next((name for name in TESTS if any(name in run.result["test"] for run in results.runs)), None),
        "references": sorted({name for condition in study.conditions for name in condition.reference}),
        "selected": selected,
        "single_model": _single_model(results, selected),
        "comparisons": {metric: _comparisons(results, metric) for metric in study.metrics},
        "can_show": what_seeds_can_show(study.seeds, len(study.conditions) - 1),
        "spread": _spread(results),
        "judgements": judgements(results),
        "figures": figures(results),
        "colours": COLOURS,
        "failures": results.failures,
        "missing": results.missing,
        "diverged": [run for run in results.runs if run.diverged],
        "seconds": sum(run.result["seconds"] for run in results.runs),
        "epochs": sum(run.result["epochs"] for run in results.runs),
        "data": sorted({(run.result["data"]["source"], run.result["data"]["sha256"]) for run in results.runs}),
        "sizes": results.runs[0].result["data"]["sizes"] if results.runs else {},
        "versions": sorted({tuple(run.result["versions"].items()) for run in results.runs}),
    }


def selected_condition(results: StudyResults) -> str | None:
    """The condition whose first metric is best on average, the first of several; ``None`` without finite means."""
    metric = results.study.metrics[0]
    means = {}
    for condition in results.study.conditions:
        values = list(results.values(condition.name, metric).values())
        if values and math.isfinite(mean := summarize(values).mean):
            means[condition.name] = -mean if metric in LOWER_IS_BETTER else mean
    return max(means, key=means.__getitem__) if means else None


def _row(results: StudyResults, name: str) -> dict[str, Any]:
    runs = results.of(name)
    metrics = [*results.study.metrics, *TESTS]
    seconds = [run.result["seconds"] for run in runs]
    return {
        "name": name,
        "reference": results.study.condition(name).reference,
        "runs": [{"seed": run.seed, "path": _relative(run, results), "diverged": run.diverged} for run in runs],
        "seconds": averages.median(seconds) if seconds else math.nan,
        "cells": {metric: in_words(list(results.values(name, metric).values())) for metric in metrics},
    }


def _relative(run: Run, results: StudyResults) -> str:
    return run.folder.relative_to(results.folder).as_posix()


def _comparisons(results: StudyResults, metric: str) -> list[dict[str, str]]:
    values = {condition.name: results.values(condition.name, metric) for condition in results.study.conditions}
    margin = results.study.margin if metric.endswith("accuracy") else None
    if not values[results.study.baseline]:
        return []
    made = compare(values, results.study.baseline, metric not in LOWER_IS_BETTER, margin)
    return [_comparison(name, comparison, margin) for name, comparison in made.items()]


def _comparison(name: str, comparison: Comparison, margin: float | None) -> dict[str, str]:
    difference = comparison.difference
    finite = math.isfinite(difference.mean)
    words = {"equivalent": f"equivalent within {margin}"}.get(comparison.verdict, comparison.verdict)
    return {
        "name": name,
        "difference": f"{difference.mean:+.4g}" if finite else "diverged",
        "interval": f"{difference.low:+.4g} to {difference.high:+.4g}" if finite and difference.n > 1 else "",
        "p": f"{comparison.p:.3g}",
        "p_holm": f"{comparison.p_holm:.3g}",
        "wins": f"{comparison.wins} of {difference.n}",
        "verdict": words,
        "kind": comparison.verdict,
    }


def _single_model(results: StudyResults, selected: str | None) -> str | None:
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


def _spread(results: StudyResults) -> list[dict[str, str]]:
    """Standard deviation over seeds, where conditions differ in what varies."""
    if len({condition.vary for condition in results.study.conditions}) == 1:
        return []
    rows = []
    for condition in results.study.conditions:
        row = {"name": condition.name, "varies": ", ".join(condition.vary)}
        for metric in results.study.metrics:
            values = list(results.values(condition.name, metric).values())
            row[metric] = number(summarize(values).sd) if len(values) > 1 else "\N{EN DASH}"
        rows.append(row)
    return rows


def _csv(results: StudyResults) -> str:
    metrics = sorted({name for run in results.runs for name in (*run.result["final"], *run.result["test"])})
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["condition", "seed", "status", *metrics, "epochs", "seconds", "folder"])
    for run in results.runs:
        values = {**run.result["final"], **run.result["test"]}
        cells = [values.get(name, "") for name in metrics]
        ends = [run.result["epochs"], run.result["seconds"], _relative(run, results)]
        writer.writerow([run.condition, run.seed, run.result["status"], *cells, *ends])
    for condition, seed, _ in results.failures:
        writer.writerow([condition, seed, "failed", *[""] * (len(metrics) + 3)])
    return file.getvalue()


def _write(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")
