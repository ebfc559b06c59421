"""Exact intervals and tests against scipy and simulations."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from hw1_lightning.statistics.intervals import (
    interval_rank,
    median_interval,
    sign_p,
    smallest_p,
    summarize,
    upper_bound_of_share,
    wilson,
)

differences = st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=25)


@given(differences)
def test_p_is_that_of_a_binomial_test(values: list[float]) -> None:
    most = max(sum(value > 0 for value in values), sum(value < 0 for value in values))
    tail = scipy.stats.binomtest(most, len(values), alternative="greater").pvalue
    assert sign_p(values) == pytest.approx(min(1.0, 2 * tail), rel=1e-12)
    assert smallest_p(len(values)) <= sign_p(values) <= 1


@given(differences, st.sampled_from([0.05, 0.05 / 3, 0.05 / 7, 0.05 / 25, 0.3]))
def test_the_interval_excludes_zero_if_and_only_if_p_is_small(values: list[float], error: float) -> None:
    interval = median_interval(values, error)
    outside = interval.reaches(error) and not interval.low <= 0 <= interval.high
    assert outside == (sign_p(values) <= error * (1 + 1e-9))


@pytest.mark.parametrize("n", range(2, 41))
def test_the_interval_is_the_narrowest_with_its_confidence(n: int) -> None:
    values = [float(value) for value in range(n)]
    interval = median_interval(values)
    k = int(interval.low) + 1
    assert interval.high == n - k
    # It misses if fewer than k values are on one side of the median.
    assert interval.confidence == pytest.approx(1 - 2 * scipy.stats.binom.cdf(k - 1, n, 0.5))
    assert 1 - 2 * scipy.stats.binom.cdf(k, n, 0.5) < 0.95, "a narrower interval misses more often"
    assert interval.reaches(0.05) == (n >= 6)


def test_intervals_of_few_seeds_have_lower_confidence() -> None:
    assert median_interval([1.0, 2.0, 3.0, 4.0, 5.0]).confidence == 0.9375
    assert math.isnan(median_interval([1.0]).low)
    errors = {5: 0.05, 6: 0.05, 10: 0.05}
    assert [interval_rank(n, error) for n, error in errors.items()] == [0, 1, 2]
    assert (interval_rank(10, 0.05 / 25), interval_rank(10, 0.05 / 26)) == (1, 0)


@pytest.mark.parametrize("n", [5, 10, 20])
def test_the_interval_covers_the_median_whatever_the_distribution(n: int) -> None:
    rng = np.random.default_rng(0)
    collapsed = np.sort(rng.normal(0.9, 0.01, (50_000, n)) - 0.7 * (rng.random((50_000, n)) < 0.1), axis=1)
    truth = scipy.stats.norm.ppf(4 / 9) * 0.01 + 0.9  # nine tenths are normal: the median is their 4/9 quantile
    interval = median_interval([float(value) for value in range(n)])  # the ends are positions
    low, high = collapsed[:, int(interval.low)], collapsed[:, int(interval.high)]
    assert np.mean((low <= truth) & (truth <= high)) == pytest.approx(interval.confidence, abs=0.004)


def test_one_value_has_no_interval_and_a_diverged_one_no_summary() -> None:
    assert math.isnan(summarize([1.0]).interval.low)
    assert math.isnan(summarize([1.0, math.nan]).mean)
    assert math.isnan(summarize([1.0, math.nan]).median)


def test_a_summary_has_mean_spread_and_median() -> None:
    summary = summarize([4.0, 1.0, 2.0, 9.0])
    assert (summary.mean, summary.median, summary.least, summary.most) == (4.0, 3.0, 1.0, 9.0)
    assert summary.sd == pytest.approx(np.std([4, 1, 2, 9], ddof=1))


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (10, 10), (37, 100), (1523, 3000)])
def test_wilsons_interval_is_where_the_normal_test_gives_5_percent(successes: int, n: int) -> None:
    for end in wilson(successes, n):
        z = abs(successes / n - end) / math.sqrt(end * (1 - end) / n) if 0 < end < 1 else scipy.stats.norm.ppf(0.975)
        assert z == pytest.approx(scipy.stats.norm.ppf(0.975), rel=1e-6)


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (2, 10), (3, 5), (7, 40)])
def test_the_upper_bound_of_a_share_is_exact(successes: int, n: int) -> None:
    bound = upper_bound_of_share(successes, n)
    assert scipy.stats.binom.cdf(successes, n, bound) == pytest.approx(0.05)
    assert upper_bound_of_share(0, 10) == pytest.approx(1 - 0.05 ** (1 / 10)), "0 of 10 allows up to 26 %"
