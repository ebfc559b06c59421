"""The models of question 1: a linear one, and a network with gradients by hand."""

from typing import Any

import numpy as np

from tests.diagnosis.scripts.data import Array


def sigmoid(scores: Array) -> Array:
    return 1 / (1 + np.exp(-scores))


def softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)  # type: ignore[no-any-return]


def cross_entropy(scores: Array, y: int) -> float:
    return float(np.log(np.exp(scores - scores.max()).sum()) + scores.max() - scores[y])


class Linear:
    """Scores W x; the last column of W is the bias, if there is one."""

    def __init__(self, program: Any, generator: Any, inputs: int, classes: int) -> None:
        self.weight = program.initial(generator, (classes, inputs + program.bias))

    def learn(self, program: Any, x: Array, y: int) -> None:
        program.rule(program, self.weight, self.with_constant(x), y)

    def with_constant(self, x: Array) -> Array:
        if self.weight.shape[1] == x.shape[-1]:
            return x
        return np.concatenate([x, np.ones((*x.shape[:-1], 1), x.dtype)], axis=-1)

    def scores(self, features: Array) -> Array:
        scores: Array = self.with_constant(features) @ self.weight.T
        return scores

    def norm(self) -> float:
        return float(np.linalg.norm(self.weight))


class Network:
    """One hidden layer of rectified units, softmax cross-entropy, gradients by hand."""

    hidden = 100

    def __init__(self, program: Any, generator: Any, inputs: int, classes: int) -> None:
        self.first = program.initial(generator, (self.hidden, inputs))
        self.second = program.initial(generator, (classes, self.hidden))
        self.first_bias, self.second_bias = np.zeros(self.hidden), np.zeros(classes)

    def activation(self, z: Array) -> Array:
        return np.asarray(np.maximum(z, 0))

    def derivative(self, hidden: Array) -> Array:
        """Return the activation's derivative, from its values."""
        return np.asarray(hidden > 0)

    def hidden_units(self, x: Array) -> Array:
        return self.activation(x @ self.first.T + self.first_bias)

    def scores(self, features: Array) -> Array:
        scores: Array = self.hidden_units(features) @ self.second.T + self.second_bias
        return scores

    def learn(self, program: Any, x: Array, y: int) -> float:
        """Learn from one example, and return its loss before the step."""
        hidden = self.hidden_units(x)
        scores = hidden @ self.second.T + self.second_bias
        error = softmax(scores)
        error[y] -= 1
        below = (error @ self.second) * self.derivative(hidden)
        self.second -= program.rate * np.outer(error, hidden)
        self.first -= program.rate * np.outer(below, x)
        if program.bias:
            self.second_bias -= program.rate * error
            self.first_bias -= program.rate * below
        return cross_entropy(scores, y)
