"""Intervals over seeds and examples."""

import math

import numpy as np
import pytest
import scipy.stats

from benchmarks.null_parts import examples
from hw1_lightning.statistics.intervals import LEVEL, median_interval, sign_p
from hw1_lightning.statistics.new_examples import (
    example_half_width,
    split_half_width,
    widened_interval,
    widened_p,
)


def test_the_half_width_from_examples_is_students() -> None:
    pairs = np.random.default_rng(0).integers(-1, 2, 180).astype(np.float64)
    # Two additional examples, at 1 and -1 around the mean, count in the sum of squares only.
    squares = ((pairs - pairs.mean()) ** 2).sum() + 2
    expected = scipy.stats.t.ppf(0.975, 179) * math.sqrt(squares / 179 / 180)
    assert example_half_width(pairs)(0.05) == pytest.approx(expected)


def test_conditions_that_agree_on_all_examples_have_a_half_width_above_zero() -> None:
    few, many = example_half_width(np.zeros(180))(0.05), example_half_width(np.zeros(18000))(0.05)
    assert few > 0.01 > many, "agreement on 180 examples does not imply equivalence within 0.01"


def test_splits_that_vary_have_nadeau_and_bengios_variance() -> None:
    values = [0.01, 0.03, 0.02, 0.05, 0.00, 0.04]
    share, n = 0.25, len(values)
    added = split_half_width(values, share)(0.05)
    naive = scipy.stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) / math.sqrt(n)
    corrected = scipy.stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) * math.sqrt(1 / n + share)
    assert math.hypot(naive, added) == pytest.approx(corrected)


def test_an_interval_is_widened_in_squares() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    assert (median_interval(values).low, median_interval(values).high) == (1.0, 7.0)
    interval = widened_interval(values, lambda _: 4.0, LEVEL)
    assert (interval.low, interval.high) == (4 - 5.0, 4 + 5.0)


def test_p_is_where_the_interval_touches_zero() -> None:
    values = [0.03, 0.05, 0.02, 0.04, 0.06, 0.05, 0.03, 0.04, 0.05, 0.02]
    half = example_half_width(np.random.default_rng(0).choice([-1.0, 0, 1], 300, p=[0.05, 0.85, 0.1]))
    p = widened_p(values, half)
    assert p > sign_p(values)
    assert widened_interval(values, half, p * 1.001).low > 0 > widened_interval(values, half, p * 0.999).low
    assert widened_p(values, lambda _: 0.0) == pytest.approx(sign_p(values), rel=1e-4)
    assert widened_p([1.0, -1.0, 0.0], half) == 1.0


@pytest.mark.slow
def test_equal_conditions_are_seldom_called_different_for_new_examples() -> None:
    table = examples(np.random.default_rng(0), 100)
    before, now = (table.heads.index(name) for name in ("sign-flip, before", "now, new examples"))
    assert max(float(row[before]) for row in table.rows) > 0.25
    assert max(float(row[now]) for row in table.rows) <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 100)
