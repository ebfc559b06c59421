"""Evidence: probabilities of reported numbers, compared with a numerical integral and with hand-worked cases."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw1_lightning.diagnosis.evidence import Program, Spread, correct_program, log_likelihoods, log_unknown, tails
from hw1_lightning.diagnosis.reported import Number

ACCURACY = Number("val/accuracy", 0.5, 0.0001)
SPREAD = Spread(deviations=(0.002, 0.005, 0.01), freedom=(3, 2, 4), unit=0.001)


def test_deviations_of_the_correct_program() -> None:
    found, spread = correct_program(ACCURACY, 0.5, ([0.503, 0.496, 0.5], [0.51], [0.48, 0.52, 0.5]), examples=1404)
    assert found == Program((0.5, 0.505, 0.5), (1, 2, 4))
    assert spread.deviations[0] == pytest.approx(math.sqrt((0.003**2 + 0.004**2) / 3))
    assert spread.deviations[1] == pytest.approx(0.01 / math.sqrt(2))
    assert spread.deviations[2] == pytest.approx(math.sqrt(2 * 0.02**2 / 3))
    assert (spread.freedom, spread.unit) == ((3, 2, 3), 1 / 1404)


def test_runs_without_a_number_do_not_count() -> None:
    found, spread = correct_program(ACCURACY, 0.5, ([math.nan, 0.501], [math.nan], []), examples=10000)
    assert found == Program((0.5, 0.5, 0.5), (1, 1, 1))
    assert spread.deviations == pytest.approx((0.001, 0.0, 0.0))


@pytest.mark.parametrize(
    ("metric", "unit"),
    [("train/loss", 0.004), ("val/loss", 0.0004), ("weights/l2_norm", 0.0004), ("test/accuracy", 0.01)],
)
def test_least_difference_of_each_metric(metric: str, unit: float) -> None:
    spread = correct_program(Number(metric, 2.0, 0.0001), 2.0, ([], [], []), examples=100)[1]
    assert spread.unit == pytest.approx(unit)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_probabilities_sum_to_one(which: int) -> None:
    """Over all values a number can have, a unit apart; the part of slips is left out."""
    program = Program((0.5, 0.49, 0.48), (1, 4, 6))
    values = np.arange(-3000, 4001) * SPREAD.unit
    numbers = [Number("val/accuracy", float(value), 0.0001) for value in values]
    slip = 0.01 * SPREAD.unit
    total = sum(math.exp(log_likelihoods(number, program, SPREAD)[which]) - slip for number in numbers)
    assert total == pytest.approx(0.99, abs=1e-4)


@given(st.floats(0.0, 0.3), st.floats(0.0, 0.3))
def test_farther_numbers_are_less_likely(near: float, far: float) -> None:
    near, far = sorted((near, far))
    one, other = (log_likelihoods(ACCURACY, Program((0.5 + each,) * 3), SPREAD) for each in (near, far))
    assert all(a >= b - 1e-9 for a, b in zip(one, other, strict=True))


def test_a_slip_of_the_pen_bounds_the_evidence() -> None:
    number, nowhere = ACCURACY, Program((math.nan,) * 3)
    assert log_likelihoods(number, nowhere, SPREAD) == pytest.approx([math.log(0.01 * SPREAD.unit)] * 3)
    assert log_unknown(number, SPREAD) == pytest.approx(math.log(SPREAD.unit))


def test_unknown_losses_are_spread_over_four_powers_of_ten() -> None:
    number = Number("val/loss", 2.0, 0.001)
    spread = Spread((0, 0, 0), (3, 3, 3), 0.001)
    assert log_unknown(number, spread) == pytest.approx(math.log(0.001 / (2 * math.log(10**4))))


def test_tails_count_numbers_as_far_away_or_farther() -> None:
    program = Program((0.5, 0.5, 0.5), (1, 4, 6))
    assert tails(ACCURACY, program, SPREAD) == (1.0, 1.0, 1.0)
    same, order, seed = tails(Number("val/accuracy", 0.53, 0.0001), program, SPREAD)
    # Student's t with 3, 2 and 4 degrees of freedom, 0.0295 away: 14.6, 5.2 and 2.66 scales.
    assert same == pytest.approx(0.0007, abs=0.0002)
    assert order == pytest.approx(0.039, abs=0.005)
    assert seed == pytest.approx(0.055, abs=0.005)
    assert tails(ACCURACY, Program((math.nan, 0.5, 0.5)), SPREAD)[0] == 0


def test_numbers_left_to_chance_are_likelier() -> None:
    number = Number("test/accuracy", 0.2, 0.0001)
    certain, by_chance = (log_likelihoods(number, Program((0.17,) * 3, own=own), SPREAD) for own in (0.0, 0.02))
    assert by_chance[0] > certain[0] + 1
