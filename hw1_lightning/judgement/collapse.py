"""Runs that collapsed: those that learned hardly anything, though others of the same condition did."""

import math
from collections.abc import Mapping

from hw1_lightning.judgement.answers import independent_runs
from hw1_lightning.statistics.intervals import upper_bound_of_share
from hw1_lightning.study.results import Run, StudyResults

# An accuracy that is above chance by no more than this has not been learned.
LITTLE = 0.1


def collapsed(results: StudyResults, condition: str) -> int:
    """How many different runs of a condition diverged, or learned less than half of what its best run learned.

    What a run learned is how far its accuracy is above chance, that of always answering the most common class: the
    accuracy of most runs that collapsed. Where even the best run is within 0.1 of chance, nothing was learned that
    others could lack. Without an accuracy among the study's metrics, only runs that diverged are counted.

    Args:
        results: the study.
        condition: name of the condition.

    Returns:
        The number.
    """
    runs = independent_runs(results, condition)
    diverged = sum(run.diverged for run in runs)
    metric = next((name for name in results.study.metrics if name.endswith("/accuracy")), None)
    if metric is None:
        return diverged
    chance = max(map(_chance, runs), default=0.0)
    values = [value for run in runs if (value := run.quantity(metric)) is not None]
    learned = [value - chance for value in values if math.isfinite(value)]
    best = max(learned, default=0.0)
    return diverged + (sum(one < best / 2 for one in learned) if best > LITTLE else 0)


def _chance(run: Run) -> float:
    """The share of the most common class among test examples; 1 / number of classes, or 0, where less is known."""
    classes = run.result.get("classes") or {}
    counts = [row.get("examples") for row in classes.values() if isinstance(row, Mapping)]
    known = [count for count in counts if isinstance(count, int) and count > 0]
    return max(known) / sum(known) if known else 1 / len(classes) if classes else 0.0


def describe_collapsed(results: StudyResults, condition: str) -> str:
    """The number of runs that collapsed, and the exact bound of their share; empty for less than two runs."""
    runs, count = len(independent_runs(results, condition)), collapsed(results, condition)
    if runs < 2:
        return ""
    return f"{count} of {runs} collapsed; at most {100 * upper_bound_of_share(count, runs):.0f} % of all runs do"
