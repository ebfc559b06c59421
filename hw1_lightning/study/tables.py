"""The tables of a study's page, their numbers put into words."""

import math
import os
import statistics as averages
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hw1_lightning.study.comparison import Comparison, compare
from hw1_lightning.study.quantities import LOWER_IS_BETTER
from hw1_lightning.study.results import Run, StudyResults
from hw1_lightning.study.statistics import summarize
from hw1_lightning.study.words import DASH, Cell, in_words, number

TESTS = ("test/accuracy", "test/mse", "test/r2")
FILES = {"result.json": "result", "metrics.csv": "curves", "config.yaml": "options", "log.txt": "log"}
# The picture of a difference: width and half height in pixels, and room for the dot at both ends.
BAR_WIDTH, BAR_HALF, BAR_ROOM = 180, 9, 8


@dataclass(frozen=True)
class Column:
    """A column of the result table.

    Args:
        metric: a metric, or ``seconds``.
        reported: whether others reported it for a condition; theirs stand in a column beside it.
    """

    metric: str
    reported: bool


def columns(results: StudyResults) -> list[Column]:
    """What the result table shows: the study's metrics, what others reported, the test split, seconds."""
    reported = {name for condition in results.study.conditions for name in condition.reference}
    tested = {name for run in results.runs for name in run.result["test"]} & set(TESTS)
    tests = [name for name in (*TESTS, "test/loss") if name in tested | reported]
    others = sorted(reported - set(results.study.metrics))
    further = [name for name in others if not name.startswith(("test/", "seconds"))]
    timed = [name for name in others if name == "seconds_per_epoch"]
    names = [*results.study.metrics, *further, *tests, *timed, "seconds"]
    return [Column(name, name in reported) for name in names]


def result_rows(results: StudyResults) -> list[dict[str, Any]]:
    """The result table: for each condition its name, its slug, how many runs, notes and a cell for each column."""
    return [
        {
            "name": condition.name,
            "slug": condition.slug,
            "runs": len(results.of(condition.name)),
            "notes": _notes(results, condition.name),
            "reference": {name: f"{value:g}" for name, value in condition.reference.items()},
            "cells": {column.metric: _cell(results, condition.name, column.metric) for column in columns(results)},
        }
        for condition in results.study.conditions
    ]


def _notes(results: StudyResults, name: str) -> list[str]:
    """What must be known of a condition's numbers: that they are of fewer runs, or of some that diverged."""
    runs, planned = results.of(name), results.planned(name)
    diverged = sum(run.diverged for run in runs)
    notes = ["baseline"] if name == results.study.baseline else []
    notes += [f"{len(runs)} of {planned} runs"] if len(runs) < planned else []
    return notes + ([f"{diverged} of {len(runs)} diverged"] if diverged else [])


def _cell(results: StudyResults, name: str, metric: str) -> Cell:
    runs = results.of(name)
    if metric == "seconds":
        return Cell(f"{averages.median(run.result['seconds'] for run in runs):.1f}" if runs else DASH)
    values = list(results.values(name, metric).values())
    split, _, kind = metric.partition("/")
    examples = runs[0].result["data"]["sizes"].get(split) if runs and kind == "accuracy" else None
    return in_words(values, examples if results.study.seeds == 1 else None)


def comparisons(results: StudyResults, metric: str) -> dict[str, Comparison]:
    """Every other condition that has a pair, against the baseline; equivalence only for accuracies."""
    study = results.study
    values = {condition.name: results.values(condition.name, metric) for condition in study.conditions}
    margin = study.margin if metric.endswith("accuracy") else None
    return compare(values, study.baseline, metric not in LOWER_IS_BETTER, margin)


def comparison_rows(made: Mapping[str, Comparison], slugs: Mapping[str, str], margin: float | None) -> list[Any]:
    """The table of comparisons by one metric.

    Args:
        made: by condition.
        slugs: name of each condition's folder.
        margin: what counts as no difference; ``None`` where that is not judged.

    Returns:
        A dictionary of texts a condition, with the coordinates of its picture.
    """
    differences = [one.difference for one in made.values()]
    ends = [abs(end) for one in differences for end in (one.mean, one.low, one.high) if math.isfinite(end)]
    scale = max([*ends, margin or 0.0]) or 1.0
    return [
        {
            "name": name,
            "slug": slugs[name],
            "difference": f"{one.difference.mean:+.4g}" if math.isfinite(one.difference.mean) else "diverged",
            "interval": _signed_interval(one),
            "p": _p(one, one.p),
            "p_holm": _p(one, one.p_holm),
            "wins": f"{one.wins} of {one.difference.n}",
            "verdict": f"equivalent within ±{margin:g}" if one.verdict == "equivalent" else one.verdict,
            "kind": one.verdict,
            "bar": _bar(one, scale, margin),
        }
        for name, one in made.items()
    ]


def _p(one: Comparison, p: float) -> str:
    return f"{p:.3g}" if math.isfinite(one.difference.mean) else DASH


def _signed_interval(one: Comparison) -> str:
    difference = one.difference
    return f"{difference.low:+.4g} to {difference.high:+.4g}" if math.isfinite(difference.low) else ""


def _bar(one: Comparison, scale: float, margin: float | None) -> dict[str, float] | None:
    """Where the mean, the ends of the interval and the margin are drawn; zero is in the middle."""
    difference = one.difference
    if not math.isfinite(difference.mean):
        return None
    half = BAR_WIDTH / 2 - BAR_ROOM
    places = {"mean": difference.mean, "low": difference.low, "high": difference.high}
    bar = {name: round(BAR_WIDTH / 2 + half * x / scale, 1) for name, x in places.items() if math.isfinite(x)}
    return {"width": BAR_WIDTH, "half": BAR_HALF, **bar, "margin": round(half * (margin or 0) / scale, 1)}


def spread_rows(results: StudyResults) -> list[dict[str, str]]:
    """Standard deviation over seeds by condition, where conditions differ in what varies; else nothing."""
    if len({condition.vary for condition in results.study.conditions}) == 1:
        return []
    rows = []
    for condition in results.study.conditions:
        row = {"name": condition.name, "slug": condition.slug, "varies": ", ".join(condition.vary)}
        row["seeds"] = str(len(results.of(condition.name)))
        for metric in results.study.metrics:
            values = list(results.values(condition.name, metric).values())
            row[metric] = number(summarize(values).sd) if len(values) > 1 else DASH
            if row[metric] == "nan":
                row[metric] = "diverged"
        rows.append(row)
    return rows


def run_rows(results: StudyResults) -> list[dict[str, Any]]:
    """Every run that is there, failed or not, with links to its files; validation only, no test."""
    rows = []
    for condition in results.study.conditions:
        runs = [_run(run, results) for run in results.of(condition.name)]
        failed = [
            {"seed": seed, "status": f"failed: {line}", "path": "", "files": [], "metrics": [], "seconds": DASH}
            for name, seed, line in results.failures
            if name == condition.name
        ]
        runs = sorted([*runs, *failed], key=lambda run: run["seed"])
        rows.append({"name": condition.name, "slug": condition.slug, "runs": runs})
    return rows


def _run(run: Run, results: StudyResults) -> dict[str, Any]:
    path = quote(os.fsencode(os.path.relpath(run.folder, results.folder)), safe="/=+")
    values = [run.quantity(metric) for metric in results.study.metrics]
    return {
        "seed": run.seed,
        "status": "" if run.result["status"] == "finished" else run.result["status"],
        "path": path,
        "files": [(f"{path}/{file}", word) for file, word in FILES.items() if (run.folder / file).is_file()],
        "metrics": [DASH if value is None else number(value) if math.isfinite(value) else "nan" for value in values],
        "seconds": f"{run.result['seconds']:.1f}",
    }
