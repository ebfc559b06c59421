"""The evidence of a number: how likely a program gives it, allowing for rounding and for other random numbers.

A hypothesis is a program, correct or mistaken. It is run once with the report's seed. Even if the hypothesis is right,
three things can differ in the program behind a report: its machine rounds otherwise, it visits the examples in another
order, or all its random numbers are others. How far each moves a number is measured with the correct program: by runs
whose first weights are changed in their last digit, by runs with another order, and by runs with other seeds.

Three numbers in a tuple belong to these three in this order.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import stdtr

from hw1_lightning.diagnosis.reported import Number
from hw1_lightning.diagnosis.shares import is_share

Three = tuple[float, float, float]
# How likely a program, right or wrong, draws its random numbers as the assignment's scripts do (so that only rounding
# differs); the same ones, but for the order of the examples; or others.
DRAWS: Three = (0.7, 0.15, 0.15)
# How likely a reported number is a slip of the pen.
SLIP = 0.01
# How likely a report defines one of its metrics in another way, such as a loss that includes the penalty.
REDEFINED = 0.05
# Reports average the loss of an epoch over minibatches or over examples, which differ by about so much.
LOSS_CONVENTION = 0.002
# Losses and norms of programs in float32 and float64 agree to about so much: after 20 epochs of single digits, the norm
# of logistic regression with an l2 penalty differs by 0.00013 of its value.
FLOAT32 = 2e-4


@dataclass(frozen=True)
class Spread:
    """How far correct programs differ in one number.

    Args:
        deviations: between the seed's run and runs that round otherwise, the root mean square; between runs with other
            orders, and between runs with other seeds, the standard deviations.
        freedom: degrees of freedom of each.
        unit: the least possible difference: one example, or one unit of the last reported digit; the latter also for
            an accuracy that is not a share of the examples.
    """

    deviations: Three
    freedom: tuple[int, int, int]
    unit: float


@dataclass(frozen=True)
class Program:
    """What a program, correct or mistaken, gives as one number.

    Args:
        values: with the report's seed; with other orders, and with other seeds, the means over its runs.
        runs: how many runs these means are over.
        own: standard deviation between its runs where that is known to be more than between correct ones.
    """

    values: Three
    runs: tuple[int, int, int] = (1, 1, 1)
    own: float = 0.0


def correct_program(
    number: Number, base: float, others: tuple[Sequence[float], Sequence[float], Sequence[float]], examples: int
) -> tuple[Program, Spread]:
    """Return what the correct program gives as one number, and how far correct programs differ.

    Args:
        number: as reported.
        base: what the correct program gives with the report's seed.
        others: what it gives when it rounds otherwise, with other orders, and with other seeds; NaN does not count.
        examples: how many examples an accuracy is a share of.
    """
    rounded, *drawn = ([each for each in found if math.isfinite(each - base)] for found in others)
    rounding = math.sqrt(sum((each - base) ** 2 for each in rounded) / len(rounded)) if rounded else 0.0
    orders, seeds = ([base, *found] for found in drawn)
    deviations = rounding, _deviation(orders), _deviation(seeds)
    freedom = max(len(rounded), 2), max(len(orders) - 1, 2), max(len(seeds) - 1, 2)
    program = Program((base, statistics.fmean(orders), statistics.fmean(seeds)), (1, len(orders), len(seeds)))
    return program, Spread(deviations, freedom, _unit(number, examples))


def _deviation(values: Sequence[float]) -> float:
    return statistics.stdev(values) if len(values) > 1 and math.isfinite(values[0]) else 0.0


def _unit(number: Number, examples: int) -> float:
    if number.metric.endswith("/accuracy"):
        # Shares are at least one example apart. What is not a share comes from other examples, in any number.
        return max(number.resolution, 1 / examples) if is_share(number, examples) else number.resolution
    relative = LOSS_CONVENTION if number.metric == "train/loss" else FLOAT32
    return max(number.resolution, relative * abs(number.value))


def log_likelihoods(number: Number, program: Program, spread: Spread) -> Three:
    """Return the log probabilities of the reported number for each kind of draws.

    Any number may be a slip of the pen, which has nothing to do with the program.

    Args:
        number: as reported.
        program: correct or mistaken.
        spread: of this number between correct programs.
    """
    unknown = math.exp(log_unknown(number, spread))
    masses = (_mass(number.value, *each, spread.unit) for each in _centers_and_scales(program, spread))
    same, order, seed = (math.log((1 - SLIP) * mass + SLIP * unknown) for mass in masses)
    return same, order, seed


def log_unknown(number: Number, spread: Spread) -> float:
    """Return the log probability of the reported number if nothing is known about the program.

    An accuracy may be anything from 0 to 1; a loss or a norm anything over four powers of ten.
    """
    if number.metric.endswith("/accuracy"):
        return math.log(min(1.0, spread.unit))
    return math.log(min(1.0, spread.unit / (max(abs(number.value), spread.unit) * 4 * math.log(10))))


def tails(number: Number, program: Program, spread: Spread) -> Three:
    """Return how often a program gives a number as far away as the reported one, or farther, for each kind of draws.

    Args:
        number: as reported.
        program: the correct one.
        spread: of this number.
    """
    found = (_tail(number.value, *each, spread.unit) for each in _centers_and_scales(program, spread))
    same, order, seed = found
    return same, order, seed


def _centers_and_scales(program: Program, spread: Spread) -> list[tuple[float, float, int]]:
    """Return center, scale and degrees of freedom of a number for each kind of draws."""
    rounding = math.hypot(spread.deviations[0], spread.unit / 8, program.own)
    found = [(program.values[0], rounding, spread.freedom[0])]
    for draws in (1, 2):
        one_run = math.hypot(spread.deviations[draws], rounding, spread.unit / 2)
        found.append((program.values[draws], one_run * math.sqrt(1 + 1 / program.runs[draws]), spread.freedom[draws]))
    return found


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
