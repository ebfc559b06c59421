"""What a few seeds can tell: intervals and exact tests."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# Every verdict is at this level, after correction.
LEVEL = 0.05
# All 2^n sign flips are counted, by halves of the pairs; beyond this many, a half takes more than tens of megabytes.
MAX_PAIRS = 40


@dataclass(frozen=True)
class Summary:
    """Mean of several seeds with its 95 % interval by Student's t, which supposes about normal values.

    Args:
        n: how many values.
        mean, sd: their mean and standard deviation (with n - 1).
        low, high: the interval; NaN for a single value.
        least, most: smallest and largest value.
    """

    n: int
    mean: float
    sd: float
    low: float
    high: float
    least: float
    most: float


def summarize(values: Sequence[float], confidence: float = 0.95) -> Summary:
    """Summarize one number a seed.

    Args:
        values: at least one.
        confidence: of the interval.

    Returns:
        The summary. A value that is not finite, of a run that diverged, makes mean and interval NaN: such a
        condition has no mean that could be compared.

    Example:
        >>> summary = summarize([1.0, 2.0, 3.0])
        >>> round(summary.mean, 3), round(summary.low, 3), round(summary.high, 3)
        (2.0, -0.484, 4.484)
    """
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        return Summary(len(array), *[math.nan] * 6)
    n, mean = len(array), float(array.mean())
    sd = float(array.std(ddof=1)) if n > 1 else math.nan
    half = t_quantile((1 + confidence) / 2, n - 1) * sd / math.sqrt(n) if n > 1 else math.nan
    return Summary(n, mean, sd, mean - half, mean + half, float(array.min()), float(array.max()))


def t_quantile(probability: float, degrees: int) -> float:
    """Quantile of Student's t distribution with so many degrees of freedom."""
    from scipy.special import stdtrit  # imported late, as all of scipy

    return float(stdtrit(degrees, probability))


def sign_flip_p(differences: Sequence[float]) -> float:
    """Exact two-sided p of the paired permutation test on the mean (Fisher, The Design of Experiments, 1935, §21).

    If a condition changed nothing, each difference could as well have had the other sign. p is the share of all 2^n
    choices of signs whose sum is at least as far from zero as the observed one.

    Args:
        differences: one a pair, 1 to 40 of them, finite.

    Returns:
        p, from 2 / 2^n (or 1 for all zeros) to 1.

    Raises:
        ValueError: if there are no pairs or too many.

    Example:
        >>> sign_flip_p([1.0, 2.0, 3.0])
        0.25
    """
    if not 1 <= len(differences) <= MAX_PAIRS:
        raise ValueError(f"{len(differences)} pairs; the exact test takes 1 to {MAX_PAIRS}")
    # Equal sums may differ in their last bits, by the order of additions.
    least = abs(math.fsum(differences)) - 1e-12 * sum(map(abs, differences))
    if least <= 0:
        return 1.0
    half = len(differences) // 2
    left, right = _sums(differences[:half]), np.sort(_sums(differences[half:]))
    above = len(right) - np.searchsorted(right, least - left, "left")
    below = np.searchsorted(right, -least - left, "right")
    return float((above.sum() + below.sum()) / 2.0 ** len(differences))


def _sums(differences: Sequence[float]) -> npt.NDArray[np.float64]:
    """The sums for all choices of signs."""
    sums = np.zeros(1)
    for difference in differences:
        sums = np.concatenate([sums + difference, sums - difference])
    return sums


def smallest_p(pairs: int) -> float:
    """The smallest p that so many pairs can reach: all differences have one sign."""
    return 2.0 ** (1 - pairs)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's correction for several tests at once (Scandinavian Journal of Statistics 6, 1979).

    Args:
        p_values: uncorrected, none NaN.

    Returns:
        The corrected ones in the same order: comparing them with a level errs once or more with at most that
        probability.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = largest
    return corrected


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval for a share (Journal of the American Statistical Association 22, 1927).

    Args:
        successes: how many, 0 to n.
        n: of how many, at least 1.

    Returns:
        Both ends.

    Example:
        >>> low, high = wilson(90, 100)
        >>> round(low, 4), round(high, 4)
        (0.8256, 0.9448)
    """
    z = 1.959963984540054  # the normal distribution's 97.5 % quantile
    share, z2 = successes / n, z * z / n
    centre = (share + z2 / 2) / (1 + z2)
    half = z / (1 + z2) * math.sqrt(share * (1 - share) / n + z2 / (4 * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def what_seeds_can_show(seeds: int, comparisons: int) -> str:
    """Say what so many paired seeds can and cannot show, with so many comparisons corrected for."""
    least = smallest_p(seeds)
    corrected = min(1.0, least * comparisons)
    enough = math.ceil(1 + math.log2(comparisons / LEVEL))
    text = f"{seeds} paired seeds: the smallest possible p is {least:.3g}"
    if comparisons > 1:
        text += f", {corrected:.3g} after correcting for {comparisons} comparisons"
    if corrected > LEVEL:
        return f"{text}, so {seeds} seeds cannot reach {LEVEL}; {enough} seeds could"
    return f"{text}, so a difference that is the same way in all seeds can reach {LEVEL}"
