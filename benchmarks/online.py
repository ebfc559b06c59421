"""Learning from single examples: an epoch of hw1 compared with a plain NumPy loop and scikit-learn."""

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
# An epoch of the plain network takes minutes; its time is measured on so many examples and scaled up.
MLP_EXAMPLES = 500
FLOAT32 = "--trainer.precision=32-true"  # the configs of linear models have float64, as the plain loops


def plain_perceptron(x: Array, y: Labels, weight: Array) -> None:
    """The course's perceptron, as a student writes it; the bias is the weight of a constant feature."""
    for x_i, y_i in zip(x, y, strict=True):
        predicted = np.argmax(weight @ x_i)
        if predicted != y_i:
            weight[y_i] += x_i
            weight[predicted] -= x_i


def plain_logistic(x: Array, y: Labels, weight: Array) -> None:
    """Logistic regression with a sigmoid for each class and an l2 penalty, as a student writes it."""
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


def linear_scores(x: Array, weight: Array) -> Array:
    """Return the scores of linear models."""
    return x @ weight.T


def mlp_scores(x: Array, layers: list[Array]) -> Array:
    """Return the scores of the network."""
    w1, b1, w2, b2 = layers
    return np.maximum(x @ w1.T + b1, 0) @ w2.T + b2


class Peers:
    """The data in the form that each peer needs, and a timed pass of each.

    The work is the same: hw1 and the plain loops pass once over the same examples, in a random order, one update each,
    and then compute the accuracies of training and validation split. scikit-learn evaluates the latter only; it gets
    float32 inputs, a constant rate and no averaging, and learns one against the rest, class after class. The plain
    loops get the constant feature before the clock starts.

    Args:
        data: what is trained on.
    """

    def __init__(self, data: BenchmarkData) -> None:
        self.rng = np.random.default_rng(0)
        self.features = data.features("train").double().numpy()
        self.labels = data.arrays.train.targets.numpy()
        self.with_constant = np.hstack([self.features, np.ones((len(self.features), 1))])
        self.single = np.ascontiguousarray(self.features, dtype=np.float32)
        self.val = data.features("val").numpy(), data.arrays.val.targets.numpy()
        val = self.val[0].astype(np.float64)
        self.splits = {
            True: (self.with_constant, np.hstack([val, np.ones((len(val), 1))])),
            False: (self.features, val),
        }

    def plain(
        self,
        learn: Callable[..., None],
        scores: Callable[..., Array],
        parameters: object,
        constant: bool,
        count: int | None = None,
    ) -> float:
        """Return the seconds of an epoch of a plain loop, with the accuracies of both splits after it.

        Args:
            learn: passes over examples, and changes the parameters.
            scores: of examples, with these parameters.
            parameters: of the model.
            constant: whether the examples have a constant feature.
            count: learn from so many examples only, and scale their time up.
        """
        train, val = self.splits[constant]
        order = self.rng.permutation(len(train))[:count]
        shuffled, labels = train[order], self.labels[order]
        start = time.perf_counter()
        learn(shuffled, labels, parameters)
        seconds = (time.perf_counter() - start) * len(train) / len(order)
        start = time.perf_counter()
        for inputs, targets in ((train, self.labels), (val, self.val[1])):
            (scores(inputs, parameters).argmax(1) == targets).mean()
        return seconds + time.perf_counter() - start

    def sklearn(self, model: Perceptron | SGDClassifier) -> float:
        """Return the seconds of one pass of scikit-learn."""
        order = self.rng.permutation(len(self.single))
        shuffled, labels = self.single[order], self.labels[order]
        start = time.perf_counter()
        model.partial_fit(shuffled, labels, classes=np.arange(6))
        model.score(*self.val)
        return time.perf_counter() - start


def tables(data: BenchmarkData, rounds: int) -> list[Table]:
    """Compare the three learners of question 1."""
    peers = Peers(data)
    sgd = SGDClassifier(learning_rate="constant", eta0=RATE, alpha=L2, loss="log_loss")
    return [
        _linear("perceptron", "perceptron", plain_perceptron, Perceptron(), peers, data, rounds),
        _linear("logistic regression with l2", "l2", plain_logistic, sgd, peers, data, rounds),
        _network(peers, data, rounds),
    ]


def _linear(
    title: str,
    config: str,
    learn: Callable[..., None],
    model: Perceptron | SGDClassifier,
    peers: Peers,
    data: BenchmarkData,
    rounds: int,
) -> Table:
    weight = np.zeros((6, peers.with_constant.shape[1]))
    contestants = {
        "hw1 fit, everything included": lambda: hw1_epoch(config, data, 3),
        "hw1 fit in float32": lambda: hw1_epoch(config, data, 3, FLOAT32),
        "plain NumPy loop": lambda: peers.plain(learn, linear_scores, weight, constant=True),
        f"scikit-learn {type(model).__name__}, one pass": lambda: peers.sklearn(model),
    }
    return interleave(f"{title}, an epoch", contestants, rounds)


def _network(peers: Peers, data: BenchmarkData, rounds: int) -> Table:
    n_features = peers.features.shape[1]
    first, second = peers.rng.normal(0.1, 0.1, (100, n_features)), peers.rng.normal(0.1, 0.1, (6, 100))
    layers = [first, np.zeros(100), second, np.zeros(6)]
    contestants = {
        "hw1 fit, everything included": lambda: hw1_epoch("mlp_online", data, 2),
        f"plain NumPy loop ({MLP_EXAMPLES} examples, scaled)": lambda: peers.plain(
            plain_mlp, mlp_scores, layers, constant=False, count=MLP_EXAMPLES
        ),
    }
    return interleave("multi-layer perceptron, 100 hidden, an epoch", contestants, rounds)
