"""The compiled sequential part of learning from single examples, after the products of a block are known.

By formula (1) of ``learners.py``, this part needs only the small matrices of a block: scores (n x outputs), Gram matrix
(n x n) and coefficients (n x outputs). This file imports numba, so ``learners.py`` imports it only when called.

Shapes: n examples in the block, O outputs of the layer, ``decay[k]`` = shrink^k for k = 0..n.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

from hw1_lightning.online.blocks import LINKS, Array

Run = tuple[float, Array, int]  # learning rate, powers of the shrinkage of a step, link
_Function = TypeVar("_Function", bound=Callable[..., Any])

SOFTMAX, ONE_VS_REST = LINKS["softmax"], LINKS["one_vs_rest"]

# Sums may be reordered and fused so that they run in vector registers; NaN and infinity keep their meaning.
_FLAGS = {"reassoc", "contract"}


def compiled(function: _Function) -> _Function:
    """Compile with numba, without the GIL; the machine code is kept in ``__pycache__`` or the user's cache folder."""
    try:
        return cast(_Function, njit(cache=True, nogil=True, fastmath=_FLAGS)(function))
    except RuntimeError:  # neither folder is writable: compile in every process
        return cast(_Function, njit(nogil=True, fastmath=_FLAGS)(function))


def log_compilation(function: Any) -> None:
    """Log a line if the next call of a function will compile it, which takes seconds."""
    if getattr(function, "signatures", True):  # it is compiled, or NUMBA_DISABLE_JIT leaves it in Python
        return
    folder, module = function.stats.cache_path, function.__module__.rpartition(".")[2]
    if folder is None or not any(Path(folder).glob(f"{module}.{function.__name__}-*.nbi")):
        kept = "once" if folder is not None else "in every process, since no folder for them is writable"
        logging.getLogger(__name__).info("compiling loops for this processor, %s; this takes some seconds", kept)


@compiled
def softmax_error(scores: Array, target: int, error: Array) -> float:
    """Return the softmax cross-entropy of an example, and write softmax(z) - onehot(y) to ``error``."""
    largest = scores.max()
    total = 0.0
    for c in range(scores.size):
        error[c] = np.exp(scores[c] - largest)
        total += error[c]
    for c in range(scores.size):
        error[c] /= total
    error[target] -= 1
    return np.log(total) + (largest - scores[target])  # type: ignore[no-any-return]


@compiled
def one_vs_rest_error(scores: Array, target: int, error: Array) -> float:
    """Return the sum of binary cross-entropies over classes, and write sigmoid(z) - onehot(y) to ``error``."""
    loss = 0.0
    for c in range(scores.size):
        small = np.exp(-abs(scores[c]))  # never overflows
        error[c] = (1.0 if scores[c] >= 0 else small) / (1.0 + small)
        wrong_way = -scores[c] if c == target else scores[c]
        loss += max(wrong_way, 0.0) + np.log1p(small)  # softplus
    error[target] -= 1
    return loss


@compiled
def perceptron_error(scores: Array, target: int, error: Array) -> float:
    """Return the largest score less that of the right class; write onehot(prediction) - onehot(y) to ``error``."""
    predicted = int(np.argmax(scores))
    error[:] = 0
    error[predicted] += 1
    error[target] -= 1
    return scores[predicted] - scores[target]  # type: ignore[no-any-return]


@compiled
def link_error(scores: Array, target: int, link: int, error: Array) -> float:
    """Return the loss of an example under a link, and write its gradient by the scores to ``error``."""
    if link == SOFTMAX:
        return softmax_error(scores, target, error)
    if link == ONE_VS_REST:
        return one_vs_rest_error(scores, target, error)
    return perceptron_error(scores, target, error)


@compiled
def current_scores(i: int, scores: Array, gram: Array, coefficients: Array, decay: Array, bias: Array) -> Array:
    """Return the outputs of example i after the i steps before it in the block (formula (1))."""
    row: Array = scores[i]
    for c in range(row.size):
        row[c] = decay[i] * row[c] + bias[c]
    for k in range(i):
        overlap = coefficients.dtype.type(decay[i - 1 - k] * gram[i, k])
        for c in range(row.size):
            row[c] += overlap * coefficients[k, c]
    return row


@compiled
def record_step(i: int, error: Array, rate: float, coefficients: Array, bias: Array, shrink: float) -> None:
    """Take an SGD step of the layer: store its coefficients for the weights, and update the bias."""
    for c in range(error.size):
        coefficients[i, c] = -rate * error[c]
        bias[c] = shrink * bias[c] + coefficients[i, c]


@compiled
def discount(coefficients: Array, decay: Array) -> None:
    """Shrink each step's coefficients by the steps that follow it in the block: d_k <- s^(n-1-k) d_k."""
    n = coefficients.shape[0]
    for k in range(n):
        coefficients[k] *= decay[n - 1 - k]


@compiled
def perceptron_block(
    scores: Array, gram: Array, targets: Array, bias: Array, coefficients: Array, out: Array, losses: Array
) -> None:
    """Learn from one block; write predictions to ``out``, +1 and -1 of updated classes to ``coefficients``."""
    coefficients[:] = 0
    for i in range(targets.size):
        scores[i] += bias
        predicted, target = np.argmax(scores[i]), targets[i]
        out[i], losses[i] = predicted, scores[i, predicted] - scores[i, target]
        if predicted != target:
            coefficients[i, target], coefficients[i, predicted] = 1, -1
            bias[target] += 1
            bias[predicted] -= 1
            for later in range(i + 1, targets.size):
                scores[later, target] += gram[later, i]
                scores[later, predicted] -= gram[later, i]


@compiled
def logistic_block(
    scores: Array, gram: Array, targets: Array, bias: Array, run: Run, coefficients: Array, losses: Array
) -> None:
    """Learn from one block; write losses to ``losses``, discounted steps to ``coefficients``."""
    (rate, decay, link), error = run, np.empty(bias.size)
    for i in range(targets.size):
        row = current_scores(i, scores, gram, coefficients, decay, bias)
        losses[i] = link_error(row, targets[i], link, error)
        record_step(i, error, rate, coefficients, bias, decay[1])
    discount(coefficients, decay)
