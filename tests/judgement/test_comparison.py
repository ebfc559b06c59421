"""Comparisons of made-up runs, their verdicts and sentences."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.made_up import classifier, write_study
from hw1_lightning.judgement.answers import answer
from hw1_lightning.judgement.collapse import collapsed
from hw1_lightning.judgement.comparison import comparisons
from hw1_lightning.judgement.questions import of_comparison
from hw1_lightning.report.findings import (
    describe_comparisons,
    describe_selection,
    selected_condition,
    single_model,
    warnings,
)
from hw1_lightning.report.page import contents, judgements, render, write_report
from hw1_lightning.report.tables import comparison_rows, result_rows
from hw1_lightning.statistics.intervals import median_interval
from hw1_lightning.study.results import StudyResults
from tests.study.made_up_runs import STUDY, compared, condition, study_of


def test_a_difference_far_beyond_the_margin_is_better_without_qualification(tmp_path: Path) -> None:
    results = study_of(tmp_path, condition(0.5), condition(0.8))
    found = compared(results)
    assert (found.verdict, found.scope, found.wins) == ("better by more", "", 10)
    assert (found.answer.p, found.answer.error) == (2 / 2**10, 0.05 / 2)
    assert found.answer.difference is not None
    assert found.answer.difference.median == pytest.approx(0.3)
    assert judgements(results)[0].verdict == "supported"


def test_each_question_has_its_interval(tmp_path: Path) -> None:
    results = study_of(tmp_path, condition(0.5), condition(0.53))
    found = compared(results).answer
    ours, theirs = (results.values(name, "val/accuracy").values() for name in "ba")
    values = [one - other for one, other in zip(ours, theirs, strict=True)]
    assert found.difference is not None
    assert found.difference.interval == median_interval([round(value, 6) for value in values], 0.025)
    assert found.examples is not None
    assert found.p_examples is not None
    assert found.examples.low < found.difference.interval.low
    assert found.p_examples > found.p


def test_a_difference_of_few_examples_holds_for_these_examples_only(tmp_path: Path) -> None:
    # Every seed has three more of 200 examples correct, which other examples could reverse.
    text = STUDY.replace("margin: 0.05\n", "")
    results = study_of(tmp_path, condition(0.5), condition(0.515), text)
    found = compared(results)
    assert (found.verdict, found.scope) == ("better", "for these validation examples")
    judged = judgements(results)[0]
    assert (judged.verdict, judged.scope) == ("supported", "for these validation examples")


def test_a_difference_that_counts_as_none_is_not_called_better(tmp_path: Path) -> None:
    results = study_of(tmp_path, condition(0.5), condition(0.515))
    found = compared(results)
    assert (found.verdict, found.scope) == ("equivalent", ""), "for other examples too"
    assert found.answer.difference is not None
    assert found.answer.difference.interval.low > 0
    assert judgements(results)[0].verdict == "undecided"
    assert "within ±0.05, which counts as no difference" in judgements(results)[0].numbers[0]


def test_a_difference_that_counts_as_none_may_be_above_zero(tmp_path: Path) -> None:
    results = study_of(tmp_path, condition(0.5), [replace(run, right={}) for run in condition(0.515)])
    found = compared(results)
    assert (found.verdict, found.scope) == ("better by less", "for these validation examples")
    assert judgements(results)[0].verdict == "undecided"


def test_a_loss_is_judged_for_these_examples(tmp_path: Path) -> None:
    found = compared(study_of(tmp_path, condition(0.5), condition(0.5, loss=0.8)), "val/loss")
    assert (found.verdict, found.scope, found.answer.examples) == ("better", "for these validation examples", None)


@pytest.mark.parametrize(
    ("other", "scope"),
    [
        ({"right": {}}, "for these validation examples"),
        ({"sha256": "cd" * 32}, "for these runs, whose data differ"),
        ({"split_seed": 3}, "for these runs, whose validation examples differ"),
    ],
)
def test_examples_that_are_unknown_or_differ_are_not_paired(other: dict[str, Any], scope: str, tmp_path: Path) -> None:
    found = compared(study_of(tmp_path, condition(0.5), [replace(run, **other) for run in condition(0.8)]))
    assert found.answer.examples is None
    assert (found.verdict, found.scope) == ("better by more", scope)


def test_five_seeds_never_decide(tmp_path: Path) -> None:
    results = study_of(tmp_path, condition(0.1, 5), condition(0.9, 5), STUDY.replace("seeds: 10", "seeds: 5"))
    found = compared(results)
    assert (found.answer.p, found.verdict) == (2 / 2**5, "inconclusive")
    assert "too few seeds to decide" in judgements(results)[0].numbers[0]


def test_a_diverged_condition_is_not_selected_and_has_no_wins(tmp_path: Path) -> None:
    better = condition(0.9)
    better[6] = replace(better[6], diverged=True)
    results = study_of(tmp_path, condition(0.5), better)
    for metric in ("val/accuracy", "val/loss"):
        assert (compared(results, metric).verdict, compared(results, metric).wins) == ("inconclusive", 0)
        assert compared(results, metric).answer.problem == "1 of 10 runs of b diverged"
    assert judgements(results)[0].verdict == "undecided"
    assert selected_condition(results) == "a"
    assert warnings(results)[0].startswith("Diverged: 1 of 10 runs of b, seed 7.")


def test_survivors_of_a_baseline_that_diverged_are_not_compared(tmp_path: Path) -> None:
    base = condition(0.5)
    base[0] = replace(base[0], diverged=True)
    assert compared(study_of(tmp_path, base, condition(0.9))).verdict == "inconclusive"


def test_varied_splits_widen_the_interval_by_nadeau_and_bengio(tmp_path: Path) -> None:
    results = study_of(tmp_path, condition(0.5), condition(0.56))

    class Varied(StudyResults):
        share_validation = 0.25

        def divided(self, conditions: Sequence[str]) -> set[bool]:
            return {True}

    varied = Varied(results.study, results.folder, results.runs, results.failures, results.missing)
    found = answer(varied, of_comparison(results.study, "val/accuracy", "b"), 0.05)
    assert found.examples is not None
    assert found.difference is not None
    half = 2.2621571627 * found.difference.sd * 0.25**0.5  # t of 9 degrees of freedom
    expected = found.difference.median - np.hypot(found.difference.median - found.difference.interval.low, half)
    assert found.examples.low == pytest.approx(expected)


def test_a_split_that_only_one_condition_varies_does_not_widen_the_interval(tmp_path: Path) -> None:
    text = STUDY.replace("{a: {}, b: {}}", "{a: {}, b: {VARY}, c: {}}").replace("VARY", "vary: [init, split]")
    runs = {"a": condition(0.5), "b": condition(0.56), "c": condition(0.8)}
    results = write_study(tmp_path, text, runs)
    found = comparisons(results, "val/accuracy")
    assert (found["b"].answer.examples, found["b"].scope) == (None, "for these data")
    assert found["c"].answer.examples is not None
    assert found["c"].answer.examples.low < found["c"].answer.difference.interval.low - 0.01, "by examples"  # type: ignore[union-attr]
    page = render("report.html.j2", contents(results))
    assert "In some conditions each seed divides the data" in page
    assert "Elsewhere a verdict without qualification is about other seeds and other examples" in page


@pytest.mark.parametrize(("bound", "judged"), [(0.6, "undecided"), (0.59, "supported")])
def test_an_accuracy_equal_to_the_bound_is_not_above_it(bound: float, judged: str, tmp_path: Path) -> None:
    exact = np.arange(200) < 120
    runs = [classifier(exact, exact, seed) for seed in range(1, 11)]
    accuracy = np.full(3, np.float32(0.6), dtype=np.float64)  # 0.60000002
    runs = [replace(run, curves={**run.curves, "val/accuracy": accuracy}) for run in runs]
    text = STUDY.replace("higher_than: [a]", f"above: {bound}")
    assert judgements(study_of(tmp_path, condition(0.5), runs, text))[0].verdict == judged


def test_nothing_is_selected_on_validation_by_a_metric_of_training(tmp_path: Path) -> None:
    text = STUDY.replace("[val/accuracy, val/loss]", "[train/loss]")
    results = study_of(tmp_path, condition(0.5), condition(0.8), text)
    assert selected_condition(results) is None
    assert "elected on validation" not in render("report.html.j2", contents(results))


def test_a_larger_norm_is_higher_and_not_better(tmp_path: Path) -> None:
    text = STUDY.replace("[val/accuracy, val/loss]", "[weights/l2_norm]")
    a, b = (
        [
            replace(run, curves={**run.curves, "weights/l2_norm": norm + run.curves["val/loss"]})
            for run in condition(0.5)
        ]
        for norm in (1.0, 2.0)
    )
    results = study_of(tmp_path, a, b, text)
    made = comparisons(results, "weights/l2_norm")
    assert describe_comparisons(results, made, "weights/l2_norm") == "weights/l2_norm: b is higher than a."
    row = comparison_rows(made, {"b": "b"})[0]
    assert (row["verdict"], row["kind"], row["wins"]) == ("higher", "inconclusive", "\N{EN DASH}")


def test_a_test_that_is_nan_is_undefined_and_not_diverged(tmp_path: Path) -> None:
    runs = condition(0.8)
    runs[0] = replace(runs[0], test={"test/accuracy": None})  # type: ignore[dict-item]
    results = study_of(tmp_path, condition(0.5), runs)
    assert (single_model(results, "b"), describe_selection(results, "b")) == (None, None)
    cell = result_rows(results)[1]["cells"]["test/accuracy"]
    assert (cell.middle, cell.further) == ("undefined", "1 of 10 runs")
    write_report(results)


def test_a_run_that_always_answers_the_most_common_class_has_collapsed(tmp_path: Path) -> None:
    runs = [*condition(0.9)[:9], condition(0.57)[9]]
    results = study_of(tmp_path, runs, condition(0.9))
    assert collapsed(results, "a") == 0, "if the share of classes is unknown"
    for run in results.of("a"):
        run.result["classes"] = {"common": {"examples": 57}, "rare": {"examples": 43}, "absent": {"examples": 0}}
    assert collapsed(results, "a") == 1


def test_runs_of_other_lengths_are_noted(tmp_path: Path) -> None:
    runs = [*condition(0.5)[:9], condition(0.5, epochs=150)[9]]
    assert "runs of 3 to 150 epochs" in result_rows(study_of(tmp_path, runs, condition(0.5)))[0]["notes"]


def test_the_optimism_of_the_selection_is_computed_by_leaving_out_each_seed(tmp_path: Path) -> None:
    # Both conditions are noise, but validation and test accuracy of a seed are correlated.
    rng = np.random.default_rng(0)
    shares = rng.normal(0.5, 0.05, (2, 10))
    a, b = ([condition(float(share), 3)[seed % 3] for seed, share in enumerate(row)] for row in shares)
    results = study_of(tmp_path, a, b)
    selected = selected_condition(results)
    val = {name: results.values(name, "val/accuracy") for name in "ab"}
    test = {name: results.values(name, "test/accuracy") for name in "ab"}
    honest = []
    for seed in range(1, 11):
        means = {name: np.mean([val[name][other] for other in range(1, 11) if other != seed]) for name in "ab"}
        honest.append(test["a" if means["a"] >= means["b"] else "b"][seed])
    sentence = describe_selection(results, selected)
    assert sentence is not None
    assert (
        f"With each seed tested in the condition that the other seeds select, it is {np.mean(honest):.4f}." in sentence
    )
    assert describe_selection(results, None) is None
