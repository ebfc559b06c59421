"""One example at a time: hw1's whole epoch against a plain NumPy loop and scikit-learn."""

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import Perceptron, SGDClassifier

from benchmarks.data import BenchmarkData
from benchmarks.epochs import hw1_epoch
from benchmarks.harness import Table, interleave

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
RATE, L2 = 0.001, 0.01
# The plain network takes minutes an epoch; its time is that of so many examples, scaled up.
MLP_EXAMPLES = 500


def plain_perceptron(x: Array, y: Labels, weight: Array) -> None:
    """The course's perceptron, as a student writes it; the bias is the weight of a constant feature."""
    for x_i, y_i in zip(x, y, strict=True):
        predicted = np.argmax(weight @ x_i)
        if predicted != y_i:
            weight[y_i] += x_i
            weight[predicted] -= x_i


def plain_logistic(x: Array, y: Labels, weight: Array) -> None:
    """Logistic regression with a sigmoid a class and an l2 penalty, as a student writes it."""
    target = np.eye(len(weight))
    for x_i, y_i in zip(x, y, strict=True):
        probability = 1 / (1 + np.exp(-(weight @ x_i)))
        weight *= 1 - RATE * L2
        weight += RATE * np.outer(target[y_i] - probability, x_i)


def plain_mlp(x: Array, y: Labels, layers: list[Array]) -> None:
    """One hidden layer of rectified units and a softmax, as a student writes it."""
    w1, b1, w2, b2 = layers
    target = np.eye(len(w2))
    for x_i, y_i in zip(x, y, strict=True):
        z = w1 @ x_i + b1
        h = np.maximum(z, 0)
        s = w2 @ h + b2
        e = np.exp(s - s.max())
        d2 = e / e.sum() - target[y_i]
        d1 = (w2.T @ d2) * (z > 0)
        w2 -= RATE * np.outer(d2, h)
        b2 -= RATE * d2
        w1 -= RATE * np.outer(d1, x_i)
        b1 -= RATE * d1


def tables(data: BenchmarkData, rounds: int) -> list[Table]:
    """Compare the three learners of question 1.

    Equal work: every contestant passes once over the same examples, in a random order, one update each, and then
    evaluates the validation split once. scikit-learn gets float32 inputs, a constant rate and no averaging, and
    learns one against the rest, class after class.
    """
    x, y = data.features("train").double().numpy(), data.arrays.train.targets.numpy()
    x = np.hstack([x, np.ones((len(x), 1))])
    val_x, val_y = data.features("val").numpy(), data.arrays.val.targets.numpy()
    x32 = np.ascontiguousarray(x[:, :-1], dtype=np.float32)
    rng = np.random.default_rng(0)

    def plain(learn: Callable[..., None], parameters: object, count: int = len(x)) -> float:
        order = rng.permutation(len(x))[:count]
        shuffled, labels = x[order], y[order]
        start = time.perf_counter()
        learn(shuffled, labels, parameters)
        return (time.perf_counter() - start) * len(x) / count

    def sklearn(model: Perceptron | SGDClassifier) -> float:
        order = rng.permutation(len(x))
        shuffled, labels = x32[order], y[order]
        start = time.perf_counter()
        model.partial_fit(shuffled, labels, classes=np.arange(6))
        model.score(val_x, val_y)
        return time.perf_counter() - start

    weight = np.zeros((6, x.shape[1]))
    layers = [rng.normal(0.1, 0.1, (100, x.shape[1] - 1)), np.zeros(100), rng.normal(0.1, 0.1, (6, 100)), np.zeros(6)]
    features = x[:, :-1]
    sgd = {"learning_rate": "constant", "eta0": RATE, "alpha": L2, "loss": "log_loss"}
    perceptron, logistic = Perceptron(), SGDClassifier(**sgd)

    def plain_network() -> float:
        order = rng.permutation(len(x))[:MLP_EXAMPLES]
        shuffled, labels = features[order], y[order]
        start = time.perf_counter()
        plain_mlp(shuffled, labels, layers)
        return (time.perf_counter() - start) * len(x) / MLP_EXAMPLES

    options = ("--train_accuracy=false",)
    return [
        interleave(
            "perceptron, an epoch",
            {
                "hw1 fit, everything included": lambda: hw1_epoch("perceptron", data, 3, *options),
                "plain NumPy loop": lambda: plain(plain_perceptron, weight),
                "scikit-learn Perceptron, one pass": lambda: sklearn(perceptron),
            },
            rounds,
        ),
        interleave(
            "logistic regression with l2, an epoch",
            {
                "hw1 fit, everything included": lambda: hw1_epoch("l2", data, 3, *options),
                "plain NumPy loop": lambda: plain(plain_logistic, weight),
                "scikit-learn SGDClassifier, one pass": lambda: sklearn(logistic),
            },
            rounds,
        ),
        interleave(
            "multi-layer perceptron, 100 hidden, an epoch",
            {
                "hw1 fit, everything included": lambda: hw1_epoch("mlp_online", data, 2, *options),
                f"plain NumPy loop ({MLP_EXAMPLES} examples, scaled)": plain_network,
            },
            rounds,
        ),
    ]
