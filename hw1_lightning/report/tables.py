"""The tables of a study's page, with formatted numbers."""

import math
import os
import statistics as averages
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hw1_lightning.judgement.answers import Answer, independent_runs
from hw1_lightning.judgement.collapse import describe_collapsed
from hw1_lightning.judgement.comparison import Comparison
from hw1_lightning.metrics import TESTED
from hw1_lightning.statistics.intervals import LEVEL, summarize
from hw1_lightning.study.results import Run, StudyResults
from hw1_lightning.study.words import DASH, Cell, confidence, format_cell, number

FILES = {"result.json": "result", "metrics.csv": "curves", "config.yaml": "options", "log.txt": "log"}
# The chart of a difference: width and half height in pixels, and space for the dot at both ends.
BAR_WIDTH, BAR_HALF, BAR_ROOM = 180, 9, 8


@dataclass(frozen=True)
class Column:
    """A column of the result table.

    Args:
        metric: a metric, or ``seconds``.
        reported: whether others reported it for a condition; their numbers are in the next column.
    """

    metric: str
    reported: bool

    @property
    def head(self) -> str:
        """Its heading."""
        return "seconds per run" if self.metric == "seconds" else self.metric


def columns(results: StudyResults) -> list[Column]:
    """Return the columns of the result table: the study's metrics, reported ones, test metrics, seconds."""
    reported = {name for condition in results.study.conditions for name in condition.reference}
    tested = {name for run in results.runs for name in run.result["test"]} & set(TESTED)
    tests = [name for name in (*TESTED, "test/loss") if name in tested | reported]
    others = reported - set(results.study.metrics)
    further = sorted(name for name in others if not name.startswith(("test/", "seconds")))
    names = [*results.study.metrics, *further, *tests, *({"seconds_per_epoch"} & others), "seconds"]
    return [Column(name, name in reported) for name in names]


def result_rows(results: StudyResults) -> list[dict[str, Any]]:
    """Return the result table: for each condition its name, slug, number of runs, notes and cells."""
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
    """Return notes on a condition's numbers: missing, copied, diverged and collapsed runs."""
    runs, planned = results.of(name), results.planned(name)
    diverged, lost = sum(run.diverged for run in runs), describe_collapsed(results, name)
    notes = ["baseline"] if name == results.study.baseline else []
    notes += [f"{len(runs)} of {planned} runs"] if len(runs) < planned else []
    different = len(independent_runs(results, name))
    same = f"{len(runs)} identical runs" if different == 1 else f"{different} different of {len(runs)} runs"
    notes += [same] if different < len(runs) else []
    notes += [f"{diverged} of {len(runs)} diverged"] if diverged else []
    epochs = sorted({run.result["epochs"] for run in runs if not run.diverged})
    notes += [f"runs of {epochs[0]} to {epochs[-1]} epochs"] if len(epochs) > 1 else []
    return notes + ([lost] if lost else [])


def _cell(results: StudyResults, name: str, metric: str) -> Cell:
    runs = results.of(name)
    if metric == "seconds":
        return Cell(f"{averages.median(run.result['seconds'] for run in runs):.1f}" if runs else DASH)
    different = independent_runs(results, name)
    values = [value for run in different if (value := run.quantity(metric)) is not None]
    split, _, kind = metric.partition("/")
    examples = runs[0].result["data"]["sizes"].get(split) if runs and kind == "accuracy" else None
    bad = "diverged" if any(run.diverged for run in different) else "undefined"
    return format_cell(values, examples if results.study.seeds == 1 else None, bad)


def comparison_rows(made: Mapping[str, Comparison], slugs: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the table of comparisons by one metric.

    Args:
        made: the comparisons by condition.
        slugs: the name of each condition's folder.

    Returns:
        For each condition texts by name, and the coordinates of its chart.
    """
    ends = [abs(end) for one in made.values() for end in _places(one).values()]
    scale = max([*ends, *(one.margin or 0.0 for one in made.values())], default=0.0) or 1.0
    rows = []
    for name, one in made.items():
        found, difference = one.answer, one.answer.difference
        row: dict[str, Any] = {"name": name, "slug": slugs[name], "kind": one.kind, "bar": _bar(one, scale)}
        row |= {"difference": DASH, "intervals": [], "p": DASH, "p_page": DASH, "p_examples": DASH, "wins": DASH}
        row["verdict"] = found.problem or one.describe()
        if difference is not None:
            row["difference"], row["intervals"] = f"{difference.median:+.4g}", _intervals(found)
            row["p"] = f"{found.p:.3g}"
            row["p_page"] = f"{min(1.0, found.p * LEVEL / found.error):.3g}"
            row["p_examples"] = DASH if found.p_examples is None else f"{found.p_examples:.3g}"
            row["wins"] = f"{one.wins} of {difference.n}" if one.is_judged else DASH
        rows.append(row)
    return rows


def _intervals(found: Answer) -> list[tuple[str, str]]:
    """Return, for each interval, what it is over and its ends."""
    assert found.difference is not None
    made = []
    for over, given in (("seeds", found.difference.interval), ("seeds and examples", found.examples)):
        if given is not None and math.isfinite(given.low):
            weak = "" if given.reaches(found.error) else f", {confidence(given)}"
            made.append((over, f"{given.low:+.4g} to {given.high:+.4g}{weak}"))
    return made


def _places(one: Comparison) -> dict[str, float]:
    """Return the numbers in the chart of a difference."""
    difference, examples = one.answer.difference, one.answer.examples
    if difference is None:
        return {}
    places = {"middle": difference.median, "low": difference.interval.low, "high": difference.interval.high}
    places |= {} if examples is None else {"lowest": examples.low, "highest": examples.high}
    return {name: x for name, x in places.items() if math.isfinite(x)}


def _bar(one: Comparison, scale: float) -> dict[str, float] | None:
    """Return the coordinates of a chart, with zero in the middle; ``None`` without a difference."""
    half, places = BAR_WIDTH / 2 - BAR_ROOM, _places(one)
    bar = {name: round(BAR_WIDTH / 2 + half * x / scale, 1) for name, x in places.items()}
    margin = round(half * (one.margin or 0) / scale, 1)
    return {"width": BAR_WIDTH, "half": BAR_HALF, **bar, "margin": margin} if bar else None


def spread_rows(results: StudyResults) -> list[dict[str, str]]:
    """Return the standard deviations over seeds, if conditions differ in what their seeds vary; else nothing."""
    if len({condition.vary for condition in results.study.conditions}) == 1:
        return []
    rows = []
    for condition in results.study.conditions:
        row = {"name": condition.name, "slug": condition.slug, "varies": ", ".join(condition.vary)}
        runs, different = results.of(condition.name), independent_runs(results, condition.name)
        row["seeds"] = f"{len(runs)}" + ("" if len(different) == len(runs) else f", {len(different)} different")
        for metric in results.study.metrics:
            values = [value for run in different if (value := run.quantity(metric)) is not None]
            row[metric] = number(summarize(values).sd) if len(values) > 1 else DASH
            if row[metric] == "nan":
                row[metric] = "diverged" if any(run.diverged for run in different) else "undefined"
        rows.append(row)
    return rows


def run_rows(results: StudyResults) -> list[dict[str, Any]]:
    """Return every finished and failed run with links to its files, without test metrics."""
    rows = []
    failed = {"path": "", "files": [], "metrics": [], "seconds": DASH}
    for condition in results.study.conditions:
        runs = [_run(run, results) for run in results.of(condition.name)]
        lines = [(seed, line) for name, seed, line in results.failures if name == condition.name]
        runs += [{"seed": seed, "status": f"failed: {line}", **failed} for seed, line in lines]
        runs.sort(key=lambda run: run["seed"])
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
