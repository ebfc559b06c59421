"""One number from the curve of a metric: its final value, mean, slope and so on."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np


def slope(curve: Sequence[float]) -> float:
    """Return the slope of the least-squares line, in change per epoch; NaN for a single epoch."""
    if len(curve) < 2:
        return math.nan
    epochs = np.arange(len(curve)) - (len(curve) - 1) / 2
    return float(epochs @ np.asarray(curve) / (epochs @ epochs))


def roughness(curve: Sequence[float]) -> float:
    """Return the mean absolute change from one epoch to the next; NaN for a single epoch."""
    return float(np.abs(np.diff(curve)).mean()) if len(curve) > 1 else math.nan


# Those that require at least two epochs.
CHANGES = ("slope", "roughness")
# Those in the unit of the metric itself, so that the margin of an accuracy applies to them.
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
    """Reduce a curve to one number.

    Args:
        curve: a value for each epoch, at least one.
        take: a name of ``TAKES``: ``final``, ``min``, ``max``, ``mean``, ``slope`` (least squares, per epoch)
            or ``roughness`` (mean absolute change from one epoch to the next).
        last: how many epochs at the end count; ``None`` for all.

    Returns:
        The number; NaN if a value in those epochs is NaN, or if a single epoch has no such number.

    Example:
        >>> reduce_curve([5.0, 1.0, 2.0, 3.0], "slope", last=3)
        1.0
    """
    part = list(curve[-last:] if last else curve)
    return float("nan") if np.isnan(part).any() else float(TAKES[take](part))
