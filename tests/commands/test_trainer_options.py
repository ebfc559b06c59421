"""Lightning's options and callbacks in `hw1 fit`: each works, prints how steps are taken, and leaves a complete run."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from hw1_lightning.cli import main
from hw1_lightning.commands.parser import options
from hw1_lightning.commands.parser.options import check_precision
from hw1_lightning.errors import InputError
from hw1_lightning.runs.metrics_reader import read_rows
from tests.conftest import Capture, Refused

BASE = ["fit", "--model=MLP", "--model.hidden_sizes=[8]", "--model.learning_rate=0.05", "--name=run"]
IN_STACKS: list[list[str]] = [
    ["--trainer.check_val_every_n_epoch=2"],
    ["--trainer.limit_train_batches=1.0"],
    ["--trainer.precision=64-true"],
    ["--trainer.enable_checkpointing=false"],
    ["--trainer.callbacks=ModelCheckpoint", "--trainer.callbacks.monitor=val/loss"],
    ["--train_accuracy=true", "--trainer.callbacks=EarlyStopping", "--trainer.callbacks.monitor=train/accuracy"],
    ["--trainer.callbacks=LambdaCallback"],
    ["--trainer.callbacks=ModelSummary"],
    ["--trainer.logger=CSVLogger", "--trainer.logger.save_dir=csv"],
    ["--model.optimizer=AdamW"],
]
ONE_AT_A_TIME: list[tuple[list[str], str]] = [
    (["--trainer.limit_val_batches=0"], "limit_val_batches is 0"),
    (["--trainer.limit_train_batches=1"], "limit_train_batches is 1"),
    (["--trainer.val_check_interval=10"], "val_check_interval is 10"),
    (["--trainer.overfit_batches=3"], "overfit_batches is 3"),
    (["--trainer.gradient_clip_val=0.1"], "gradient_clip_val is 0.1"),
    (["--trainer.gradient_clip_val=0.1", "--trainer.gradient_clip_algorithm=value"], "gradient_clip_val is 0.1"),
    (["--trainer.accumulate_grad_batches=4"], "accumulate_grad_batches is 4"),
    (["--trainer.precision=bf16-mixed"], "precision is bf16-mixed"),
    (["--trainer.detect_anomaly=true"], "detect_anomaly"),
    (["--trainer.profiler=simple"], "SimpleProfiler measures"),
    (["--trainer.log_every_n_steps=5"], "log_every_n_steps asks"),
    (["--data.steps_per_execution=1"], "steps_per_execution is 1"),
    (["--optimizer=AdamW", "--optimizer.lr=0.001"], "--optimizer chooses"),
    (["--optimizer=SGD", "--optimizer.lr=0.1", "--lr_scheduler=StepLR", "--lr_scheduler.step_size=1"], "--optimizer"),
    (["--trainer.callbacks=LearningRateMonitor"], "LearningRateMonitor needs to see each step"),
    (["--trainer.callbacks=Timer", "--trainer.callbacks.duration=00:00:01:00"], "Timer needs to see each step"),
    (
        ["--trainer.callbacks=StochasticWeightAveraging", "--trainer.callbacks.swa_lrs=0.01"],
        "StochasticWeightAveraging",
    ),
    (["--trainer.callbacks=EMAWeightAveraging", "--trainer.callbacks.decay=0.5"], "EMAWeightAveraging"),
    (["--trainer.callbacks=GradientAccumulationScheduler", "--trainer.callbacks.scheduling={1: 2}"], "Accumulation"),
    (["--trainer.callbacks=LearningRateFinder", "--trainer.callbacks.num_training_steps=20"], "LearningRateFinder"),
    (["--trainer.callbacks=BatchSizeFinder", "--trainer.callbacks.max_trials=3"], "BatchSizeFinder"),
    (
        ["--trainer.callbacks=ModelPruning", "--trainer.callbacks.pruning_fn=l1_unstructured"],
        "ModelPruning needs to see each step",
    ),
    (["--trainer.callbacks=ModelCheckpoint", "--trainer.callbacks.every_n_train_steps=7"], "ModelCheckpoint"),
    (["--trainer.callbacks=TQDMProgressBar"], "TQDMProgressBar needs to see each step"),
    (["--model.optimizer=LBFGS"], "LBFGS evaluates the loss several times"),
]


def spelled(value: object) -> str:
    """The name of a case: its options."""
    return " ".join(value) if isinstance(value, list) else ""


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("options", IN_STACKS, ids=" ".join)
def test_callbacks_that_look_at_epochs_keep_the_stacks(options: list[str], capsys: Capture) -> None:
    assert main([*BASE, "--trainer.max_epochs=2", *options]) == 0
    assert "one step at a time" not in capsys.readouterr().err
    check_run(2)


@pytest.mark.filterwarnings("ignore:.*overriding `LightningModule.optimizer_:UserWarning")
@pytest.mark.filterwarnings("ignore:The `srun` command is available:UserWarning")
@pytest.mark.parametrize(("options", "reason"), ONE_AT_A_TIME, ids=spelled)
def test_options_that_look_at_steps_get_them_one_by_one(options: list[str], reason: str, capsys: Capture) -> None:
    assert main([*BASE, "--trainer.max_epochs=2", *options]) == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "one step at a time" in line]
    assert line.startswith("hw1: one step at a time: ")
    assert reason in line
    check_run(2)


def check_run(epochs: int) -> None:
    """Check that the folder is complete and that its config.yaml repeats the run."""
    folder = Path("runs/run/version_0")
    result = json.loads((folder / "result.json").read_text())
    rows = read_rows(folder / "metrics.csv")
    assert [row["epoch"] for row in rows] == [str(epoch + 1) for epoch in range(epochs)]
    assert set(rows[0]) <= {"epoch", "train/loss", "train/accuracy", "val/loss", "val/accuracy", "weights/l2_norm"}
    assert result["epochs"] == epochs
    assert result["test"]["test/accuracy"] > 0
    assert main(["fit", "--config", str(folder / "config.yaml"), "--name=again"]) == 0
    again = json.loads(Path("runs/again/version_0/result.json").read_text())
    assert again["test"] == result["test"]


def test_steps_are_counted_one_by_one() -> None:
    assert main([*BASE, "--trainer.max_steps=30"]) == 0
    result = json.loads(Path("runs/run/version_0/result.json").read_text())
    assert result["steps"] == 30
    rows = read_rows(Path("runs/run/version_0/metrics.csv"))
    assert [bool(row["val/loss"]) for row in rows] == [True, False], "the second epoch was cut short"
    assert result["final"]["val/loss"] > 0, "the final weights were validated"


def test_a_time_limit_stops_a_run_without_a_limit_of_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "MAX_EPOCHS", 2)  # of which no machine is too slow
    assert main([*BASE, "--trainer.max_time=00:00:00:01"]) == 0
    result = json.loads(Path("runs/run/version_0/result.json").read_text())
    assert result["epochs"] > 2


def test_fast_dev_run_prints_what_it_did_and_writes_nothing(capsys: Capture) -> None:
    assert main([*BASE, "--trainer.fast_dev_run=true"]) == 0
    assert "1 minibatch of training, 1 of validation; nothing written" in capsys.readouterr().out
    assert not Path("runs").exists()


def test_the_learning_rate_that_was_found_is_the_one_that_is_used() -> None:
    finder = ["--trainer.callbacks=LearningRateFinder", "--trainer.callbacks.num_training_steps=20"]
    assert main([*BASE, "--trainer.max_epochs=2", *finder, "--seed_everything=3"]) == 0
    found = json.loads(Path("runs/run/version_0/result.json").read_text())
    config = Path("runs/run/version_0/checkpoints/last.ckpt")
    import torch

    checkpoint = torch.load(config, weights_only=True)
    (group,) = checkpoint["optimizer_states"][0]["param_groups"]
    assert group["lr"] == checkpoint["hyper_parameters"]["learning_rate"] != 0.05
    assert found["status"] == "finished"


@pytest.mark.slow
def test_spawned_processes_leave_a_whole_run() -> None:
    spawned = ["--trainer.strategy=ddp_spawn", "--trainer.devices=2", "--trainer.accelerator=cpu"]
    command = [sys.executable, "-m", "hw1_lightning", *BASE, "--trainer.max_epochs=2", *spawned]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    if "terminate called without an active exception" in done.stderr:
        pytest.skip("torch's own processes end like this now and then, plain Lightning's as well")
    assert done.returncode == 0, done.stderr
    result = json.loads(Path("runs/run/version_0/result.json").read_text())
    rows = read_rows(Path("runs/run/version_0/metrics.csv"))
    assert result["epochs"] == len(rows) == 2
    assert result["steps"] == 40
    assert set(result["test"]) == {"test/loss", "test/accuracy"}
    assert len(result["classes"]) == 10


REFUSED = [
    (["--trainer.limit_val_batches=0", "--test_weights=best"], "so no epoch is validated"),
    (["--trainer.callbacks=BackboneFinetuning"], "MLP has none"),
    (["--trainer.barebones=true"], "barebones is true"),
    (["--trainer.limit_train_batches=0.001"], "less than one of the"),
    (["--lr_scheduler=StepLR", "--lr_scheduler.step_size=1"], "--lr_scheduler requires --optimizer"),
    (["--model.lr_scheduler=ReduceLROnPlateau", "--trainer.limit_val_batches=0"], "watches val/loss"),
    (
        ["--model.lr_scheduler=OneCycleLR", '--model.lr_scheduler_options={"max_lr":0.1,"total_steps":10}'],
        "OneCycleLR ends after 10 epochs, and training takes 20",
    ),
    (["--trainer.logger=WandbLogger"], "wandb"),
    (["--trainer.val_check_interval=1000"], "an epoch has 20 minibatches; choose at most 20"),
    (["--trainer.overfit_batches=0.1"], "trainer.overfit_batches is 0.1, less than one of the 2 validation"),
    (["--model.optimizer=SparseAdam"], "allowed are"),
]
NO_STEPS = [
    (["--trainer.gradient_clip_val=1"], "QuadraticRegression does not use Lightning's optimiser steps"),
    (["--trainer.accumulate_grad_batches=2"], "QuadraticRegression does not use Lightning's optimiser steps"),
    (["--trainer.callbacks=LearningRateFinder"], "QuadraticRegression has none"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED, ids=spelled)
def test_unsupported_options_are_refused_before_a_folder_is_made(
    options: list[str], message: str, refused: Refused
) -> None:
    assert message in refused(*BASE, *options)
    assert not Path("runs").exists()


@pytest.mark.parametrize(("options", "message"), NO_STEPS, ids=spelled)
def test_options_of_optimiser_steps_are_refused_for_a_model_without_steps(
    options: list[str], message: str, refused: Refused
) -> None:
    assert message in refused("fit", "--model=QuadraticRegression", "--data.source=Diabetes", *options)
    assert not Path("runs").exists()


def test_64_bits_are_refused_on_a_device_without_them() -> None:
    trainer: Any = SimpleNamespace(precision="64-true", strategy=SimpleNamespace(root_device=torch.device("mps")))
    with pytest.raises(InputError, match=r"64-true, which Apple's GPUs lack; add --trainer\.accelerator cpu"):
        check_precision(trainer, "64-true")
    trainer.strategy.root_device = torch.device("cpu")
    check_precision(trainer, "64-true")
