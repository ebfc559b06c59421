"""`hw1 fit` gives the same metrics as a plain PyTorch loop, epoch by epoch."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch

from hw1_lightning.data.arrays import Split
from hw1_lightning.data.sources import Digits
from hw1_lightning.runs.checkpoints import read_checkpoint
from hw1_lightning.runs.metrics_reader import read_metrics
from tests import reference
from tests.conftest import Fit

EPOCHS = 4
# Each experiment of question 2: config, options, the reference's model and its hyperparameters.
LOGISTIC = partial(reference.logistic_regression, 64, 10)
EXPERIMENTS: dict[str, tuple[str, list[str], Callable[[], Any], dict[str, float]]] = {
    "rate 0.1": (
        "learning_rate",
        ["--model.learning_rate=0.1"],
        LOGISTIC,
        {"batch_size": 32, "learning_rate": 0.1, "weight_decay": 0.01},
    ),
    "rate 0.001": ("learning_rate", [], LOGISTIC, {"batch_size": 32, "learning_rate": 0.001, "weight_decay": 0.01}),
    "rate 0.00001": (
        "learning_rate",
        ["--model.learning_rate=0.00001"],
        LOGISTIC,
        {"batch_size": 32, "learning_rate": 0.00001, "weight_decay": 0.01},
    ),
    "mlp": ("mlp", [], partial(reference.mlp, 64, 10, 0.3), {"batch_size": 64, "learning_rate": 0.002}),
    "batch 512": ("batch_size", [], partial(reference.mlp, 64, 10, 0.3), {"batch_size": 512, "learning_rate": 0.002}),
    "dropout 0.25": ("dropout", [], partial(reference.mlp, 64, 10, 0.25), {"batch_size": 64, "learning_rate": 0.002}),
    "dropout 0.5": (
        "dropout",
        ["--model.dropout=0.5"],
        partial(reference.mlp, 64, 10, 0.5),
        {"batch_size": 64, "learning_rate": 0.002},
    ),
    "momentum": (
        "momentum",
        [],
        partial(reference.mlp, 64, 10, 0.3),
        {"batch_size": 1024, "learning_rate": 0.002, "momentum": 0.9},
    ),
}


def split(examples: Split) -> reference.Split:
    return examples.inputs.flatten(1).float(), examples.targets


@pytest.mark.parametrize("steps_per_execution", [1, 8, 1000])
@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_metrics_are_those_of_the_plain_loop(fit: Fit, experiment: str, steps_per_execution: int) -> None:
    config, options, build, hyperparameters = EXPERIMENTS[experiment]
    data = Digits().load()
    curves = reference.plain_loop(
        build,
        split(data.train),
        split(data.val),
        split(data.test),
        epochs=EPOCHS,
        **hyperparameters,  # type: ignore[arg-type] # a batch size is an int
    )
    result = fit(
        "--config",
        f"configs/{config}.yaml",
        f"--trainer.max_epochs={EPOCHS}",
        f"--data.steps_per_execution={steps_per_execution}",
        *options,
    )
    rows = read_metrics(result["folder"] / "metrics.csv")
    assert [row["train/loss"] for row in rows] == pytest.approx(curves.train_loss, abs=5e-5, rel=1e-6)
    assert [row["val/loss"] for row in rows] == pytest.approx(curves.val_loss, abs=5e-5, rel=1e-6)
    assert [row["val/accuracy"] for row in rows] == pytest.approx(curves.val_accuracy, abs=5e-5)
    assert result["test"]["test/accuracy"] == pytest.approx(curves.test_accuracy[-1], abs=5e-5)


def test_weights_are_bit_identical_for_any_steps_per_execution(fit: Fit) -> None:
    options = ("--config=configs/momentum.yaml", "--data.batch_size=100", "--trainer.max_epochs=3")
    results = [fit(*options, f"--data.steps_per_execution={k}") for k in (1, 5, 64)]
    states = [read_checkpoint(run["folder"] / "checkpoints" / "last.ckpt")["state_dict"] for run in results]
    for run, state in zip(results[1:], states[1:], strict=True):
        assert run["steps"] == results[0]["steps"]
        assert state.keys() == states[0].keys()
        assert all(torch.equal(value, states[0][name]) for name, value in state.items())
        assert run["final"]["train/loss"] == results[0]["final"]["train/loss"]
        for part in ("final", "best", "test"):  # a split is evaluated a stack at a time: products of other shapes
            assert run[part] == pytest.approx(results[0][part], rel=1e-6)
