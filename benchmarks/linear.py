"""Linear models: evaluation compared with a copy of the bytes, and a whole run compared with importing Lightning."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from benchmarks.data import BenchmarkData
from benchmarks.harness import Table, interleave
from benchmarks.startup import CONFIGS
from hw1_lightning.online.minibatches import class_scores

RUNS = {
    "perceptron, one example at a time": ("perceptron",),
    "logistic regression with l2, one at a time": ("l2",),
    "logistic regression, batch 32": ("learning_rate", "--model.kernels=compiled"),
}


def tables(data: BenchmarkData, rounds: int) -> list[Table]:
    """Compare the evaluation of the training split, and runs of 100 epochs from the command to the prompt."""
    with tempfile.TemporaryDirectory(prefix="hw1-benchmark-") as folder:
        runs: dict[str, Callable[[], float]] = {
            f"hw1 fit, {title}": partial(_run, data, folder, *options) for title, options in RUNS.items()
        }
        runs['python -c "import lightning.pytorch"'] = partial(_process, "-c", "import lightning.pytorch")
        return [_evaluation(data, rounds), interleave("100 epochs, from the command to the prompt", runs, rounds)]


def _evaluation(data: BenchmarkData, rounds: int) -> Table:
    inputs = data.arrays.train.inputs.flatten(1)
    weight, bias = torch.randn(6, inputs.shape[1]), torch.zeros(6)
    source, copy = inputs.numpy(), np.empty_like(inputs.numpy())

    def by_torch() -> object:
        return torch.addmm(bias, inputs.float().mul_(1 / 256), weight.T)

    contestants = {
        "compiled kernels": partial(_seconds, partial(class_scores, weight, bias, inputs, 1 / 256)),
        "torch: to floats, scaled, one product": partial(_seconds, by_torch),
        "a copy of the bytes": partial(_seconds, partial(np.copyto, copy, source)),
    }
    return interleave("scores of the training split of a linear model", contestants, rounds * 4)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _run(data: BenchmarkData, folder: str, config: str, *options: str) -> float:
    """Return the seconds of a process that trains for 100 epochs, as the configs say."""
    run = ["-m", "hw1_lightning", "fit", f"--config={CONFIGS / config}.yaml", *data.options, *options]
    return _process(*run, f"--runs_dir={folder}")


def _process(*arguments: str) -> float:
    return _seconds(lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True))
