"""Exact intervals and tests for a few seeds, without assumptions about their distribution.

If one run in ten collapses, Student's interval of the mean of ten covers the truth in 65 % of cases instead of 95 %.
The median, the value of the typical run, has an exact interval whatever the distribution.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# The probability with which a page may contain a false statement.
LEVEL = 0.05
MAX_SEEDS = 1000  # catches mistyped numbers


@dataclass(frozen=True)
class Interval:
    """An interval with its actual confidence, which may be lower than the requested one.

    Args:
        low, high: both ends; NaN if there is none.
        confidence: lower bound of the probability of covering the truth.
    """

    low: float
    high: float
    confidence: float

    def reaches(self, error: float) -> bool:
        """Return whether the interval misses the truth with at most this probability."""
        return 1 - self.confidence <= error * (1 + 1e-9)


@dataclass(frozen=True)
class Summary:
    """The summary of one number for each seed.

    Args:
        n: number of values.
        mean, sd: their mean and standard deviation (with n - 1).
        median: their median.
        interval: interval of the median.
        least, most: smallest and largest value.
    """

    n: int
    mean: float
    sd: float
    median: float
    interval: Interval
    least: float
    most: float


def summarize(values: Sequence[float], error: float = LEVEL) -> Summary:
    """Summarize one number for each seed.

    Args:
        values: at least one.
        error: probability with which the interval of the median may miss.

    Returns:
        The summary. If a value is not finite, as of a diverged run, everything is NaN: such a condition has no typical
        run to compare.

    Example:
        >>> summary = summarize([3.0, 1.0, 2.0])
        >>> summary.median, summary.interval
        (2.0, Interval(low=1.0, high=3.0, confidence=0.75))
    """
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        return Summary(len(array), math.nan, math.nan, math.nan, Interval(math.nan, math.nan, 0.0), math.nan, math.nan)
    sd = math.nan if len(array) < 2 else float(array.std(ddof=1)) if np.ptp(array) > 0 else 0.0  # not 1e-17
    middle, interval = float(np.median(array)), median_interval(values, error)
    return Summary(len(array), float(array.mean()), sd, middle, interval, float(array.min()), float(array.max()))


def interval_rank(n: int, error: float) -> int:
    """Return k such that the k-th smallest and k-th largest of n values bound the median.

    The k-th smallest value is above the median with the probability that fewer than k of n fair coins show heads.

    Args:
        n: number of values.
        error: probability with which the bounds may miss the median.

    Returns:
        k; 0 if even the smallest and the largest value miss the median more often.
    """
    from scipy.special import bdtr  # imported late because scipy is slow to import

    misses = 2 * bdtr(np.arange((n + 1) // 2), n, 0.5)  # of the first, the second, ... from both ends
    return int(np.count_nonzero(misses <= error * (1 + 1e-9)))


def median_interval(values: Sequence[float], error: float = LEVEL) -> Interval:
    """Return the exact interval of the median by order statistics.

    It assumes nothing about the distribution, not even that it is continuous (Thompson, Annals of Mathematical
    Statistics 7, 1936).

    Args:
        values: at least one, finite.
        error: probability with which it may miss the median.

    Returns:
        The narrowest such interval; with too few values the range, with its lower confidence; of one value NaN.
    """
    n = len(values)
    if n == 1:
        return Interval(math.nan, math.nan, 0.0)
    from scipy.special import bdtr

    k = max(1, interval_rank(n, error))
    ordered = sorted(values)
    return Interval(float(ordered[k - 1]), float(ordered[n - k]), float(1 - 2 * bdtr(k - 1, n, 0.5)))


def sign_p(differences: Sequence[float]) -> float:
    """Return the exact two-sided p of the sign test (Arbuthnott, Philosophical Transactions 27, 1710).

    If the median is zero, the signs of the differences are those of n fair coins. The test agrees with
    ``median_interval``: p is at most the error if and only if the interval excludes zero. Unlike the sign-flip test on
    the mean it does not assume symmetry. A difference of zero counts for neither side.

    Args:
        differences: at least one, finite.

    Returns:
        p, from 2 / 2^n to 1.

    Example:
        >>> sign_p([1.0, 2.0, 3.0])
        0.25
    """
    from scipy.special import bdtr

    array = np.asarray(differences)
    most = max(int((array > 0).sum()), int((array < 0).sum()))
    return min(1.0, float(2 * bdtr(len(array) - most, len(array), 0.5)))


def smallest_p(seeds: int) -> float:
    """Return the smallest p that a number of seeds can reach, when all differences have the same sign."""
    return min(1.0, 2.0 ** (1 - seeds))


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval for a share (Journal of the American Statistical Association 22, 1927).

    Args:
        successes: number of successes, 0 to n.
        n: number of trials, at least 1.

    Example:
        >>> low, high = wilson(90, 100)
        >>> round(low, 4), round(high, 4)
        (0.8256, 0.9448)
    """
    from scipy.stats import binomtest

    found = binomtest(successes, n).proportion_ci(1 - LEVEL, method="wilson")
    return float(found.low), float(found.high)


def upper_bound_of_share(successes: int, n: int) -> float:
    """Return the exact upper 95 % bound of a share (Clopper and Pearson, Biometrika 26, 1934).

    Args:
        successes: number of successes, 0 to n.
        n: number of trials, at least 1.

    Example:
        >>> round(upper_bound_of_share(0, 10), 4)
        0.2589
    """
    from scipy.stats import binomtest

    return float(binomtest(successes, n, alternative="less").proportion_ci(1 - LEVEL, method="exact").high)
