"""Counts collapsed runs: those that learned almost nothing although others of their condition did."""

import math
from collections.abc import Mapping

from hw1_lightning.judgement.answers import independent_runs
from hw1_lightning.statistics.intervals import upper_bound_of_share
from hw1_lightning.study.results import Run, StudyResults

# A model whose accuracy is above chance by at most this has learned nothing.
LITTLE = 0.1


def collapsed(results: StudyResults, condition: str) -> int:
    """Count the runs of a condition, without copies, that diverged or learned less than half as much as its best run.

    What a run learned is how far its accuracy is above chance: the share of the most common class, which most collapsed
    models always predict. If even the best run is within 0.1 of chance, no run has collapsed. Without an accuracy among
    the study's metrics, only diverged runs count.
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
    """Return the share of the most common class in the test split; if unknown, 1 / number of classes, or 0."""
    classes = run.result.get("classes") or {}
    counts = [row.get("examples") for row in classes.values() if isinstance(row, Mapping)]
    known = [count for count in counts if isinstance(count, int) and count > 0]
    return max(known) / sum(known) if known else 1 / len(classes) if classes else 0.0


def describe_collapsed(results: StudyResults, condition: str) -> str:
    """Describe how many runs collapsed, with the exact bound of their share; empty for fewer than two runs."""
    runs, count = len(independent_runs(results, condition)), collapsed(results, condition)
    if runs < 2:
        return ""
    return f"{count} of {runs} collapsed; 95 % upper bound {100 * upper_bound_of_share(count, runs):.0f} %"
