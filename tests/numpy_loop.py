"""Question 1 as plain NumPy loops in float64, written from the assignment; nothing of hw1 is imported.

One legacy generator draws the network's first and second weight matrix, then one permutation an epoch, which is applied
to the order of the epoch before. Weights of linear models start at 0; their bias is the last column.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Split = tuple[Array, Array]
Step = Callable[[Array, Array, int], None]


@dataclass
class Curves:
    """After each epoch: how many examples are right, and the norm of the weights."""

    train: list[int] = field(default_factory=list)
    val: list[int] = field(default_factory=list)
    test: list[int] = field(default_factory=list)
    norm: list[float] = field(default_factory=list)


def with_constant(inputs: Array, scale: float) -> Array:
    features = inputs.reshape(len(inputs), -1) * scale
    return np.hstack([features, np.ones((len(features), 1))])


def orders(generator: np.random.RandomState, count: int) -> Iterator[Array]:
    order = np.arange(count)
    while True:
        order = order[generator.permutation(count)]
        yield order


def perceptron(weight: Array, x: Array, y: int) -> None:
    predicted = np.argmax(weight @ x)
    if predicted != y:
        weight[y] += x
        weight[predicted] -= x


def logistic(rate: float, l2: float = 0.0, l1: float = 0.0, link: str = "one_vs_rest") -> Step:
    def step(weight: Array, x: Array, y: int) -> None:
        scores = weight @ x
        if link == "softmax":
            powers = np.exp(scores - scores.max())
            error = powers / powers.sum()
        else:
            error = 1 / (1 + np.exp(-scores))
        error[y] -= 1
        weight *= 1 - rate * l2
        weight -= rate * np.outer(error, x)
        if l1:  # the bias is not thresholded
            weight[:, :-1] = np.sign(weight[:, :-1]) * np.maximum(np.abs(weight[:, :-1]) - rate * l1, 0)

    return step


def linear(
    step: Step,
    train: Split,
    val: Split,
    test: Split,
    *,
    classes: int,
    epochs: int,
    seed: int = 42,
    limit: int | None = None,
) -> Curves:
    """Train a linear model on features with a constant, shape (N, D + 1), and integer classes, shape (N,).

    A limit ends each epoch after so many examples.
    """
    inputs, labels = train
    weight, curves = np.zeros((classes, inputs.shape[1])), Curves()
    for _, order in zip(range(epochs), orders(np.random.RandomState(seed), len(inputs)), strict=False):
        for i in order[:limit]:
            step(weight, inputs[i], labels[i])
        for right, (x, y) in ((curves.train, train), (curves.val, val), (curves.test, test)):
            right.append(int((np.argmax(x @ weight.T, axis=1) == y).sum()))
        curves.norm.append(float(np.linalg.norm(weight)))
    return curves


class Network:
    """One hidden layer of rectified units, softmax cross-entropy, gradients by hand."""

    def __init__(self, generator: np.random.RandomState, inputs: int, hidden: int, classes: int) -> None:
        self.first = generator.normal(0.1, 0.1, (hidden, inputs))
        self.second = generator.normal(0.1, 0.1, (classes, hidden))
        self.first_bias, self.second_bias = np.zeros(hidden), np.zeros(classes)

    def scores(self, x: Array) -> tuple[Array, Array]:
        hidden = np.maximum(x @ self.first.T + self.first_bias, 0)
        return hidden, hidden @ self.second.T + self.second_bias

    def step(self, x: Array, y: int, rate: float) -> float:
        """Learn from one example, and return its loss before the step."""
        hidden, scores = self.scores(x)
        powers = np.exp(scores - scores.max())
        loss = np.log(powers.sum()) + scores.max() - scores[y]
        error = powers / powers.sum()
        error[y] -= 1
        below = (error @ self.second) * (hidden > 0)
        self.second -= rate * np.outer(error, hidden)
        self.second_bias -= rate * error
        self.first -= rate * np.outer(below, x)
        self.first_bias -= rate * below
        return float(loss)
