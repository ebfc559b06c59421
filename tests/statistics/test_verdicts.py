"""The rule that turns an interval into a verdict."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from hw1_lightning.statistics.verdicts import KINDS, Verdict, describe_verdict, verdict_of


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.02, 0.05, "better by more"),
        (0.005, 0.05, "better"),
        (0.0004, 0.0007, "better by less"),  # not better
        (-0.004, 0.005, "equivalent"),
        (0.0, 0.0, "equivalent"),
        (-0.004, 0.05, "inconclusive"),
        (-0.01, 0.005, "inconclusive"),
        (-0.0007, -0.0004, "worse by less"),
        (-0.05, -0.005, "worse"),
        (-0.05, -0.02, "worse by more"),
        (math.nan, math.nan, "inconclusive"),
    ],
)
def test_a_verdict_is_where_the_interval_is(low: float, high: float, verdict: Verdict) -> None:
    assert verdict_of(low, high, 0.01) == verdict
    mirrored = verdict.replace("better", "BETTER").replace("worse", "better").replace("BETTER", "worse")
    assert verdict_of(-high, -low, 0.01) == mirrored
    assert verdict_of(low, high, 0.01, higher_is_better=False) == mirrored


def test_without_a_margin_each_difference_counts() -> None:
    assert verdict_of(0.0004, 0.0007, None) == "better"
    assert verdict_of(-0.0001, 0.0001, None) == "inconclusive"


def test_no_verdict_is_false_if_the_interval_covers_the_truth() -> None:
    true: dict[Verdict, Callable[[float], bool]] = {
        "better by more": lambda d: d > 1, "better": lambda d: d > 0, "better by less": lambda d: 0 < d < 1,
        "equivalent": lambda d: abs(d) < 1, "worse by less": lambda d: -1 < d < 0, "worse": lambda d: d < 0,
        "worse by more": lambda d: d < -1, "inconclusive": lambda d: True,
    }  # fmt: skip
    ends = np.linspace(-3, 3, 25)
    for low in ends:
        for high in ends[ends >= low]:
            verdict = verdict_of(low, high, 1.0)
            assert all(true[verdict](truth) for truth in ends[(ends >= low) & (ends <= high)]), (low, high)


def test_verdicts_are_described() -> None:
    assert describe_verdict("better by more", 0.01, than="a") == "better than a by more than 0.01"
    assert describe_verdict("better by less", 0.01) == "better, but by less than 0.01, which counts as no difference"
    assert describe_verdict("equivalent", 0.01, than="a") == "equivalent to a within ±0.01 in the typical run"
    assert describe_verdict("worse", None, "for these validation examples") == "worse for these validation examples"
    assert KINDS["better by less"] == KINDS["worse by less"] == "equivalent", (
        "it counts as no difference in the chart too"
    )
