"""Which numbers of a run a study can speak of."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np


def slope(curve: Sequence[float]) -> float:
    """Slope of the least-squares line, change an epoch; NaN for a single epoch, which has none."""
    if len(curve) < 2:
        return math.nan
    epochs = np.arange(len(curve)) - (len(curve) - 1) / 2
    return float(epochs @ np.asarray(curve) / (epochs @ epochs))


def roughness(curve: Sequence[float]) -> float:
    """Mean absolute change from one epoch to the next; NaN for a single epoch, which has none."""
    return float(np.abs(np.diff(curve)).mean()) if len(curve) > 1 else math.nan


# What is taken of changes, and needs two epochs.
CHANGES = ("slope", "roughness")
# What has the unit of the metric itself, so that an accuracy's margin can be compared with it.
LEVELS = ("final", "min", "max", "mean")
TAKES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "final": lambda curve: curve[-1],
    "min": min,
    "max": max,
    "mean": lambda curve: float(np.mean(curve)),
    "slope": slope,
    "roughness": roughness,
}


def reduce_curve(curve: Sequence[float], take: str = "final", last: int | None = None) -> float:
    """Take one number of a curve.

    Args:
        curve: a value an epoch, at least one.
        take: a name of ``TAKES``: ``final``, ``min``, ``max``, ``mean``, ``slope`` (least squares, an epoch)
            or ``roughness`` (mean absolute change from one epoch to the next).
        last: of so many epochs at the end; ``None`` for all.

    Returns:
        The number; NaN if there is one in those epochs, or a change is asked of a single epoch.

    Example:
        >>> reduce_curve([5.0, 1.0, 2.0, 3.0], "slope", last=3)
        1.0
    """
    part = list(curve[-last:] if last else curve)
    return float("nan") if np.isnan(part).any() else float(TAKES[take](part))
