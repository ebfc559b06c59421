import math
from collections.abc import Mapping

import numpy as np
import pytest

from hw1_lightning.study.claims import Values, judge
from hw1_lightning.study.quantities import reduce_curve
from hw1_lightning.study.specification import Check, Claim


def values_of(table: dict[str, list[float]]) -> Values:
    def values(condition: str, metric: str, take: str, last: int | None) -> Mapping[int, float]:
        return dict(enumerate(table[condition], start=1))

    return values


LOW, HIGH = [0.1, 0.2, 0.15, 0.12, 0.18, 0.11, 0.16], [0.5, 0.6, 0.55, 0.52, 0.58, 0.51, 0.56]
TABLE = {
    "low": LOW,
    "high": HIGH,
    "middle": [0.3, 0.4, 0.5, 0.6, 0.1, 0.2, 0.35],
    "few": HIGH[:5],
    "nan": [math.nan] * 7,
}


@pytest.mark.parametrize(
    ("check", "verdict", "words"),
    [
        (
            Check("val/accuracy", "high", than=("low",)),
            "supported",
            "low = +0.4 [+0.4, +0.4], p = 0.0156 (n = 7)",
        ),
        (Check("val/accuracy", "low", than=("high",)), "contradicted", "low minus high = -0.4"),
        (Check("val/accuracy", "low", than=("high",), higher=False), "supported", "p = 0.0156"),
        (Check("val/accuracy", "high", than=("low", "few")), "undecided", "high minus few = +0"),
        (Check("val/accuracy", "few", than=("low",)), "undecided", "so few seeds cannot reach 0.05"),
        (Check("val/accuracy", "nan", than=("low",)), "undecided", "not finite"),
        (Check("val/accuracy", "high", bound=0.4), "supported", "high minus 0.4"),
        (Check("val/accuracy", "high", bound=0.4, higher=False), "contradicted", "high minus 0.4"),
        (Check("val/accuracy", "middle", bound=0.35), "undecided", "middle minus 0.35"),
        (
            Check("val/loss", "low", "slope", 30, bound=0.0),
            "supported",
            "slope of val/loss over the last 30 epochs: low",
        ),
    ],
)
def test_a_check_is_judged_with_its_numbers(check: Check, verdict: str, words: str) -> None:
    judgement = judge(Claim("id", "says", (check,)), values_of(TABLE))
    assert judgement.verdict == verdict
    assert any(words in line for line in judgement.numbers)


def test_a_claim_holds_if_all_its_checks_do_and_falls_with_one() -> None:
    true, false = Check("val/accuracy", "high", than=("low",)), Check("val/accuracy", "low", than=("high",))
    unknown = Check("val/accuracy", "few", than=("low",))
    cases = ((true, true), (true, unknown), (unknown, false))
    verdicts = [judge(Claim("id", "says", checks), values_of(TABLE)).verdict for checks in cases]
    assert verdicts == ["supported", "undecided", "contradicted"]


def test_conditions_of_a_check_are_corrected_for() -> None:
    # Six seeds reach 0.03 against one condition; against two, 0.0625.
    table = {name: values[:6] for name, values in TABLE.items()}
    table["other"] = [value - 0.3 for value in table["high"]]
    one = judge(Claim("id", "says", (Check("m", "high", than=("low",)),)), values_of(table))
    two = judge(Claim("id", "says", (Check("m", "high", than=("low", "other")),)), values_of(table))
    assert (one.verdict, two.verdict) == ("supported", "undecided")


def test_quantities_of_a_curve() -> None:
    curve = [9.0, 4.0, 6.0, 5.0, 5.5]
    assert reduce_curve(curve) == 5.5
    assert (reduce_curve(curve, "min"), reduce_curve(curve, "max"), reduce_curve(curve, "max", 3)) == (4.0, 9.0, 6.0)
    assert reduce_curve(curve, "mean", 2) == 5.25
    assert reduce_curve(curve, "slope", 4) == pytest.approx(np.polyfit(range(4), curve[-4:], 1)[0])
    assert reduce_curve(curve, "roughness", 3) == pytest.approx((1 + 0.5) / 2)
    assert (reduce_curve([3.0], "slope"), reduce_curve([3.0], "roughness")) == (0.0, 0.0)
    assert math.isnan(reduce_curve([1.0, math.nan, 2.0], "max"))
    assert reduce_curve([math.nan, 1.0, 2.0], "max", 2) == 2.0
