"""Evidence: probabilities of reported numbers, compared with a numerical integral and with hand-worked cases."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw1_lightning.diagnosis.evidence import Program, Spread, log_likelihoods, log_unknown, spread_of, tails
from hw1_lightning.diagnosis.reported import Number

ACCURACY = Number("val/accuracy", 0.5, 0.0001)
SPREAD = Spread(rounding=0.002, rounding_runs=3, seeds=0.01, seed_runs=5, unit=0.001)


def test_spread_of_differences_and_seeds() -> None:
    found = spread_of(ACCURACY, 0.5, [0.503, 0.496, 0.5], [0.48, 0.5, 0.52], examples=1404)
    assert found.rounding == pytest.approx(math.sqrt((0.003**2 + 0.004**2) / 3))
    assert found.seeds == pytest.approx(0.02)
    assert (found.rounding_runs, found.seed_runs, found.unit) == (3, 3, 1 / 1404)


def test_runs_without_a_number_do_not_count() -> None:
    found = spread_of(ACCURACY, 0.5, [math.nan, 0.501], [math.nan], examples=10000)
    assert found.rounding == pytest.approx(0.001)
    assert (found.rounding_runs, found.seeds, found.seed_runs) == (1, 0.0, 0)


@pytest.mark.parametrize(
    ("metric", "unit"),
    [("train/loss", 0.004), ("val/loss", 0.0001), ("weights/l2_norm", 0.0001), ("test/accuracy", 0.01)],
)
def test_least_difference_of_each_metric(metric: str, unit: float) -> None:
    assert spread_of(Number(metric, 2.0, 0.0001), 2.0, [], [], examples=100).unit == pytest.approx(unit)


@pytest.mark.parametrize("which", [0, 1])
def test_probabilities_sum_to_one(which: int) -> None:
    """Over all values a number can have, a unit apart; the part of slips is left out."""
    program = Program(0.5, 0.49, 5)
    values = np.arange(-3000, 4001) * SPREAD.unit
    numbers = [Number("val/accuracy", float(value), 0.0001) for value in values]
    slip = 0.02 * SPREAD.unit
    total = sum(math.exp(log_likelihoods(number, program, SPREAD)[which]) - slip for number in numbers)
    assert total == pytest.approx(0.98, abs=1e-4)


@given(st.floats(0.0, 0.3), st.floats(0.0, 0.3))
def test_farther_numbers_are_less_likely(near: float, far: float) -> None:
    near, far = sorted((near, far))
    one, other = (log_likelihoods(ACCURACY, Program(0.5 + each, 0.5 + each, 1), SPREAD) for each in (near, far))
    assert one[0] >= other[0] - 1e-9
    assert one[1] >= other[1] - 1e-9


def test_a_slip_of_the_pen_bounds_the_evidence() -> None:
    number, nowhere = ACCURACY, Program(math.nan, math.nan, 1)
    assert log_likelihoods(number, nowhere, SPREAD) == pytest.approx([math.log(0.02 * SPREAD.unit)] * 2)
    assert log_unknown(number, SPREAD) == pytest.approx(math.log(SPREAD.unit))


def test_unknown_losses_are_spread_over_four_powers_of_ten() -> None:
    number = Number("val/loss", 2.0, 0.001)
    assert log_unknown(number, Spread(0, 3, 0, 5, 0.001)) == pytest.approx(math.log(0.001 / (2 * math.log(10**4))))


def test_tails_count_numbers_as_far_away_or_farther() -> None:
    same, other = tails(ACCURACY, Program(0.5, 0.5, 5), SPREAD)
    assert (same, other) == (1.0, 1.0)
    same, other = tails(Number("val/accuracy", 0.53, 0.0001), Program(0.5, 0.5, 5), SPREAD)
    assert same < 0.01 < 0.03 < other < 0.1
    assert tails(ACCURACY, Program(math.nan, 0.5, 5), SPREAD)[0] == 0


def test_numbers_left_to_chance_are_likelier() -> None:
    number = Number("test/accuracy", 0.2, 0.0001)
    certain, by_chance = (log_likelihoods(number, Program(0.17, 0.17, 1, own), SPREAD) for own in (0.0, 0.02))
    assert by_chance[0] > certain[0] + 1
