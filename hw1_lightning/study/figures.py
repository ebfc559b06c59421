"""Curves of a study: mean over seeds with a 95 % band, one line a condition."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hw1_lightning.study.drawing import Array, Line, draw, is_logarithmic
from hw1_lightning.study.quantities import CURVES, LOWER_IS_BETTER
from hw1_lightning.study.results import Run, StudyResults
from hw1_lightning.study.statistics import t_quantile
from hw1_lightning.study.words import listing

# What is drawn, in this order: a title, and what exactly it is.
FIGURES = {
    "train/loss": ("Training loss", "mean over the minibatches of an epoch"),
    "val/loss": ("Validation loss", "after each epoch"),
    "val/accuracy": ("Validation accuracy", "after each epoch"),
    "train/accuracy": ("Training accuracy", "after each epoch, dropout off"),
    "weights/l2_norm": ("Weight norm", "Euclidean norm of all weights after each epoch"),
    "val/r2": ("Validation R\N{SUPERSCRIPT TWO}", "share of the targets' variance that is explained"),
    "train/excess_loss": ("Excess loss", "training loss above the least that is possible"),
}
SHARES = ("val/accuracy", "train/accuracy", "val/r2")  # never on a logarithmic axis


@dataclass(frozen=True)
class Figure:
    """A picture with what must stand beside it.

    Args:
        metric: what it shows.
        title: the same in words.
        caption: what exactly it shows, and how to read it.
        svg: the picture, to stand inside a page, with its own text alternative.
        alternative: that text.
    """

    metric: str
    title: str
    caption: str
    svg: str
    alternative: str


def figures(results: StudyResults) -> list[Figure]:
    """Draw every metric that was logged.

    Args:
        results: the study.

    Returns:
        A figure a metric: those of hw1's models in a fixed order, then what other models have logged.
    """
    logged = dict.fromkeys(name for run in results.runs for row in run.rows for name in row)
    own = [name for name in logged if name not in CURVES and name != "epoch" and not name.startswith("lr-")]
    return [made for metric in (*FIGURES, *own) if (made := _figure(results, metric)) is not None]


def band(curves: Sequence[Sequence[float]]) -> tuple[Array, Array]:
    """Mean of several curves and the half width of its 95 % interval by Student's t.

    Args:
        curves: one a seed; those that ended early, as by diverging, count while they last.

    Returns:
        Both by place; the half width is 0 where there is one curve only.
    """
    table = np.full((len(curves), max(map(len, curves))), np.nan)
    for row, curve in zip(table, curves, strict=True):
        row[: len(curve)] = curve
    table[~np.isfinite(table)] = np.nan
    count = np.isfinite(table).sum(0)
    mean = np.where(count > 0, np.nansum(table, 0) / np.maximum(count, 1), np.nan)
    variance = np.nansum((table - mean) ** 2, 0) / np.maximum(count - 1, 1)
    quantiles = np.array([t_quantile(0.975, int(n) - 1) if n > 1 else 0.0 for n in count])
    return mean, quantiles * np.sqrt(variance / np.maximum(count, 1))


def _figure(results: StudyResults, metric: str) -> Figure | None:
    names = [condition.name for condition in results.study.conditions]
    lines = [made for index, name in enumerate(names) if (made := _line(index, results.of(name), metric)) is not None]
    if not lines:
        return None
    title, what = FIGURES.get(metric, (metric, "as the model has logged it"))
    logarithmic = metric not in SHARES and is_logarithmic([line.mean for line in lines])
    caption = what + (", logarithmic scale" if logarithmic else "") + _cut_short(results)
    ends = " ".join(_in_words(names[line.index], line, metric) for line in lines)
    alternative = f"Line chart of {title.lower()} by epoch: {caption}. {ends}"
    texts = {"title": f"{title} by epoch", "desc": alternative}
    svg = draw(lines, logarithmic, re.sub(r"\W", "-", metric), texts)
    return Figure(metric, title, caption, svg, alternative)


def _line(index: int, runs: list[Run], metric: str) -> Line | None:
    """Mean and band of a condition; ``None`` without a finite value."""
    logged = [[row for row in run.rows if metric in row] for run in runs]
    logged = [rows for rows in logged if rows]
    if not logged:
        return None
    epochs = np.array([row["epoch"] for row in max(logged, key=len)])
    mean, half = band([[row[metric] for row in rows] for rows in logged])
    return Line(index, epochs, mean, mean - half, mean + half) if np.isfinite(mean).any() else None


def _cut_short(results: StudyResults) -> str:
    names = [one.name for one in results.study.conditions if any(run.diverged for run in results.of(one.name))]
    return f"; runs of {listing(names)} that diverged count until then" if names else ""


def _in_words(name: str, line: Line, metric: str) -> str:
    known = np.flatnonzero(np.isfinite(line.mean))
    first, last = known[0], known[-1]
    lower = metric in LOWER_IS_BETTER
    best = int((np.nanargmin if lower else np.nanargmax)(line.mean))
    extreme = "" if metric.startswith("weights") else f"{'least' if lower else 'greatest'} {_at(line, best)}, "
    return f"{name}: {_at(line, first)}, {extreme}{_at(line, last)}."


def _at(line: Line, place: int) -> str:
    return f"{line.mean[place]:.3g} after epoch {line.epochs[place]:.0f}"
