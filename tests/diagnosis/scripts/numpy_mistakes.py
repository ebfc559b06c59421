"""Mistakes of question 1: each breaks one thing of a correct NumPy program."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tests.diagnosis.scripts.data import Array
from tests.diagnosis.scripts.mistake import Mistake
from tests.diagnosis.scripts.numpy_models import Network, sigmoid, softmax
from tests.diagnosis.scripts.numpy_programs import Program, Rule, perceptron
from tests.diagnosis.scripts.wrong_data import MEASURED, PIXELS


def is_perceptron(program: Program) -> bool:
    return program.rule is perceptron


def is_network(program: Program) -> bool:
    return program.model is Network


def is_logistic(program: Program) -> bool:
    return not is_perceptron(program) and not is_network(program)


def is_one_vs_rest(program: Program) -> bool:
    return is_logistic(program) and program.link is sigmoid


def is_softmax(program: Program) -> bool:
    return is_logistic(program) and program.link is softmax


def has_penalty(program: Program) -> bool:
    return program.l2 > 0


def has_step(program: Program) -> bool:
    return not is_perceptron(program)


# The perceptron's corrections.
def without_wrong_class(program: Program, weight: Array, x: Array, y: int) -> None:
    if np.argmax(weight @ x) != y:
        weight[y] += x


def times_label(program: Program, weight: Array, x: Array, y: int) -> None:
    predicted = np.argmax(weight @ x)
    if predicted != y:
        weight[y] += y * x
        weight[predicted] -= y * x


def times_own_label(program: Program, weight: Array, x: Array, y: int) -> None:
    predicted = np.argmax(weight @ x)
    if predicted != y:
        weight[y] += y * x
        weight[predicted] -= predicted * x


def times_rate(program: Program, weight: Array, x: Array, y: int) -> None:
    predicted = np.argmax(weight @ x)
    if predicted != y:
        weight[y] += 0.001 * x
        weight[predicted] -= 0.001 * x


def at_every_example(program: Program, weight: Array, x: Array, y: int) -> None:
    predicted = np.argmax(weight @ x)
    weight[y] += x
    if predicted != y:
        weight[predicted] -= x


# The penalty of one step.
def times(factor: float) -> Callable[[Program, Array], None]:
    """Return a penalty that is the correct one times a factor."""

    def penalise(program: Program, weight: Array) -> None:
        weight *= 1 - factor * program.rate * program.l2

    return penalise


def without_rate(program: Program, weight: Array) -> None:
    weight *= 1 - program.l2


def not_on_bias(program: Program, weight: Array) -> None:
    weight[:, :-1] *= 1 - program.rate * program.l2


# The order of the examples.
def in_file_order(generator: Any, count: int) -> Iterator[Array]:
    while True:
        yield np.arange(count)


def shuffled_once(generator: Any, count: int) -> Iterator[Array]:
    order = generator.permutation(count)
    while True:
        yield order


def not_composed(generator: Any, count: int) -> Iterator[Array]:
    while True:
        yield generator.permutation(count)


# The first weights.
def normal(generator: Any, shape: tuple[int, int]) -> Array:
    return generator.normal(0, 1, shape)  # type: ignore[no-any-return]


def as_torch(generator: Any, shape: tuple[int, int]) -> Array:
    bound = shape[1] ** -0.5
    return generator.uniform(-bound, bound, shape)  # type: ignore[no-any-return]


def he(generator: Any, shape: tuple[int, int]) -> Array:
    return generator.normal(0, (2 / shape[1]) ** 0.5, shape)  # type: ignore[no-any-return]


def xavier(generator: Any, shape: tuple[int, int]) -> Array:
    bound = (6 / sum(shape)) ** 0.5
    return generator.uniform(-bound, bound, shape)  # type: ignore[no-any-return]


def all_zero(generator: Any, shape: tuple[int, int]) -> Array:
    return np.zeros(shape)


# The network.
class WithoutDerivative(Network):
    def derivative(self, hidden: Array) -> Array:
        return np.ones_like(hidden)


class WithSigmoid(Network):
    def activation(self, z: Array) -> Array:
        return sigmoid(z)

    def derivative(self, hidden: Array) -> Array:
        return np.asarray(hidden * (1 - hidden))


class WithTanh(Network):
    def activation(self, z: Array) -> Array:
        return np.asarray(np.tanh(z))

    def derivative(self, hidden: Array) -> Array:
        return np.asarray(1 - hidden**2)


def _rule(rule: Rule, family: str = "") -> Mistake:
    return Mistake({"rule": rule}, is_perceptron, family)


LISTED: dict[str, Mistake] = {
    "wrong_class_unchanged": _rule(without_wrong_class),
    "times_label": _rule(times_label),
    "times_own_label": _rule(times_own_label, "times_label"),
    "times_rate": _rule(times_rate),
    "every_example": _rule(at_every_example),
    "no_shuffling": Mistake({"orders": in_file_order}),
    "shuffled_once": Mistake({"orders": shuffled_once}),
    "permutation_not_composed": Mistake({"orders": not_composed}),
    "bias_missing": Mistake({"bias": False}),
    "softmax": Mistake({"link": softmax}, is_one_vs_rest),
    "one_vs_rest": Mistake({"link": sigmoid}, is_softmax),
    "penalty_wrong_sign": Mistake({"penalise": times(-1)}, has_penalty),
    "penalty_twice": Mistake({"penalise": times(2)}, has_penalty),
    "penalty_forgotten": Mistake({"l2": 0.0}, has_penalty),
    "penalty_without_rate": Mistake({"penalise": without_rate}, has_penalty),
    "penalty_not_on_bias": Mistake({"penalise": not_on_bias}, has_penalty),
    "init_normal": Mistake({"initial": normal}),
    "init_torch": Mistake({"initial": as_torch}),
    "init_he": Mistake({"initial": he}, is_network),
    "init_xavier": Mistake({"initial": xavier}, is_network),
    "init_zero": Mistake({"initial": all_zero}, is_network),
    "derivative_missing": Mistake({"model": WithoutDerivative}, is_network),
    "sigmoid": Mistake({"model": WithSigmoid}, is_network),
    "tanh": Mistake({"model": WithTanh}, is_network),
    "sum_loss": Mistake({"average": sum}, is_network),
    "best_epoch": Mistake({"best_epoch": True}),
    "epochs_20": Mistake({"epochs": 1 / 5}, lambda program: not is_network(program), "epochs"),
    "epochs_100": Mistake({"epochs": 5.0}, is_network, "epochs"),
    "learning_rate_0.1": Mistake({"rate": 0.1}, has_step, "learning_rate"),
    "learning_rate_0.002": Mistake({"rate": 0.002}, has_step, "learning_rate"),
    **{
        name: Mistake({"data": change}, family="pixels_standardised" if "standardised" in name else "", data=data)
        for name, (data, change) in PIXELS.items()
    },
    **{name: Mistake({"data": change}) for name, change in MEASURED.items()},
}
