"""`hw1 fit`, `hw1 test` and `hw1 predict` with models that predict numbers."""

import csv
import json
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from hw1_lightning.cli import main
from hw1_lightning.commands.fitting.run_summary import summary
from hw1_lightning.runs.metrics_reader import read_metrics
from hw1_lightning.runs.result import HPARAMS
from tests.conftest import Capture, Fit

SHORT = ("--config=configs/quadratic.yaml", "--trainer.max_epochs=12")
EXACT = ("--config=configs/quadratic_exact.yaml",)
pytestmark = pytest.mark.filterwarnings("ignore:the 66 quadratic features of 310 examples have rank 65 only")


def test_best_epoch_is_that_of_the_least_validation_loss(fit: Fit, capsys: Capture) -> None:
    result = fit(*SHORT, "--test_weights=best")
    rows = read_metrics(result["folder"] / "metrics.csv")
    losses = [row["val/loss"] for row in rows]
    epoch = losses.index(min(losses)) + 1
    steps = result["steps"] // len(rows) * epoch
    assert result["best"] == {"epoch": epoch, "step": steps, "val/loss": min(losses)}
    main(["validate", "--ckpt_path", str(result["folder"] / "checkpoints" / "best.ckpt")])
    assert f"val/loss       {min(losses):.4f}" in capsys.readouterr().out
    main(["test", "--ckpt_path", str(result["folder"] / "checkpoints" / "best.ckpt")])
    assert f"test/mse       {result['test']['test/mse']:.4f}" in capsys.readouterr().out


def test_the_summary_has_the_errors_and_the_distance_to_the_optimum(fit: Fit) -> None:
    result = fit(*SHORT)
    lines = summary(result, result["folder"], "final").splitlines()
    assert lines[0].startswith(f"val/loss       {result['final']['val/loss']:.4f} after 12 epochs (best ")
    assert lines[1] == f"test/mse       {result['test']['test/mse']:.4f} with the final weights"
    assert lines[2] == f"test/r2        {result['test']['test/r2']:.4f} with the final weights"
    assert lines[3].startswith(f"excess loss    {result['final']['train/excess_loss']:.2g} ")


def test_divergence_is_reported_and_recorded(tmp_path: Path, capsys: Capture) -> None:
    assert main(["fit", *SHORT, "--model.learning_rate=10", f"--runs_dir={tmp_path}"]) == 1
    result = json.loads((tmp_path / "quadratic" / "version_0" / "result.json").read_text())
    assert result["status"] == "diverged"
    assert result["final"]["val/loss"] is None
    assert "diverged" in capsys.readouterr().err


def test_predictions_are_written_next_to_their_targets(fit: Fit, tmp_path: Path) -> None:
    result, output = fit(*EXACT), tmp_path / "predictions.csv"
    main(["predict", "--ckpt_path", str(result["folder"] / "checkpoints" / "last.ckpt"), "--output", str(output)])
    with output.open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["index"]) for row in rows] == list(range(66))
    errors = [(float(row["target_0"]) - float(row["predicted_0"])) ** 2 for row in rows]
    assert sum(errors) / 66 == pytest.approx(result["test"]["test/mse"], rel=1e-5)


def test_hparams_are_those_of_the_model(fit: Fit) -> None:
    found = {}
    for options in (SHORT, (*EXACT, "--model.ridge=2")):
        result = fit(*options)
        events = EventAccumulator(str(result["folder"]))
        events.Reload()
        assert {"val/mse", "val/r2", "test/mse", "test/r2", "train/loss"} <= set(events.Tags()["scalars"])
        (name,) = (tag for tag in events.summary_metadata if tag.endswith("session_start_info"))
        start = HParamsPluginData.FromString(events.summary_metadata[name].plugin_data.content).session_start_info
        assert sorted(start.hparams) == sorted(HPARAMS)
        model = start.hparams["model"].string_value
        found[model] = {key: value.number_value for key, value in start.hparams.items()}
    assert found["QuadraticNetwork"]["hidden_size"] == 20
    assert found["QuadraticNetwork"]["learning_rate"] == 0.01
    assert found["QuadraticRegression"]["ridge"] == 2
    assert found["QuadraticRegression"]["learning_rate"] == 0, "it has no optimiser"
