"""Question 1: mistakes that the list does not have, and other correct programs."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.diagnosis.scripts.data import Array
from tests.diagnosis.scripts.mistake import Mistake
from tests.diagnosis.scripts.numpy_mistakes import has_step, is_network
from tests.diagnosis.scripts.numpy_models import Linear, Network, cross_entropy, softmax
from tests.diagnosis.scripts.numpy_programs import Program, perceptron
from tests.diagnosis.scripts.wrong_data import training_labels_shifted


def is_linear(program: Program) -> bool:
    return program.model is Linear


def smallest(scores: Array) -> Array:
    return np.asarray(scores.argmin(axis=1))


def exponential_rate(rate: float, epoch: int) -> float:
    return rate * 0.95**epoch


def rate_by_epoch(rate: float, epoch: int) -> float:
    return rate / (epoch + 1)


def drawn_with_replacement(generator: Any, count: int) -> Iterator[Array]:
    while True:
        yield generator.randint(count, size=count)


def same_permutation(generator: Any, count: int) -> Iterator[Array]:
    """Set the seed in each epoch, so that the same permutation is applied again."""
    order = np.arange(count)
    while True:
        order = order[np.random.RandomState(42).permutation(count)]
        yield order


class SecondLayerFirst(Network):
    """Computes the hidden layer's error with weights that are updated already."""

    def learn(self, program: Program, x: Array, y: int) -> float:
        hidden = self.hidden_units(x)
        scores = hidden @ self.second.T + self.second_bias
        error = softmax(scores) - np.eye(len(scores))[y]
        self.second -= program.rate * np.outer(error, hidden)
        self.second_bias -= program.rate * error
        below = (error @ self.second) * (hidden > 0)
        self.first -= program.rate * np.outer(below, x)
        self.first_bias -= program.rate * below
        return cross_entropy(scores, y)


UNLISTED: dict[str, Mistake] = {
    "scheduler_left_in": Mistake({"schedule": exponential_rate}, has_step),
    "rate_by_epoch": Mistake({"schedule": rate_by_epoch}, has_step),
    "argmin": Mistake({"predict": smallest}),
    "training_labels_shifted": Mistake({"data": training_labels_shifted}),
    "drawn_with_replacement": Mistake({"orders": drawn_with_replacement}),
    "seed_set_in_each_epoch": Mistake({"orders": same_permutation}),
    "second_layer_first": Mistake({"model": SecondLayerFirst}, is_network),
}


class InputsByClasses(Linear):
    """Keeps the weights as a matrix of shape (inputs, classes), and the bias as a vector."""

    def __init__(self, program: Program, generator: Any, inputs: int, classes: int) -> None:
        self.w, self.b = np.zeros((inputs, classes)), np.zeros(classes)

    def learn(self, program: Program, x: Array, y: int) -> None:
        scores = x @ self.w + self.b
        if program.rule is perceptron:
            step = np.eye(len(scores))[y] - np.eye(len(scores))[scores.argmax()]
        else:
            step = program.rate * (np.eye(len(scores))[y] - program.link(scores))
            self.w -= program.rate * program.l2 * self.w
            self.b -= program.rate * program.l2 * self.b
        self.w += x[:, None] * step
        self.b += step

    def scores(self, features: Array) -> Array:
        return features @ self.w + self.b

    def norm(self) -> float:
        return float(np.sqrt((self.w**2).sum() + (self.b**2).sum()))


def zeros_float32(generator: Any, shape: tuple[int, int]) -> Array:
    return np.zeros(shape, np.float32)


CORRECT: dict[str, Mistake] = {
    "correct": Mistake({}),
    "two_threads": Mistake({}, threads=2),
    "chunks": Mistake({"chunk": 50}),
    "test_before_validation": Mistake({"evaluated": ("test", "val", "train")}),
    "float32": Mistake({"dtype": np.float32, "initial": zeros_float32}, is_linear),
    "inputs_by_classes": Mistake({"model": InputsByClasses}, is_linear),
    "new_generator": Mistake({"generator": np.random.default_rng}),
    "other_seed": Mistake({"seed": 43}),
}
# Correct programs with the same random numbers: they differ from the reference in rounding alone.
SAME_RANDOM_NUMBERS = frozenset(CORRECT) - {"new_generator", "other_seed"}
