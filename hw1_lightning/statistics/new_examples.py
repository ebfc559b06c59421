"""What the draw of the examples adds to the chance of the seeds.

Ten seeds on the same 180 examples tell what more seeds would give on these 180. For other examples the difference is
another one. Here the interval over seeds is widened by what the draw of examples does, seeds and examples being crossed
(each seed has classified each example). A bootstrap over both (Owen, The pigeonhole bootstrap, Annals of Applied
Statistics 1, 2007) does the same for the mean; with ten seeds its percentiles missed in up to 10 % of simulated
comparisons instead of 5 %, and this interval in at most 4 % (`python -m benchmarks nulls --rounds 10`).
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from hw1_lightning.statistics.intervals import Interval, median_interval

# Half the width, for a probability of missing, of the interval of a difference of which only the examples are drawn.
HalfWidth = Callable[[float], float]


def half_width_by_examples(differences: npt.NDArray[np.float64]) -> HalfWidth:
    """What the draw of the examples adds, known from which examples each run had right.

    Args:
        differences: for each example the mean over seeds of right in one condition minus right in the other, or minus
            a number; shape ``(n_examples,)``, at least two.

    Returns:
        t(n - 1) times sd / sqrt(n), by probability of missing. An example of 1 and one of -1 are added to the sum of
        squares: conditions that never differ on a few examples may differ on others. So do Bonett and Price (Journal
        of Educational and Behavioral Statistics 37, 2012) with the two counts of pairs that differ.
    """
    n = len(differences)
    error = math.sqrt((np.square(differences - differences.mean()).sum() + 2) / (n - 1) / n)
    return lambda missed: _t(missed, n - 1) * error


def half_width_by_splits(differences: Sequence[float], share: float) -> HalfWidth:
    """What the draw of the examples adds where each seed divides the data into training and validation anew.

    The divisions overlap, so seeds are not independent draws of data: the variance of a mean over n of them is
    (1/n + n_val/n_train) times that of one (Nadeau and Bengio, Machine Learning 52, 2003). The second part is meant.

    Args:
        differences: one a seed, at least two.
        share: n_val / n_train.

    Returns:
        t(n - 1) times sd times sqrt(share), by probability of missing.
    """
    n, error = len(differences), math.sqrt(share) * float(np.std(differences, ddof=1))
    return lambda missed: _t(missed, n - 1) * error


def widened_interval(differences: Sequence[float], half: HalfWidth, error: float) -> Interval:
    """Interval of the median difference when seeds and examples are both drawn anew.

    The distances from the median to both ends are added in squares to what the examples add (the method of variance
    estimates recovery: Zou and Donner, Statistics in Medicine 27, 2008).

    Args:
        differences: one a seed, at least two.
        half: what the examples add.
        error: how often the interval may miss.

    Returns:
        An interval around that over seeds alone.
    """
    middle, seeds, added = float(np.median(differences)), median_interval(differences, error), half(error)
    low, high = math.hypot(middle - seeds.low, added), math.hypot(seeds.high - middle, added)
    return Interval(middle - low, middle + high, seeds.confidence)


def widened_p(differences: Sequence[float], half: HalfWidth) -> float:
    """The smallest probability of missing at which ``widened_interval`` leaves zero out; 1 if there is none.

    Args:
        differences: one a seed, at least two.
        half: what the examples add.

    Returns:
        p, at least that of the sign test, to about six digits.
    """

    def shows(error: float) -> bool:
        interval = widened_interval(differences, half, error)
        return interval.reaches(error) and not interval.low <= 0 <= interval.high

    if not shows(1 - 1e-9):
        return 1.0
    low, high = 1e-12, 1 - 1e-9  # in between, the interval only grows as the error falls
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if shows(middle) else (middle, high)
    return high


def _t(missed: float, degrees: int) -> float:
    """Student's t that is exceeded in size with that probability."""
    from scipy.special import stdtrit  # imported late, as all of scipy

    return -float(stdtrit(degrees, missed / 2))
