"""The former rule of hw1, for comparison: means, Student's t and the sign-flip test, corrected metric by metric.

`python -m benchmarks nulls` prints how often it was wrong.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

Floats = npt.NDArray[np.float64]


def sign_flip_p(differences: Floats) -> float:
    """Return the exact two-sided p of the sign-flip test on the mean (Fisher, The Design of Experiments, 1935, §21).

    Args:
        differences: one for each pair, at most 40.

    Returns:
        The share of all choices of signs whose sum is at least as far from zero.
    """
    least = abs(math.fsum(differences)) - 1e-12 * float(np.abs(differences).sum())
    if least <= 0:
        return 1.0
    half = len(differences) // 2
    left, right = _sums(differences[:half]), np.sort(_sums(differences[half:]))
    above = len(right) - np.searchsorted(right, least - left, "left")
    below = np.searchsorted(right, -least - left, "right")
    return float((above.sum() + below.sum()) / 2.0 ** len(differences))


def _sums(differences: Floats) -> Floats:
    sums = np.zeros(1)
    for difference in differences:
        sums = np.concatenate([sums + difference, sums - difference])
    return sums


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p corrected for several tests by Holm's method (Scandinavian Journal of Statistics 6, 1979)."""
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = largest
    return corrected


def t_interval(values: Floats, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return Student's interval of the mean along the last axis."""
    n = values.shape[-1]
    half = float(stdtrit(n - 1, (1 + confidence) / 2)) * values.std(-1, ddof=1) / math.sqrt(n)
    return values.mean(-1) - half, values.mean(-1) + half


def is_equivalent(differences: Floats, margin: float) -> npt.NDArray[np.bool_]:
    """Return whether two one-sided t tests at 5 % show equivalence along the last axis (Schuirmann 1987)."""
    low, high = t_interval(differences, 0.9)
    return (-margin < low) & (high < margin)
