import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from hw1_lightning.study.comparison import compare
from hw1_lightning.study.statistics import (
    holm,
    sign_flip_p,
    smallest_p,
    summarize,
    what_seeds_can_show,
    wilson,
)

differences = st.lists(st.integers(-20, 20).map(lambda n: n / 8), min_size=1, max_size=9)


def brute_force(values: list[float]) -> float:
    """The share of all sign choices whose sum is at least as far from 0; exact, since eighths add exactly."""
    choices = itertools.product((1, -1), repeat=len(values))
    sums = [abs(sum(sign * value for sign, value in zip(signs, values, strict=True))) for signs in choices]
    return sum(each >= abs(sum(values)) for each in sums) / len(sums)


@given(differences)
def test_sign_flip_counts_every_choice_of_signs(values: list[float]) -> None:
    p = sign_flip_p(values)
    assert p == brute_force(values)
    assert smallest_p(len(values)) <= p <= 1


@given(differences, st.floats(1e-3, 1e3))
def test_sign_flip_is_the_same_in_other_units_and_mirrored(values: list[float], factor: float) -> None:
    # Ties must stay ties although scaled sums round differently.
    assert sign_flip_p([factor * value for value in values]) == sign_flip_p(values) == sign_flip_p([-v for v in values])


def test_sign_flip_is_scipys_permutation_test() -> None:
    values = np.random.default_rng(0).normal(0.4, 1, 8)
    theirs = scipy.stats.permutation_test(
        (values, np.zeros(8)), lambda x, y, axis: (x - y).mean(axis), permutation_type="samples", vectorized=True
    )
    assert sign_flip_p(list(values)) == pytest.approx(theirs.pvalue)


def test_sign_flip_counts_a_million_million_choices() -> None:
    assert sign_flip_p([1.0] * 40) == 2 / 2**40
    # Of 40 signs, 30 or more alike: the binomial distribution's tails.
    assert sign_flip_p([1.0] * 30 + [-1.0] * 10) == pytest.approx(2 * scipy.stats.binom.cdf(10, 40, 0.5), rel=1e-12)


@pytest.mark.parametrize("values", [[], [1.0] * 41])
def test_sign_flip_refuses_what_it_cannot_count(values: list[float]) -> None:
    with pytest.raises(ValueError, match="1 to 40"):
        sign_flip_p(values)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=20))
def test_interval_is_students(values: list[float]) -> None:
    summary = summarize(values)
    error = scipy.stats.sem(values)
    assert (summary.mean, summary.sd) == pytest.approx((np.mean(values), np.std(values, ddof=1)), abs=1e-9)
    if error > 1e-9:
        expected = scipy.stats.t.interval(0.95, len(values) - 1, np.mean(values), error)
        assert (summary.low, summary.high) == pytest.approx(expected, abs=1e-9)


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    samples = np.random.default_rng(1).normal(3.0, 2.0, (4000, 5))
    covered = [summary.low <= 3.0 <= summary.high for summary in map(summarize, samples)]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.015)


def test_one_value_has_no_interval_and_a_diverged_one_no_mean() -> None:
    assert math.isnan(summarize([1.0]).low)
    assert math.isnan(summarize([1.0, math.nan]).mean)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_is_the_step_down_procedure(p_values: list[float]) -> None:
    corrected = holm(p_values)
    for level in (0.01, 0.05, 0.2, 0.7):
        rejected = set()
        for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
            if (len(p_values) - rank) * p_values[index] > level:
                break
            rejected.add(index)
        assert {index for index, p in enumerate(corrected) if p <= level} == rejected


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (10, 10), (37, 100), (1523, 3000)])
def test_wilson_is_scipys(successes: int, n: int) -> None:
    theirs = scipy.stats.binomtest(successes, n).proportion_ci(method="wilson")
    assert wilson(successes, n) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def seeds(*values: float) -> dict[int, float]:
    return dict(enumerate(values, start=1))


def test_verdicts() -> None:
    base = seeds(*[0.5, 0.51, 0.49, 0.5, 0.52, 0.48, 0.5])
    values = {
        "base": base,
        "up": {seed: value + 0.1 + seed / 1000 for seed, value in base.items()},
        "same": {seed: value + (-1) ** seed / 1000 for seed, value in base.items()},
        "noisy": {seed: value + (-1) ** seed / 10 for seed, value in base.items()},
    }
    found = compare(values, "base", higher_is_better=True, margin=0.01)
    assert {name: one.verdict for name, one in found.items()} == {
        "up": "better",
        "same": "equivalent",
        "noisy": "inconclusive",
    }
    assert (found["up"].wins, found["up"].p) == (7, 2 / 2**7)
    assert found["up"].p_holm == 3 * 2 / 2**7
    losses = compare(values, "base", higher_is_better=False)
    assert (losses["up"].verdict, losses["up"].wins, losses["same"].verdict) == ("worse", 0, "inconclusive")


def test_five_seeds_never_decide_and_nothing_is_said_of_what_diverged() -> None:
    base = seeds(1.0, 2.0, 3.0, 4.0, 5.0)
    values = {"base": base, "far": {seed: value + 100 for seed, value in base.items()}, "nan": seeds(math.nan, 1.0)}
    found = compare(values, "base", higher_is_better=True, margin=1e9)
    assert found["far"].p == 2 / 2**5
    assert found["far"].verdict == "equivalent"  # within that margin; never "better"
    assert (found["nan"].verdict, found["nan"].p) == ("inconclusive", 1.0)
    assert math.isnan(found["nan"].difference.mean)
    assert compare(values, "base", higher_is_better=False)["nan"].wins == 1, "what is no number wins nothing"


def test_only_seeds_that_both_have_are_compared() -> None:
    found = compare({"base": {1: 0.0, 2: 5.0}, "other": {2: 6.0, 3: 9.0}, "none": {7: 1.0}}, "base", True)
    assert found["other"].difference.n == 1
    assert found["other"].difference.mean == 1.0
    assert "none" not in found


@pytest.mark.parametrize(
    ("n", "comparisons", "words"),
    [
        (5, 2, "0.0625, 0.125 after correcting for 2 comparisons, so 5 seeds cannot reach 0.05; 7 seeds could"),
        (5, 1, "0.0625, so 5 seeds cannot reach 0.05; 6 seeds could"),
        (
            10,
            2,
            "0.00195, 0.00391 after correcting for 2 comparisons, so a difference that is the same",
        ),
    ],
)
def test_what_seeds_can_show(n: int, comparisons: int, words: str) -> None:
    assert words in what_seeds_can_show(n, comparisons)
