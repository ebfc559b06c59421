import pytest

from hw1_lightning.data.sources import Digits
from hw1_lightning.models import MLP
from hw1_lightning.runs.metrics_reader import read_metrics
from tests.conftest import Fit


def test_it_is_the_accuracy_of_the_final_weights_without_dropout(fit: Fit) -> None:
    options = ("--config=configs/dropout.yaml", "--model.dropout=0.5", "--trainer.max_epochs=2")
    result = fit(*options, "--train_accuracy=true")
    model = MLP.load_from_checkpoint(result["folder"] / "checkpoints" / "last.ckpt", weights_only=True).eval()
    train = Digits().load().train
    accuracy = (model(train.inputs).argmax(1) == train.targets).float().mean().item()
    assert result["final"]["train/accuracy"] == pytest.approx(accuracy, abs=1e-3)
    assert len(read_metrics(result["folder"] / "metrics.csv")) == 2


def test_it_can_be_turned_off_and_changes_nothing_else(fit: Fit) -> None:
    options = ("--config=configs/dropout.yaml", "--trainer.max_epochs=3")
    with_it, without = (fit(*options, f"--train_accuracy={choice}")["final"] for choice in ("true", "false"))
    assert with_it.pop("train/accuracy") > 0
    assert with_it == without
