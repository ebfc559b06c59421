"""Growth: an epoch's seconds against the numbers of examples, features and classes, the batch size and the threads.

`python -m benchmarks growth` prints the tables; `python -m benchmarks.growth FIGURE` draws them as well.
"""

import argparse
import math
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn

from benchmarks.data import BenchmarkData
from benchmarks.harness import machine
from hw1_lightning.online.learners import logistic_steps, perceptron_steps
from hw1_lightning.online.minibatches import class_scores, minibatch_steps
from hw1_lightning.training.inputs import scaled_features
from hw1_lightning.training.softmax_network import SoftmaxNetworkGradient

Sizes = dict[str, int]
BASE: Sizes = {"examples": 1000, "features": 1728, "classes": 6, "batch size": 32, "threads": 1}
AXES = {
    "examples": (500, 1000, 2000, 4000, 8000),
    "features": (432, 864, 1728, 3456, 6912),
    "classes": (2, 4, 8, 16, 32),
    "batch size": (8, 16, 32, 64, 128),
    "threads": (1, 2),
}
RATE, HIDDEN, SCALE = 0.001, 200, 1 / 256


@dataclass(frozen=True)
class Growth:
    """Median seconds of each work for each size of one axis, with the exponent of its growth.

    Args:
        axis: what grows.
        sizes: its values.
        seconds: for each work, one number for each size.
        rounds: interleaved rounds.
    """

    axis: str
    sizes: tuple[int, ...]
    seconds: dict[str, list[float]]
    rounds: int

    def slope(self, work: str) -> float:
        """Return the slope of log seconds over log size by least squares: 1 is proportional growth."""
        return statistics.linear_regression(list(map(math.log, self.sizes)), list(map(math.log, self.seconds[work])))[0]

    def __str__(self) -> str:
        fixed = ", ".join(f"{size} {name}" for name, size in BASE.items() if name != self.axis)
        lines = [f"growth with {self.axis}: milliseconds (medians of {self.rounds} interleaved rounds; {fixed})"]
        lines += [f"  {'':<36}" + "".join(f"{size:>9}" for size in self.sizes) + "    slope"]
        for work, seconds in self.seconds.items():
            numbers = "".join(f"{1000 * value:>9.2f}" for value in seconds)
            lines.append(f"  {work:<36}{numbers}{self.slope(work):>9.2f}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, object]:
        """Return the table for JSON."""
        return {**asdict(self), "slopes": {work: self.slope(work) for work in self.seconds}}


class Work:
    """An epoch of each kind of work on random bytes.

    Args:
        sizes: all five sizes.
    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        examples, features, classes, batch, self.threads = (sizes[name] for name in BASE)
        draw = torch.Generator().manual_seed(0)
        self.inputs = torch.randint(0, 256, (examples, features), dtype=torch.uint8, generator=draw)
        self.targets = torch.randint(0, classes, (examples,), generator=draw)
        full = examples // batch * batch
        self.batches = self.inputs[:full].view(-1, batch, features), self.targets[:full].view(-1, batch)
        self.linear = torch.zeros(classes, features), torch.zeros(classes)
        self.layers = [nn.Linear(features, HIDDEN), nn.Linear(HIDDEN, classes)]
        self.gradient = SoftmaxNetworkGradient(self.layers, scale=SCALE)

    def perceptron(self) -> None:
        """Learn from single examples."""
        perceptron_steps(*self.linear, self.inputs, self.targets, scale=SCALE)

    def logistic(self) -> None:
        """Learn from single examples."""
        logistic_steps(*self.linear, self.inputs, self.targets, learning_rate=RATE, scale=SCALE)

    def minibatches(self) -> None:
        """Take steps of softmax regression on minibatches."""
        minibatch_steps(*self.linear, *self.batches, learning_rate=RATE, scale=SCALE)

    def scores(self) -> None:
        """Compute the scores of all examples."""
        class_scores(*self.linear, self.inputs, SCALE)

    @torch.no_grad()
    def network(self) -> None:
        """Take steps of a network with one hidden layer on minibatches."""
        self.gradient.begin()
        for inputs, targets in zip(*self.batches, strict=True):
            self.gradient(scaled_features(inputs, 1.0, torch.float32), targets)
            for parameter in (parameter for layer in self.layers for parameter in layer.parameters()):
                assert parameter.grad is not None
                parameter.add_(parameter.grad, alpha=-RATE)
        self.gradient.end()


WORKS: dict[str, Callable[[Work], None]] = {
    "perceptron, single examples": Work.perceptron,
    "logistic regression, single examples": Work.logistic,
    "logistic regression, minibatches": Work.minibatches,
    "scores of a linear model": Work.scores,
    "network, 200 hidden, minibatches": Work.network,
}
# What an axis does not change is left out.
UNCHANGED = {
    "batch size": ("perceptron, single examples", "logistic regression, single examples", "scores of a linear model"),
    "threads": tuple(WORKS)[:3],
}


def tables(data: BenchmarkData, rounds: int) -> list[Growth]:
    """Measure all axes. The data are random bytes: their values change no speed."""
    before = torch.get_num_threads()
    try:
        return [_measure(axis, sizes, rounds) for axis, sizes in AXES.items()]
    finally:
        torch.set_num_threads(before)


def _measure(axis: str, sizes: tuple[int, ...], rounds: int) -> Growth:
    prepared = [Work({**BASE, axis: size}) for size in sizes]
    chosen = [name for name in WORKS if name not in UNCHANGED.get(axis, ())]
    seconds: dict[str, list[list[float]]] = {name: [[] for _ in sizes] for name in chosen}
    for _ in range(rounds + 1):
        for name in chosen:
            for turns, work in zip(seconds[name], prepared, strict=True):
                torch.set_num_threads(work.threads)
                start = time.perf_counter()
                WORKS[name](work)
                turns.append(time.perf_counter() - start)
    medians = {name: [statistics.median(turns[1:]) for turns in of] for name, of in seconds.items()}
    return Growth(axis, sizes, medians, rounds)


def draw(measured: list[Growth], path: Path) -> None:
    """Draw seconds over sizes, both logarithmic, with the slope of each work in the legend."""
    from matplotlib.figure import Figure

    shown = [growth for growth in measured if len(growth.sizes) > 2]
    figure = Figure(figsize=(10, 9), layout="constrained")
    for axes, growth in zip(figure.subplots(2, 2).flat, shown, strict=True):
        for index, work in enumerate(WORKS):
            if work in growth.seconds:
                label = f"{work}: {growth.slope(work):.2f}"
                axes.loglog(growth.sizes, growth.seconds[work], "o-", color=f"C{index}", label=label)
        axes.set(xlabel=growth.axis, ylabel="seconds")
        axes.set_xticks(growth.sizes, [str(size) for size in growth.sizes])
        axes.minorticks_off()
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, title="slope", title_fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.16))
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("figure", type=Path, help="file to draw, .svg or .png")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that are counted (default: 5)")
    given = parser.parse_args()
    print(machine())
    done = [_measure(axis, sizes, given.rounds) for axis, sizes in AXES.items()]
    print("\n\n".join(map(str, done)))
    draw(done, given.figure)
