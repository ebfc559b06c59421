"""Hypotheses with two mistakes."""

import pytest

from hw1_lightning.diagnosis.catalogue.entry import Change
from hw1_lightning.diagnosis.hypotheses import Hypothesis, pairs
from hw1_lightning.diagnosis.mistaken.losses import SummedLoss
from hw1_lightning.diagnosis.mistaken.steps import PenaltyGrows


def test_pairs_join_different_options_of_the_likeliest() -> None:
    one = Hypothesis(("a",), Change("a", {"model.dropout": 0.0}, (SummedLoss(),)), 0.02)
    other = Hypothesis(("b",), Change("", {"model.momentum": 0.9}, (PenaltyGrows(),), ("best epoch",)), 0.01)
    clash = Hypothesis(("c",), Change("c", {"model.dropout": 0.5}), 0.01)
    found = {each.mistakes: each for each in pairs([one, one, other, clash])}
    assert found.keys() == {("a", "b"), ("b", "c")}
    both = found["a", "b"]
    assert both.change == Change(
        "a", {"model.dropout": 0.0, "model.momentum": 0.9}, (SummedLoss(), PenaltyGrows()), ("best epoch",)
    )
    assert both.prior == pytest.approx(0.0002)
