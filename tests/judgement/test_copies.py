"""Runs and conditions with the same numbers are not evidence."""

from dataclasses import replace
from pathlib import Path

import pytest

from hw1_lightning.judgement.comparison import comparisons
from hw1_lightning.report.findings import (
    describe_comparisons,
    warnings,
)
from hw1_lightning.report.page import contents, judgements, render
from tests.study.made_up_runs import STUDY, compared, condition, study_of


def test_conditions_with_the_same_numbers_are_called_identical_not_equivalent(tmp_path: Path) -> None:
    results = study_of(tmp_path, condition(0.5), condition(0.5))
    warning = (
        "Identical: the runs of a and b have the same numbers in every epoch, seed by seed. The options in which "
        "they differ changed nothing in training and validation; this is not evidence that they are equivalent."
    )
    assert warnings(results) == [warning]
    for metric in ("val/accuracy", "val/loss"):
        made = comparisons(results, metric)
        assert made["b"].verdict == "identical"
        words = f"{metric}: b is identical to a: the runs have the same numbers, so nothing is tested."
        assert describe_comparisons(results, made, metric) == words
    judged = judgements(results)[0]
    assert judged.verdict == "undecided"
    assert judged.numbers == (
        "final val/accuracy: b minus a: the runs of both have the same numbers, so nothing is tested",
    )
    assert warning in render("report.md.j2", contents(results))


def test_conditions_that_differ_only_in_the_test_are_identical_in_validation(tmp_path: Path) -> None:
    other = [replace(run, test={**run.test, "test/accuracy": 0.9}) for run in condition(0.5)]
    text = STUDY.replace("metric: val/accuracy, of", "metric: test/accuracy, of")
    results = study_of(tmp_path, condition(0.5), other, text)
    assert compared(results).verdict == "identical", "by a metric of validation"
    assert judgements(results)[0].verdict == "supported"


def test_conditions_that_differ_in_one_number_of_one_seed_are_not_identical(tmp_path: Path) -> None:
    other = condition(0.5)
    other[3] = condition(0.5, loss=1.0001)[3]
    results = study_of(tmp_path, condition(0.5), other)
    assert warnings(results) == []
    assert compared(results).verdict == "equivalent"


@pytest.mark.parametrize("share", [0.2, 0.5])
@pytest.mark.parametrize(("different", "are"), [(1, "are identical"), (5, "are only 5 different ones")])
def test_identical_copies_are_one_observation(different: int, are: str, share: float, tmp_path: Path) -> None:
    times = 10 // different
    results = study_of(tmp_path, condition(0.5, different) * times, condition(share, different, loss=0.9) * times)
    found = compared(results)
    assert found.answer.difference is not None
    assert (found.answer.difference.n, found.verdict) == (different, "inconclusive")
    assert f"Copies: the 10 runs of b {are}; copies count as one observation." in warnings(results)
    assert judgements(results)[0].verdict == "undecided"


def test_runs_against_copies_of_one_are_one_observation(tmp_path: Path) -> None:
    # The single run of b is above all ten of a, which happens by chance in one of eleven cases.
    results = study_of(tmp_path, condition(0.5), condition(0.9)[:1] * 10)
    found = compared(results)
    assert (found.verdict, found.answer.p, found.wins) == ("inconclusive", 1.0, 1)
    assert judgements(results)[0].verdict == "undecided"
