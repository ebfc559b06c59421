"""`hw1 fit` repeats question 1 as plain NumPy loops compute it, epoch by epoch."""

from typing import Any

import numpy as np
import pytest
import torch

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.data.sources import Digits
from hw1_lightning.models import MLP
from hw1_lightning.runs.metrics_reader import read_metrics
from tests import numpy_loop
from tests.conftest import Fit
from tests.training.test_training import trainer

# Each config of a linear model, with options and epochs, and its steps in NumPy.
LINEAR: dict[str, tuple[list[str], int, numpy_loop.Step]] = {
    "perceptron": (["--config=configs/perceptron.yaml"], 100, numpy_loop.perceptron),
    "logistic regression": (["--config=configs/logistic_online.yaml"], 100, numpy_loop.logistic(0.001)),
    "l2": (["--config=configs/l2.yaml"], 100, numpy_loop.logistic(0.001, l2=0.01)),
    "l1": (["--config=configs/l1.yaml", "--trainer.max_epochs=10"], 10, numpy_loop.logistic(0.001, l1=0.0003)),
    "softmax": (
        ["--config=configs/l2.yaml", "--model.link=softmax", "--trainer.max_epochs=10"],
        10,
        numpy_loop.logistic(0.001, l2=0.01, link="softmax"),
    ),
}


def splits(seed: int | None = None) -> dict[str, numpy_loop.Split]:
    data = ArrayDataModule(Digits(), split_seed=seed).arrays
    return {
        name: (numpy_loop.with_constant(split.inputs.numpy(), data.input_scale), split.targets.numpy())
        for name, split in data.splits.items()
    }


def check(result: dict[str, Any], curves: numpy_loop.Curves, data: dict[str, numpy_loop.Split]) -> None:
    """Compare all epochs of a run with those of a loop."""
    rows, epochs = read_metrics(result["folder"] / "metrics.csv"), len(curves.norm)
    assert len(rows) == epochs
    for name, right in (("train", curves.train), ("val", curves.val)):
        assert [row[f"{name}/accuracy"] * len(data[name][1]) for row in rows] == pytest.approx(right, abs=1e-4)
    assert [row["weights/l2_norm"] for row in rows] == pytest.approx(curves.norm, rel=1e-11)
    assert result["test"]["test/accuracy"] * len(data["test"][1]) == pytest.approx(curves.test[-1], abs=1e-4)


@pytest.mark.parametrize("name", LINEAR)
def test_all_epochs_are_those_of_the_loop(fit: Fit, name: str) -> None:
    (options, epochs, step), data = LINEAR[name], splits()
    curves = numpy_loop.linear(step, *data.values(), classes=10, epochs=epochs)
    assert len({*curves.val}) > 5, "the accuracy changes"
    check(fit(*options), curves, data)


@pytest.mark.parametrize(
    ("options", "limit"),
    [
        (["--seed_everything=3"], None),
        (["--data.seed=3", "--data.steps_per_execution=100"], None),
        (["--seed_everything=3", "--data.steps_per_execution=1", "--trainer.limit_train_batches=150"], 150),
        (["--seed_everything=3", "--model.kernels=torch"], None),
    ],
    ids=["seed", "seed of the data", "single steps", "torch"],
)
def test_other_seeds_and_ways_to_take_steps_follow_the_loop(fit: Fit, options: list[str], limit: int | None) -> None:
    data, epochs = splits(seed=5), 2
    curves = numpy_loop.linear(
        numpy_loop.logistic(0.001), *data.values(), classes=10, epochs=epochs, seed=3, limit=limit
    )
    given = [f"--trainer.max_epochs={epochs}", "--data.split_seed=5"]
    check(fit("--config=configs/logistic_online.yaml", *given, *options), curves, data)


def first_losses(seed: int, order_seed: int | None, precision: Any) -> torch.Tensor:
    """The losses of the first steps of mlp_online; rounding grows to digits within some hundred steps."""
    data = ArrayDataModule(Digits(), batch_size=1, seed=order_seed, order="numpy")
    torch.manual_seed(seed)
    sizes: dict[str, Any] = {"input_shape": (8, 8, 1), "num_classes": 10, "input_scale": data.input_scale}
    model = MLP(hidden_sizes=[100], init="numpy", learning_rate=0.001, **sizes)
    trainer(max_steps=200, precision=precision).fit(model, datamodule=data)
    return torch.cat(model.epoch.losses)


@pytest.mark.parametrize(("seed", "order_seed"), [(42, 42), (1, 2)])
def test_the_first_losses_of_the_network_are_those_of_the_loop(seed: int, order_seed: int) -> None:
    inputs, labels = splits()["train"]
    generator = np.random.RandomState(seed)
    network = numpy_loop.Network(generator, 64, 100, 10)
    if order_seed != seed:  # the order is that of a script with this seed
        generator = np.random.RandomState(order_seed)
        numpy_loop.Network(generator, 64, 100, 10)
    order = next(numpy_loop.orders(generator, len(inputs)))
    expected = [network.step(inputs[i, :-1], labels[i], 0.001) for i in order[:100]]
    assert first_losses(seed, order_seed, "64-true")[:100].tolist() == pytest.approx(expected, rel=1e-9)
    assert first_losses(seed, order_seed, "32-true")[:10].tolist() == pytest.approx(expected[:10], rel=1e-4)
