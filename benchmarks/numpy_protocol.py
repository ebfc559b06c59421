"""Question 1 compared with plain NumPy loops: `python -m benchmarks.numpy_protocol linear network --data FILE`.

`linear` trains the linear models by `hw1 fit`, in float64 and float32, and counts the epochs whose accuracies are other
than those of the loops. `network` trains the hand-derived network with changes as small as rounding errors.
"""

import argparse
import io
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.data import BenchmarkData, load
from benchmarks.epochs import CONFIGS
from benchmarks.harness import machine
from hw1_lightning.cli import main as hw1
from hw1_lightning.data.order import NumpyOrder
from hw1_lightning.models import MLP
from hw1_lightning.online.mlp import mlp_steps
from hw1_lightning.runs.metrics_reader import read_metrics
from tests import numpy_loop

LINEAR = {
    "perceptron": numpy_loop.perceptron,
    "logistic_online": numpy_loop.logistic(0.001),
    "l2": numpy_loop.logistic(0.001, l2=0.01),
    "l1": numpy_loop.logistic(0.001, l1=0.0003),
}
PRECISIONS = ("64-true", "32-true")
STACK, RATE, HIDDEN = 2048, 0.001, 100
# What is changed: block size, dtype, threads, the relative change of the initial weights.
Change = tuple[int, torch.dtype, int, float]
CHANGES: dict[str, Change] = {
    "float32, as the config": (64, torch.float32, 1, 0.0),
    "float32, blocks of 32": (32, torch.float32, 1, 0.0),
    "float64": (64, torch.float64, 1, 0.0),
    "float64, two threads": (64, torch.float64, 2, 0.0),
    "float64, blocks of 32": (32, torch.float64, 1, 0.0),
    "float64, blocks of 128": (128, torch.float64, 1, 0.0),
    "weights times 1 + 1e-15": (64, torch.float64, 1, 1e-15),
    "weights times 1 - 1e-15": (64, torch.float64, 1, -1e-15),
}


def fit(config: str, precision: str, epochs: int, seed: int, data: BenchmarkData) -> tuple[list[dict[str, float]], Any]:
    """Run `hw1 fit`, and return its epochs and its result."""
    with tempfile.TemporaryDirectory() as runs, redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as said:
        options = [f"--seed_everything={seed}", f"--trainer.precision={precision}", f"--trainer.max_epochs={epochs}"]
        if hw1(["fit", f"--config={CONFIGS / config}.yaml", *data.options, *options, f"--runs_dir={runs}"]):
            raise RuntimeError(f"hw1 fit failed: {said.getvalue()}")
        (folder,) = Path(runs).glob("*/*")
        return read_metrics(folder / "metrics.csv"), json.loads((folder / "result.json").read_text())


def splits(data: BenchmarkData) -> Iterator[numpy_loop.Split]:
    """Yield the features of each split with a constant, float64, and its classes."""
    for split in data.arrays.splits.values():
        yield numpy_loop.with_constant(split.inputs.numpy(), data.arrays.input_scale), split.targets.numpy()


def compare_linear(data: BenchmarkData, epochs: int, seed: int) -> None:
    """Print how far each linear model agrees with its loop."""
    columns = ("validation", "test", "norm")
    print(f"{'':<16}{'':<12}{'epochs that differ':>20}{'norm differs by':>18}" + "".join(f"{c:>12}" for c in columns))
    train, val, test = splits(data)
    for config, step in LINEAR.items():
        curves = numpy_loop.linear(step, train, val, test, classes=6, epochs=epochs, seed=seed)
        last = (curves.val[-1] / len(val[1]), curves.test[-1] / len(test[1]), curves.norm[-1])
        print(f"{config:<16}{'plain loop':<12}{'':>38}" + "".join(f"{value:>12.6g}" for value in last), flush=True)
        for precision in PRECISIONS:
            rows, result = fit(config, precision, epochs, seed, data)
            found = [(row["train/accuracy"] * len(train[1]), row["val/accuracy"] * len(val[1])) for row in rows]
            pairs = zip(found, curves.train, curves.val, strict=True)
            different = sum((round(ours[0]), round(ours[1])) != (right, val_right) for ours, right, val_right in pairs)
            norms = zip(rows, curves.norm, strict=True)
            worst = max(abs(row["weights/l2_norm"] / norm - 1) for row, norm in norms)
            last = (rows[-1]["val/accuracy"], result["test"]["test/accuracy"], rows[-1]["weights/l2_norm"])
            shown = "".join(f"{value:>12.6g}" for value in last)
            print(f"{config:<16}{precision:<12}{f'{different} of {epochs}':>20}{worst:>18.1e}{shown}", flush=True)


def network_accuracy(data: BenchmarkData, epochs: int, change: Change, seed: int) -> float:
    """Return the validation accuracy of the network after training."""
    block_size, dtype, threads, relative = change
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    arrays, train = data.arrays, data.arrays.train
    model = MLP(hidden_sizes=[HIDDEN], init="numpy", input_shape=arrays.input_shape, num_classes=arrays.num_classes)
    model = model.double().to(dtype)
    layers = [layer for layer in model.layers if isinstance(layer, torch.nn.Linear)]
    for layer in layers:
        layer.weight.data.mul_(1 + relative)
    order, parameters = NumpyOrder(seed), ([each.weight for each in layers], [each.bias for each in layers])
    order.restart(model.numpy_draws)
    for _ in range(epochs):
        for chosen in order.draw(len(train)).split(STACK):
            inputs, targets = train.take(chosen)
            examples, scale = (inputs.flatten(1), targets), arrays.input_scale
            mlp_steps(*parameters, *examples, learning_rate=RATE, scale=scale, block_size=block_size)
    with torch.no_grad():
        scores = model.layers(arrays.val.inputs.flatten(1).to(dtype) * arrays.input_scale)
    return float((scores.argmax(1) == arrays.val.targets).double().mean())


def plain_network_accuracy(data: BenchmarkData, epochs: int, seed: int) -> float:
    """Return the validation accuracy of the network of a plain loop after training."""
    (train, labels), (val, val_labels), _ = splits(data)
    generator = np.random.RandomState(seed)
    network = numpy_loop.Network(generator, train.shape[1] - 1, HIDDEN, 6)
    for _, order in zip(range(epochs), numpy_loop.orders(generator, len(train)), strict=False):
        for i in order:
            network.step(train[i, :-1], labels[i], RATE)
    return float((network.scores(val[:, :-1])[1].argmax(1) == val_labels).mean())


def spread_of_network(data: BenchmarkData, epochs: int, seed: int) -> None:
    """Print the accuracies after training with each change, and their spread."""
    runs: dict[str, Callable[[], float]] = {
        name: partial(network_accuracy, data, epochs, change, seed) for name, change in CHANGES.items()
    }
    runs["plain NumPy loop"] = lambda: plain_network_accuracy(data, epochs, seed)
    found = []
    for name, run in runs.items():
        found.append(run())
        print(f"{name:<28}{found[-1]:>10.4f}", flush=True)
    print(f"{'least, median, most':<28}{min(found):>10.4f}{statistics.median(found):>10.4f}{max(found):>10.4f}")


def main() -> int:
    """Run the chosen parts."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.numpy_protocol", description=__doc__)
    parser.add_argument("parts", nargs="+", choices=("linear", "network"))
    parser.add_argument("--data", help="npz file in the course's format (default: noise of its shape)")
    parser.add_argument("--epochs", type=int, help="default: 100 for linear models, 20 for the network")
    parser.add_argument("--seed", type=int, default=42, help="default: 42")
    given = parser.parse_args()
    data = load(given.data)
    print(f"{machine()}\ndata: {data.name}, seed {given.seed}\n", flush=True)
    if "linear" in given.parts:
        compare_linear(data, given.epochs or 100, given.seed)
    if "network" in given.parts:
        spread_of_network(data, given.epochs or 20, given.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
