"""The evidence of a number: how likely a program gives it, allowing for rounding and for other random numbers.

A hypothesis is a program, correct or mistaken. It is run once with the report's seed. Two things can differ in the
program behind a report even if the hypothesis is right: its machine rounds otherwise, or it draws other random numbers
(from another generator, or in another order). How far each moves a number is measured with the correct program: by
runs whose first weights are changed in their last digit, and by runs with other seeds.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import stdtr

from hw1_lightning.diagnosis.reported import Number

# How likely a program is, right or wrong, to draw its random numbers as the assignment's scripts do.
SAME_DRAWS = 0.7
# How likely a reported number is a slip of the pen.
SLIP = 0.02
# How likely a report defines one of its metrics in another way, such as a loss that includes the penalty.
REDEFINED = 0.05
# A curve counts as at most so many numbers, for a program with the same draws and for one with others: what moves one
# epoch moves the next as well, and other draws move a whole curve.
NUMBERS_OF_A_CURVE = (4.0, 1.0)
# Reports average the loss of an epoch over minibatches or over examples, which differ by about so much.
LOSS_CONVENTION = 0.002
FLOAT32 = 1e-5  # sums of many numbers in float32 agree to about so much


@dataclass(frozen=True)
class Spread:
    """How far correct programs differ in one number.

    Args:
        rounding: root mean square of the differences between the seed's run and runs that round otherwise.
        rounding_runs: how many such runs there are.
        seeds: standard deviation over runs with other seeds.
        seed_runs: how many such runs there are.
        unit: the least possible difference: one example, or one unit of the last reported digit.
    """

    rounding: float
    rounding_runs: int
    seeds: float
    seed_runs: int
    unit: float


def spread_of(number: Number, base: float, rounded: Sequence[float], seeded: Sequence[float], examples: int) -> Spread:
    """Compute the spread of one number.

    Args:
        number: as reported.
        base: what the correct program gives with the report's seed.
        rounded: what it gives when it rounds otherwise.
        seeded: what it gives with other seeds.
        examples: how many examples an accuracy is a share of.
    """
    differences = [each - base for each in rounded if math.isfinite(each - base)]
    rounding = math.sqrt(sum(each**2 for each in differences) / len(differences)) if differences else 0.0
    finite = [each for each in seeded if math.isfinite(each)]
    seeds = statistics.stdev(finite) if len(finite) > 1 else 0.0
    return Spread(rounding, len(differences), seeds, len(finite), _unit(number, examples))


def _unit(number: Number, examples: int) -> float:
    if number.metric.endswith("/accuracy"):
        return max(number.resolution, 1 / examples)
    relative = LOSS_CONVENTION if number.metric == "train/loss" else FLOAT32
    return max(number.resolution, relative * abs(number.value))


@dataclass(frozen=True)
class Program:
    """What a program, correct or mistaken, gives as one number.

    Args:
        same: with the report's seed.
        other: with other random numbers, the mean over its runs.
        runs: how many runs that mean is over.
        own: standard deviation between its runs where that is known to be more than between correct ones.
    """

    same: float
    other: float
    runs: int
    own: float = 0.0


def log_likelihoods(number: Number, program: Program, spread: Spread) -> tuple[float, float]:
    """Return the log probabilities of the reported number for a program with the same and with other draws.

    Any number may be a slip of the pen, which has nothing to do with the program.

    Args:
        number: as reported.
        program: correct or mistaken.
        spread: of this number between correct programs.
    """
    unknown = math.exp(log_unknown(number, spread))
    masses = (_mass(number.value, *each, spread.unit) for each in _centers_and_scales(program, spread))
    same, other = (math.log((1 - SLIP) * mass + SLIP * unknown) for mass in masses)
    return same, other


def log_unknown(number: Number, spread: Spread) -> float:
    """Return the log probability of the reported number if nothing is known about the program.

    An accuracy may be anything from 0 to 1; a loss or a norm anything over four powers of ten.
    """
    if number.metric.endswith("/accuracy"):
        return math.log(min(1.0, spread.unit))
    return math.log(min(1.0, spread.unit / (max(abs(number.value), spread.unit) * 4 * math.log(10))))


def tails(number: Number, program: Program, spread: Spread) -> tuple[float, float]:
    """Return how often a program gives a number as far away as the reported one, or farther.

    Args:
        number: as reported.
        program: the correct one.
        spread: of this number.

    Returns:
        Two probabilities: with the same draws on another machine, and with other draws.
    """
    same, other = _centers_and_scales(program, spread)
    return _tail(number.value, *same, spread.unit), _tail(number.value, *other, spread.unit)


def _centers_and_scales(program: Program, spread: Spread) -> tuple[tuple[float, float, int], tuple[float, float, int]]:
    """Return center, scale and degrees of freedom of a number with the same and with other draws."""
    rounding = math.hypot(spread.rounding, spread.unit / 4, program.own)
    seeds = math.hypot(spread.seeds, spread.rounding, spread.unit / 2, program.own) * math.sqrt(1 + 1 / program.runs)
    same = program.same, rounding, max(spread.rounding_runs, 2)
    return same, (program.other, seeds, max(spread.seed_runs - 1, 2))


def _mass(value: float, center: float, scale: float, freedom: int, unit: float) -> float:
    """Return the probability that Student's t gives a number in the unit around a value."""
    if not math.isfinite(center):
        return 0.0
    low, high = abs(value - center) - unit / 2, abs(value - center) + unit / 2
    return max(float(stdtr(freedom, -low / scale) - stdtr(freedom, -high / scale)), 0.0)


def _tail(value: float, center: float, scale: float, freedom: int, unit: float) -> float:
    if not math.isfinite(center):
        return 0.0
    return min(1.0, 2 * float(stdtr(freedom, -max(abs(value - center) - unit / 2, 0.0) / scale)))
