"""Runs that diverged have no accuracy, although weights that are NaN predict the first class."""

import json
import math
import shutil
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from hw1_lightning.cli import main
from hw1_lightning.data.arrays import ArrayData, Examples
from hw1_lightning.data.sources import Source
from hw1_lightning.models.split_metrics import Evaluation
from hw1_lightning.runs.checkpoints import read_checkpoint
from hw1_lightning.runs.metrics_reader import read_metrics
from tests.conftest import Capture, Refused

DIVERGING = ("--config=configs/mlp.yaml", "--model.learning_rate=1e30", "--train_accuracy=true")


@pytest.fixture(scope="module")
def diverged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run whose weights are NaN from the first epoch on."""
    runs = tmp_path_factory.mktemp("runs")
    assert main(["fit", *DIVERGING, f"--runs_dir={runs}"]) == 1
    return runs / "mlp" / "version_0"


def test_all_metrics_of_nan_weights_are_nan(diverged: Path) -> None:
    (row,) = read_metrics(diverged / "metrics.csv")
    assert math.isnan(row["val/accuracy"])
    assert math.isnan(row["train/accuracy"])
    result = json.loads((diverged / "result.json").read_text())
    assert result["status"] == "diverged"
    assert set(result["final"]) == {"train/loss", "train/accuracy", "val/loss", "val/accuracy", "weights/l2_norm"}
    assert set(result["final"].values()) == {None}
    assert (result["best"], result["test"], result["classes"]) == ({}, {}, {})
    events = EventAccumulator(str(diverged))
    events.Reload()
    assert all(math.isnan(event.value) for event in events.Scalars("val/accuracy"))
    assert "test/accuracy" not in events.Tags()["scalars"]


def test_nan_weights_are_never_the_best(diverged: Path) -> None:
    assert [path.name for path in (diverged / "checkpoints").iterdir()] == ["last.ckpt"]


@pytest.mark.slow
def test_a_checkpoint_of_nan_weights_is_refused(diverged: Path, refused: Refused, tmp_path: Path) -> None:
    path = diverged / "checkpoints" / "last.ckpt"
    for command in (["test"], ["validate"], ["predict"], ["export", str(tmp_path / "model.onnx")]):
        assert "holds weights that are NaN or infinite" in refused(*command, f"--ckpt_path={path}")
    assert "holds weights that are NaN" in refused("fit", f"--ckpt_path={path}")
    copy = shutil.copy(path, tmp_path / "copy.ckpt")
    assert "holds weights that are NaN" in refused("fit", *DIVERGING, f"--ckpt_path={copy}", f"--runs_dir={tmp_path}")
    assert [left.name for left in tmp_path.iterdir()] == ["copy.ckpt"]


class Brink(Source):
    """Every example of one class; the validation inputs, far larger than those of training, overflow float32."""

    def load(self) -> ArrayData:
        """Make them."""
        train, held = (Examples(torch.full((8, 2), x), torch.zeros(8, dtype=torch.int64)) for x in (1.0, 3e38))
        return ArrayData(train, held, held, class_names=("a", "b"))


@pytest.mark.slow
def test_a_loss_of_finite_weights_can_be_nan_too(tmp_path: Path, capsys: Capture) -> None:
    options = ["--model=LogisticRegression", "--model.learning_rate=30", "--trainer.max_epochs=3"]
    assert main(["fit", *options, "--data.source=Brink", "--trust=tests", f"--runs_dir={tmp_path}"]) == 1
    folder = tmp_path / "LogisticRegression" / "version_0"
    weights = read_checkpoint(folder / "checkpoints" / "last.ckpt")["state_dict"]
    assert all(weight.isfinite().all() for weight in weights.values())
    rows = read_metrics(folder / "metrics.csv")
    assert not any(math.isfinite(row["val/loss"]) or math.isfinite(row["val/accuracy"]) for row in rows)
    assert all(math.isfinite(row["train/loss"]) for row in rows)
    result = json.loads((folder / "result.json").read_text())
    assert (result["status"], set(result["final"].values()), result["test"]) == ("diverged", {None}, {})
    printed = capsys.readouterr()
    assert "val/accuracy   no value: training diverged after 3 epochs" in printed.out
    message = (
        "training diverged in epoch 3: the loss or a weight is NaN or infinite; lower --model.learning_rate (now 30)"
    )
    assert f"hw1: {message}\n" in printed.err
    assert main(["test", "--trust=tests", f"--ckpt_path={folder / 'checkpoints/last.ckpt'}"]) == 1
    printed = capsys.readouterr()
    assert "test/accuracy  nan" in printed.out
    assert "the test loss is NaN or infinite, so there is no accuracy" in printed.err


def test_an_evaluation_without_a_finite_loss_has_no_accuracy() -> None:
    from torchmetrics.classification import MulticlassAccuracy

    evaluation = Evaluation({"accuracy": MulticlassAccuracy(2, average="micro")})
    evaluation.update(torch.tensor(math.nan), torch.full((4, 2), math.nan), torch.zeros(4, dtype=torch.int64))
    assert math.isnan(evaluation.finish("val")["val/accuracy"])
    evaluation.update(torch.tensor(0.5), torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([0, 1]))
    assert evaluation.finish("val") == {"val/loss": 0.5, "val/accuracy": 0.5}
    assert evaluation.correct["val"].tolist() == [True, False]
