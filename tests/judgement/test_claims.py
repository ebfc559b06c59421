"""Claims: their verdicts and numbers."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.made_up import MadeUp
from hw1_lightning.judgement.claims import Judgement, judge, quantity
from hw1_lightning.study.quantities import reduce_curve
from hw1_lightning.study.results import StudyResults
from hw1_lightning.study.specification import Check, Claim
from tests.study.made_up_runs import condition, study_of

TEXT = "title: t\nseeds: 10\nmetrics: [val/accuracy]\nbaseline: low\nconditions: {low: {}, high: {}, middle: {}}\n"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> StudyResults:
    from benchmarks.made_up import write_study

    runs = {"low": condition(0.1), "high": condition(0.9), "middle": condition(0.3)[:5] + condition(0.5)[5:]}
    return write_study(tmp_path_factory.mktemp("study"), TEXT, runs)


def judged(results: StudyResults, *checks: Check) -> Judgement:
    claim = Claim("id", "says", checks)
    return judge(replace(results, study=replace(results.study, claims=(claim,))), claim)


@pytest.mark.parametrize(
    ("check", "verdict", "words"),
    [
        (
            Check("val/accuracy", "high", than=("low",)),
            "supported",
            "final val/accuracy: high minus low: median +0.8 [+0.8, +0.8], p = 0.00195 over seeds",
        ),
        (Check("val/accuracy", "low", than=("high",)), "contradicted", "low minus high: median -0.8"),
        (Check("val/accuracy", "low", than=("high",), higher=False), "supported", "; as claimed"),
        (Check("val/accuracy", "middle", bound=0.405), "undecided", "middle minus 0.405"),
        (Check("val/accuracy", "high", bound=0.4), "supported", "high minus 0.4"),
        (Check("val/accuracy", "high", bound=0.4, higher=False), "contradicted", "; the opposite"),
        (
            Check("val/loss", "low", "slope", 30, bound=0.0, higher=False),
            "supported",
            "slope of val/loss over the last 3 epochs: low minus 0",
        ),
    ],
)
def test_a_check_is_judged_with_its_numbers(check: Check, verdict: str, words: str, results: StudyResults) -> None:
    judgement = judged(results, check)
    assert judgement.verdict == verdict
    assert any(words in line for line in judgement.numbers), judgement.numbers


def test_a_claim_holds_if_all_its_checks_do_and_falls_with_one(results: StudyResults) -> None:
    true, false = Check("val/accuracy", "high", than=("low",)), Check("val/accuracy", "low", than=("high",))
    unknown = Check("val/accuracy", "middle", bound=0.405)
    verdicts = [judged(results, *checks).verdict for checks in ((true, true), (true, unknown), (unknown, false))]
    assert verdicts == ["supported", "undecided", "contradicted"]


def test_all_differences_of_the_page_are_corrected_for(results: StudyResults) -> None:
    """Ten seeds reach p = 0.00195, which is small enough among 25 differences, but not among 26."""
    check = Check("val/accuracy", "high", than=("low",))
    others = [Check("val/loss", "low", "slope", last, bound=0.0, higher=False) for last in range(2, 26)]
    for number, verdict in ((23, "supported"), (24, "undecided")):
        assert judged(results, check, *others[:number]).verdict == verdict  # two more are compared


def slopes_of(values: np.ndarray) -> list[MadeUp]:
    runs = condition(0.5, len(values))
    return [
        replace(run, curves={**run.curves, "train/loss": np.arange(3) * slope})
        for run, slope in zip(runs, values, strict=True)
    ]


def test_claims_about_a_bound_are_rarely_wrong_for_skewed_quantities(tmp_path: Path) -> None:
    """The median equals the bound; the sign-flip test on the mean is wrong in 9 to 16 % of cases."""
    rng, wrong = np.random.default_rng(0), 0
    check = Check("train/loss", "a", "slope", None, bound=1.0)
    text = "title: t\nseeds: 10\nmetrics: [val/accuracy]\nbaseline: a\nconditions: {a: {}, b: {}}\n"
    for number in range(60):
        folder = tmp_path / str(number)
        folder.mkdir()
        made = study_of(folder, slopes_of(np.exp(2 * rng.standard_normal(10))), condition(0.5, 1), text)
        wrong += judged(made, check).verdict != "undecided"
    assert wrong <= 5


def test_the_last_30_of_20_epochs_are_20() -> None:
    check = Check("val/loss", "a", "slope", 30, bound=0.0)
    assert quantity(check, (20,)) == "slope of val/loss over the last 20 epochs"
    assert quantity(check, (20, 50)) == "slope of val/loss over the last 20 to 30 epochs"
    assert quantity(check, (100,)) == quantity(check) == "slope of val/loss over the last 30 epochs"
    assert quantity(replace(check, take="min", last=1)) == "minimum val/loss over the last 1 epoch"


def test_a_slope_of_one_epoch_is_undefined_and_judges_nothing(tmp_path: Path) -> None:
    text = TEXT.replace("low: {}, high: {}, middle: {}", "a: {}, b: {}").replace("low", "a")
    results = study_of(tmp_path, condition(0.5, epochs=1), condition(0.6, epochs=1), text)
    judgement = judged(results, Check("val/loss", "a", "slope", 30, bound=0.0))
    assert judgement.verdict == "undecided"
    assert "the slope of val/loss is undefined in a run, so nothing is tested" in judgement.numbers[0]


def test_quantities_of_a_curve() -> None:
    curve = [9.0, 4.0, 6.0, 5.0, 5.5]
    assert reduce_curve(curve) == 5.5
    assert (reduce_curve(curve, "min"), reduce_curve(curve, "max"), reduce_curve(curve, "max", 3)) == (4.0, 9.0, 6.0)
    assert reduce_curve(curve, "mean", 2) == 5.25
    assert reduce_curve(curve, "slope", 4) == pytest.approx(np.polyfit(range(4), curve[-4:], 1)[0])
    assert reduce_curve(curve, "roughness", 3) == pytest.approx((1 + 0.5) / 2)
    assert math.isnan(reduce_curve([3.0], "slope"))
    assert math.isnan(reduce_curve([3.0], "roughness"))
    assert math.isnan(reduce_curve([1.0, math.nan, 2.0], "max"))
    assert reduce_curve([math.nan, 1.0, 2.0], "max", 2) == 2.0
