"""Compiled loops for linear models on a CPU: the products and updates of ``learners.py``, in a single thread.

With few classes the weights fit in the second-level cache, and a step costs as much as reading them. Examples therefore
come in small blocks, where four examples share each load of the weights. BLAS is slower here: it is made for large
square matrices, and on shared cores its threads wait for each other.

Shapes: N examples of D features, C classes. ``rows`` are the weights (S, C, L) and ``x`` is room for a block's examples
(S, n, L), n a multiple of four, both laid out in S stretches of L features, see ``kernels.py``. Inputs have any
dtype; the features are ``inputs.astype(rows.dtype) * scale``.
"""

import numpy as np

from hw1_lightning.online.kernels import (
    add_block,
    exact_dot,
    load,
    move,
    plain_dot,
    products,
    read_products,
    sparsify,
)
from hw1_lightning.online.rules import Array, compiled, link_error, logistic_block


@compiled
def decide(scores: Array, tolerance: float, rows: Array, bias: Array, x: Array, i: int) -> int:
    """Return the class with the largest exact score of example i, the lowest index in a tie.

    Scores summed in the weights' dtype are used only if the two largest differ by more than the rounding error;
    otherwise all are summed again in float64 (a floating-point filter: Shewchuk, Discrete Comput. Geom. 18, 1997).
    """
    best = int(np.argmax(scores))
    for c in range(bias.size):
        if c != best and not scores[best] - scores[c] > tolerance:
            for k in range(bias.size):
                scores[k] = exact_dot(rows, k, x, i) + bias[k]
            return int(np.argmax(scores))
    return best


@compiled
def load_block(inputs: Array, start: int, n: int, scale: float, x: Array, norms: Array) -> None:
    """Write the n inputs from ``start`` on to ``x`` in stretches, and their norms to ``norms``."""
    for i in range(n):
        norms[i] = np.sqrt(load(inputs[start + i], scale, x, i))


@compiled
def correct(rows: Array, bias: Array, x: Array, i: int, n: int, target: int, predicted: int, scores: Array) -> None:
    """Learn from a mistake on example i, and update the scores of the block's later examples."""
    bias[target] += 1
    bias[predicted] -= 1
    for s in range(rows.shape[0]):
        move(rows[s, target], rows[s, predicted], x[s, i])
    for later in range(i + 1, n):
        overlap = exact_dot(x, i, x, later)
        scores[later, target] += overlap
        scores[later, predicted] -= overlap


@compiled
def perceptron_sweep(
    rows: Array,
    bias: Array,
    inputs: Array,
    scale: float,
    targets: Array,
    block: int,
    x: Array,
    predictions: Array,
    losses: Array,
) -> None:
    """Learn the multiclass perceptron in blocks; later scores of a block are updated by inner products."""
    room, n_classes = x.shape[1], bias.size
    sums, norms, scores = np.zeros((room // 4, n_classes, 5)), np.zeros(room), np.zeros((room, n_classes))
    rounding = 2 * rows.shape[2] * np.finfo(rows.dtype).eps  # twice the error bound: stretches are summed in float64
    for start in range(0, targets.size, block):
        n = min(block, targets.size - start)
        load_block(inputs, start, n, scale, x, norms)
        products(rows, n_classes, x, sums)
        read_products(sums, n, scores)
        largest = np.sqrt(sums[0, :, 4].max())
        for i in range(n):
            target = targets[start + i]
            scores[i] += bias
            predicted = decide(scores[i], rounding * largest * norms[i], rows, bias, x, i)
            predictions[start + i], losses[start + i] = predicted, scores[i, predicted] - scores[i, target]
            if predicted != target:
                correct(rows, bias, x, i, n, target, predicted, scores)


@compiled
def logistic_sweep(
    rows: Array,
    bias: Array,
    inputs: Array,
    scale: float,
    targets: Array,
    rate: float,
    decay: Array,
    one_vs_rest: bool,
    x: Array,
    losses: Array,
) -> None:
    """Learn logistic regression without an l1 penalty, in blocks of ``decay.size - 1`` examples."""
    block, room, n_classes = decay.size - 1, x.shape[1], bias.size
    sums, overlaps = np.zeros((room // 4, n_classes, 5)), np.zeros((room // 4, room, 5))
    scores, gram, steps = np.zeros((room, n_classes)), np.zeros((room, room)), np.zeros((room, n_classes))
    norms = np.zeros(room)
    for start in range(0, targets.size, block):
        n = min(block, targets.size - start)
        load_block(inputs, start, n, scale, x, norms)
        products(rows, n_classes, x, sums)
        products(x, n - 1, x, overlaps)  # the overlaps of the last example are not used
        read_products(sums, n, scores)
        read_products(overlaps, n, gram)
        steps[n:] = 0  # a shorter last block has fewer examples
        part = slice(start, start + n)
        logistic_block(scores, gram, targets[part], bias, rate, decay, one_vs_rest, steps[:n], losses[part])
        add_block(rows, decay[n], steps, x)


@compiled
def sparse_logistic_sweep(
    weight: Array,
    bias: Array,
    inputs: Array,
    scale: float,
    targets: Array,
    rate: float,
    decay: Array,
    one_vs_rest: bool,
    threshold: float,
    losses: Array,
) -> None:
    """Learn logistic regression with an l1 penalty, whose thresholding updates all weights for each example."""
    x = np.zeros((1, 1, inputs.shape[1]), weight.dtype)
    scores, error, shrink = np.empty(bias.size), np.empty(bias.size), decay[1]
    for i in range(targets.size):
        load(inputs[i], scale, x, 0)
        for c in range(bias.size):
            scores[c] = plain_dot(weight[c], x[0, 0]) + bias[c]
        losses[i] = link_error(scores, targets[i], one_vs_rest, error)
        for c in range(bias.size):
            sparsify(weight[c], shrink, -rate * error[c], x[0, 0], threshold)
            bias[c] = shrink * bias[c] - rate * error[c]
