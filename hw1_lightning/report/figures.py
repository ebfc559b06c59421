"""The curves of a study: for each condition the median over seeds with a 95 % band."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hw1_lightning.judgement.answers import independent_runs
from hw1_lightning.metrics import CURVES, LOWER_IS_BETTER, METRICS, Metric
from hw1_lightning.report.drawing import Array, Line, draw, is_logarithmic
from hw1_lightning.statistics.intervals import LEVEL, interval_rank
from hw1_lightning.study.results import Run, StudyResults
from hw1_lightning.study.words import listing

FIGURES = {metric.name: metric for metric in METRICS if metric.title}


@dataclass(frozen=True)
class Figure:
    """A chart with its texts.

    Args:
        metric: the metric.
        title: the metric in words.
        caption: what exactly it shows.
        svg: the chart as an element of a page, with its description.
    """

    metric: str
    title: str
    caption: str
    svg: str


def figures(results: StudyResults) -> list[Figure]:
    """Draw a figure for each metric that was logged."""
    names = [condition.name for condition in results.study.conditions]
    diverged = [name for name in names if any(run.diverged for run in results.of(name))]
    return [figure_of(metric, lines, names, diverged) for metric, lines in curves_of(results).items()]


def curves_of(results: StudyResults) -> dict[str, list[Line]]:
    """Return the lines of each figure by metric: first the metrics of hw1's models, then those of other models."""
    logged = dict.fromkeys(name for run in results.runs for row in run.rows for name in row)
    own = [name for name in logged if name not in CURVES and name != "epoch" and not name.startswith("lr-")]
    different = [independent_runs(results, condition.name) for condition in results.study.conditions]
    found = {}
    for metric in (*FIGURES, *own):
        lines = [_line(index, runs, metric) for index, runs in enumerate(different)]
        if drawn := [line for line in lines if line is not None]:
            found[metric] = drawn
    return found


def band(curves: Sequence[Sequence[float]]) -> tuple[Array, Array, Array]:
    """Return the median of several curves and its exact 95 % interval for each epoch.

    Args:
        curves: one for each seed; shorter ones, as of diverged runs, count as long as they last.

    Returns:
        The median, and both ends of its interval: the range where there are too few curves for 95 %, and the median
        itself for a single curve.
    """
    table = np.full((len(curves), max(map(len, curves))), np.nan)
    for row, curve in zip(table, curves, strict=True):
        row[: len(curve)] = curve
    known = np.isfinite(table)
    count, table = known.sum(0), np.sort(np.where(known, table, np.inf), 0)  # unknown values come last
    cut = {int(n): max(1, interval_rank(int(n), LEVEL)) for n in count}
    first = np.array([cut[int(n)] - 1 for n in count])
    places = [first, (count - 1) // 2, count // 2, count - 1 - first]
    low, left, right, high = (np.take_along_axis(table, np.maximum(place, 0)[None], 0)[0] for place in places)
    low, middle, high = (np.where(count > 0, each, np.nan) for each in (low, left / 2 + right / 2, high))
    return middle, low, high


def figure_of(
    metric: str, lines: Sequence[Line], names: Sequence[str], diverged: Sequence[str], prefix: str = ""
) -> Figure:
    """Draw a figure.

    Args:
        metric: the metric.
        lines: at least one.
        names: all conditions, by the lines' indices.
        diverged: those with runs that diverged.
        prefix: makes the chart's ids unique on a page with several studies.
    """
    known = FIGURES.get(metric, Metric(metric, "higher", title=metric, caption="as the model has logged it"))
    title, logarithmic = known.title, not known.share and is_logarithmic([line.middle for line in lines])
    caption = known.caption + (", logarithmic scale" if logarithmic else "") + _cut_short(diverged)
    ends = " ".join(_describe(names[line.index], line, metric) for line in lines)
    texts = {"title": f"{title} by epoch", "desc": f"Line chart of {title.lower()} by epoch: {caption}. {ends}"}
    return Figure(metric, title, caption, draw(lines, logarithmic, re.sub(r"\W", "-", prefix + metric), texts))


def _line(index: int, runs: list[Run], metric: str) -> Line | None:
    """Return median and band of a condition; ``None`` if no value is finite."""
    logged = [rows for run in runs if (rows := [row for row in run.rows if metric in row])]
    if not logged:
        return None
    epochs = np.array([row["epoch"] for row in max(logged, key=len)])
    middle, low, high = band([[row[metric] for row in rows] for rows in logged])
    return Line(index, epochs, middle, low, high) if np.isfinite(middle).any() else None


def _cut_short(names: Sequence[str]) -> str:
    return f"; diverged runs of {listing(names)} count until they end" if names else ""


def _describe(name: str, line: Line, metric: str) -> str:
    known = np.flatnonzero(np.isfinite(line.middle))
    first, last = known[0], known[-1]
    lower = metric in LOWER_IS_BETTER
    best = int((np.nanargmin if lower else np.nanargmax)(line.middle))
    extreme = "" if metric.startswith("weights") else f"{'minimum' if lower else 'maximum'} {_at(line, best)}, "
    return f"{name}: {_at(line, first)}, {extreme}{_at(line, last)}."


def _at(line: Line, place: int) -> str:
    return f"{line.middle[place]:.3g} after epoch {line.epochs[place]:.0f}"
