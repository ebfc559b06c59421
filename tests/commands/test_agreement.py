"""How far the numbers of a run and of its repetition agree."""

import math

from hw1_lightning.commands.verifying.agreement import agreements, verdict


def test_an_accuracy_may_differ_by_one_example_and_no_more() -> None:
    run, here = [{"epoch": 1.0, "val/accuracy": 100 / 437}], [{"epoch": 1.0, "val/accuracy": 101 / 437}]
    sizes = {"val/accuracy": 437}
    (found,) = agreements(run, here, ({}, {}), 1e-4, sizes)
    assert str(found) == "within one example of 437 (most in epoch 1)"
    assert verdict([found], 1e-4)[1] == 0
    assert agreements(run, here, ({}, {}), 0, sizes)[0].first_beyond is not None
    here[0]["val/accuracy"] = 102 / 437
    assert agreements(run, here, ({}, {}), 1e-4, sizes)[0].first_beyond is not None


def test_nan_agrees_with_nan_only_and_a_missing_number_with_none() -> None:
    rows = [{"epoch": 1.0, "a": math.nan, "b": math.inf, "c": 1.0}]
    assert all(each.first_beyond is None for each in agreements(rows, rows, ({}, {}), 0, {}))
    other = [{"epoch": 1.0, "a": 1.0, "b": -math.inf}]
    found = agreements(rows, other, ({}, {}), 0.5, {})
    assert [str(each) for each in found] == [
        "differs from epoch 1 on: nan in the run, 1.0 here",
        "differs from epoch 1 on: inf in the run, -inf here",
        "differs from epoch 1 on: 1.0 in the run, missing here",
    ]
