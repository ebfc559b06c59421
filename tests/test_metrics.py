"""The table of metrics: what the models log is in it, and directions are those of Lightning's monitors."""

import pytest

from hw1_lightning.metrics import CURVES, HEADLINES, LOWER_IS_BETTER
from hw1_lightning.models import MLP, LogisticRegression, Perceptron, QuadraticNetwork, QuadraticRegression
from hw1_lightning.models.base import StackModule


@pytest.mark.parametrize("kind", [MLP, LogisticRegression, Perceptron, QuadraticNetwork, QuadraticRegression])
def test_the_best_metric_of_a_model_is_in_the_table_with_its_direction(kind: type[StackModule]) -> None:
    name, mode = kind.best_metric
    assert name in CURVES
    assert (name in LOWER_IS_BETTER) == (mode == "min")


def test_runs_are_compared_by_accuracy_before_loss_and_by_loss_before_other_measures() -> None:
    assert HEADLINES == ("val/accuracy", "val/loss", "val/mse", "val/r2")
