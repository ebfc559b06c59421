"""Charts of a diagnosis: each number next to what correct and mistaken programs give, and curves by epoch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hw1_lightning.diagnosis.answers import ExperimentAnswer, NumberAnswer
from hw1_lightning.report.diagnosis.words import as_reported
from hw1_lightning.report.drawing import Line
from hw1_lightning.report.figures import Figure, figure_of

# The chart of a number, in pixels.
WIDTH, EDGE = 260, 8
SPREADS = 2  # standard deviations to each side
# Curves with fewer epochs are in the table alone.
FEWEST_EPOCHS = 4
LINES = ("a correct program", "reported", "with the mistake")


@dataclass(frozen=True)
class Strip:
    """Positions of a number's chart, in pixels; ``None`` where there is nothing to show.

    Args:
        reported: the reported number.
        correct: what the correct program gives.
        seeds, rounding: from and to; what other seeds and other machines give, two standard deviations to each side.
        explained: what the first explanation gives.
        nearest: what the nearest program gives, if the number is unexplained.
        ends: the values at both ends of the axis.
    """

    reported: float
    correct: float | None
    seeds: tuple[float, float] | None
    rounding: tuple[float, float] | None
    explained: float | None
    nearest: float | None
    ends: tuple[str, str]


def strip(answer: NumberAnswer) -> Strip:
    """Return the chart of a number, on an axis of its own."""
    number = answer.number
    seeds = _around(_over_seeds(answer), answer.seed_spread)
    rounding = _around(answer.correct, answer.rounding_spread)
    single = [number.value, answer.correct, answer.explained, answer.nearest]
    shown = [value for value in (*single, *(seeds or ()), *(rounding or ())) if _is_known(value)]
    low, high = min(shown), max(shown)
    # Numbers that agree are in the middle of an axis of a few units of their last digit.
    rest = max(0.0, 10 * number.resolution - (high - low)) / 2
    low, span = low - rest, max(high - low + 2 * rest, math.ulp(high))

    def place(value: float | None) -> float | None:
        return round(EDGE + (WIDTH - 2 * EDGE) * (value - low) / span, 1) if _is_known(value) else None

    def places(ends: tuple[float, float] | None) -> tuple[float, float] | None:
        return (place(ends[0]) or 0.0, place(ends[1]) or 0.0) if ends else None

    reported, correct, explained, nearest = (place(value) for value in single)
    texts = (as_reported(number, low), as_reported(number, low + span))
    return Strip(reported or 0.0, correct, places(seeds), places(rounding), explained, nearest, texts)


def _is_known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _around(middle: float, spread: float) -> tuple[float, float] | None:
    known = math.isfinite(middle) and math.isfinite(spread) and spread > 0
    return (middle - SPREADS * spread, middle + SPREADS * spread) if known else None


def _over_seeds(answer: NumberAnswer) -> float:
    return answer.correct if answer.seed_mean is None else answer.seed_mean


def curve_figures(answer: ExperimentAnswer, prefix: str) -> list[Figure]:
    """Draw each metric that an experiment gives for several epochs.

    Args:
        answer: the experiment.
        prefix: makes the charts' ids unique on a page.
    """
    by_metric: dict[str, list[NumberAnswer]] = {}
    for each in sorted(answer.numbers, key=lambda each: each.number.epoch or 0):
        if each.number.epoch is not None:
            by_metric.setdefault(each.number.metric, []).append(each)
    drawn = {metric: _lines(found) for metric, found in by_metric.items() if len(found) >= FEWEST_EPOCHS}
    return [figure_of(metric, lines, LINES, [], prefix) for metric, lines in drawn.items()]


def _lines(found: Sequence[NumberAnswer]) -> list[Line]:
    epochs = np.array([float(each.number.epoch or 0) for each in found])
    correct = _column([each.correct for each in found])
    seeds = _column([_over_seeds(each) for each in found])
    spread = SPREADS * np.nan_to_num(_column([each.seed_spread for each in found]))
    reported = _column([each.number.value for each in found])
    explained = _column([each.explained for each in found])
    lines = [Line(0, epochs, correct, seeds - spread, seeds + spread)]
    lines += [Line(index, epochs, values, values, values) for index, values in ((1, reported), (2, explained))]
    return [line for line in lines if np.isfinite(line.middle).any()]


def _column(values: Sequence[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([np.nan if value is None or not math.isfinite(value) else value for value in values])
