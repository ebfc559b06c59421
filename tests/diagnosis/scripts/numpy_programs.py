"""Question 1 as NumPy loops in float64, with a place for each mistake.

``Program`` holds the hyperparameters and, below them, what a mistake replaces; its defaults are the correct program.
One generator draws the network's weights, then one permutation an epoch, which is applied to the order before.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.diagnosis.scripts import wrong_data
from tests.diagnosis.scripts.data import Array, Data, Report
from tests.diagnosis.scripts.history import History
from tests.diagnosis.scripts.numpy_models import Linear, Network, sigmoid, softmax

Rule = Callable[["Program", Array, Array, int], None]


def composed(generator: Any, count: int) -> Iterator[Array]:
    order = np.arange(count)
    while True:
        order = order[generator.permutation(count)]
        yield order


def perceptron(program: "Program", weight: Array, x: Array, y: int) -> None:
    predicted = np.argmax(weight @ x)
    if predicted != y:
        weight[y] += x
        weight[predicted] -= x


def shrink(program: "Program", weight: Array) -> None:
    weight *= 1 - program.rate * program.l2


def logistic(program: "Program", weight: Array, x: Array, y: int) -> None:
    error = program.link(weight @ x)
    error[y] -= 1
    if program.l2:
        program.penalise(program, weight)
    weight -= program.rate * np.outer(error, x)


def zeros(generator: Any, shape: tuple[int, int]) -> Array:
    return np.zeros(shape)


def around_a_tenth(generator: Any, shape: tuple[int, int]) -> Array:
    return generator.normal(0.1, 0.1, shape)  # type: ignore[no-any-return]


def predicted(scores: Array) -> Array:
    return np.asarray(scores.argmax(axis=1))


def mean(losses: list[float]) -> float:
    return sum(losses) / len(losses)


def constant_rate(rate: float, epoch: int) -> float:
    return rate


@dataclass(frozen=True)
class Program:
    rule: Rule = logistic  # of linear models
    rate: float = 0.001
    l2: float = 0.0
    link: Callable[[Array], Array] = sigmoid
    seed: int = 42
    # What mistakes and other correct programs replace.
    model: Callable[["Program", Any, int, int], Any] = Linear
    initial: Callable[[Any, tuple[int, int]], Array] = zeros
    bias: bool = True
    penalise: Callable[["Program", Array], None] = shrink
    generator: Callable[[int], Any] = np.random.RandomState
    orders: Callable[[Any, int], Iterator[Array]] = composed
    data: wrong_data.Change = wrong_data.unchanged
    dtype: type[Any] = np.float64
    schedule: Callable[[float, int], float] = constant_rate
    predict: Callable[[Array], Array] = predicted
    average: Callable[[list[float]], float] = mean  # the losses of an epoch
    evaluated: tuple[str, ...] = ("train", "val")  # after each epoch, in this order
    chunk: int | None = None  # examples that are evaluated at once
    best_epoch: bool = False
    epochs: float = 1.0  # factor of the number of epochs


def run(program: Program, data: Data, epochs: int) -> Report:
    """Train, and return accuracies by epoch, also weights/l2_norm (linear) or train/loss (network).

    Of test/accuracy it returns the final value.
    """
    data, generator = program.data(data), program.generator(program.seed)
    features = {name: data.features(name, program.dtype) for name in data.splits}
    inputs, labels = features["train"], data.splits["train"][1]
    model = program.model(program, generator, inputs.shape[1], data.classes)
    history, orders = History(program.best_epoch), program.orders(generator, len(inputs))
    with np.errstate(over="ignore", invalid="ignore"):  # mistaken programs can diverge
        for epoch in range(max(1, round(epochs * program.epochs))):
            now = replace(program, rate=program.schedule(program.rate, epoch))
            losses = [model.learn(now, inputs[i], labels[i]) for i in next(orders)]
            numbers = {
                f"{name}/accuracy": accuracy(program, model, features[name], data.splits[name][1])
                for name in program.evaluated
            }
            is_linear = hasattr(model, "norm")
            numbers |= {"weights/l2_norm": model.norm()} if is_linear else {"train/loss": program.average(losses)}
            history.add(model, numbers)
        model, report = history.final(model)
        report["test/accuracy"] = accuracy(program, model, features["test"], data.splits["test"][1])
    return report


def accuracy(program: Program, model: Any, features: Array, labels: Array) -> float:
    size = program.chunk or len(features)
    scores = [model.scores(features[start : start + size]) for start in range(0, len(features), size)]
    return float((program.predict(np.concatenate(scores)) == labels).mean())


ONLINE = Program()
EXPERIMENTS = {
    "perceptron": Program(perceptron, rate=1.0),
    "logistic_online": ONLINE,
    "logistic_online=softmax": replace(ONLINE, link=softmax),
    "l2": replace(ONLINE, l2=0.01),
    "l2=softmax": replace(ONLINE, l2=0.01, link=softmax),
    "mlp_online": Program(model=Network, initial=around_a_tenth),
}
