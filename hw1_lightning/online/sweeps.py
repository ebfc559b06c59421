"""Compiled loops for linear models on a CPU: perceptron and logistic regression, by single examples or minibatches.

Shapes: N examples of D features, C classes; weights ``(C, D)``, inputs ``(N, D)`` of any dtype. The features are
``inputs * scale``. BLAS is slower here: it is made for large square matrices, and on shared cores its threads wait for
each other.
"""

import numpy as np

from hw1_lightning.online.blocks import Array
from hw1_lightning.online.rules import Run, compiled, link_error, logistic_block
from hw1_lightning.online.tiles import STRETCH, add_examples, class_products, gram_of_four

BLOCK = 4  # examples whose scores are computed together, and then corrected for the steps of the examples before them
MinibatchRun = tuple[int, float, float, int, float]  # size, learning rate, shrinkage of a step, link, threshold
NORMS_EVERY = 32  # blocks between two computations of the weights' norms; meanwhile an upper bound grows


@compiled
def exact_product(a: Array, b: Array) -> float:
    """Return the inner product of two vectors of any dtype, in float64."""
    total = 0.0
    for j in range(a.size):
        total += np.float64(a[j]) * np.float64(b[j])
    return total


@compiled
def decide(scores: Array, tolerance: float, weight: Array, bias: Array, example: Array, scale: float) -> int:
    """Return the class with the largest exact score, the lowest index in a tie.

    Scores summed in the weights' dtype are used only if the two largest differ by more than the rounding error;
    otherwise all are summed again in float64 (a floating-point filter: Shewchuk, Discrete Comput. Geom. 18, 1997).
    """
    best = int(np.argmax(scores))
    for c in range(bias.size):
        if c != best and not scores[best] - scores[c] > tolerance:
            for k in range(bias.size):
                scores[k] = exact_product(weight[k], example) * scale + bias[k]
            return int(np.argmax(scores))
    return best


@compiled
def move(to: Array, away: Array, example: Array, scale: float) -> None:
    """Add ``scale`` times an example to one row, and subtract it from another."""
    factor = to.dtype.type(scale)
    for j in range(example.size):
        value = to.dtype.type(example[j]) * factor
        to[j] += value
        away[j] -= value


@compiled
def largest_norm(weight: Array) -> float:
    """Return the largest Euclidean norm of a row."""
    squares = 0.0
    for r in range(weight.shape[0]):
        squares = max(squares, exact_product(weight[r], weight[r]))
    return float(np.sqrt(squares))


@compiled
def perceptron_sweep(
    weight: Array, bias: Array, inputs: Array, scale: float, targets: Array, predictions: Array, losses: Array
) -> None:
    """Learn the multiclass perceptron in blocks; later scores of a block are updated by inner products."""
    scores, gram = np.zeros((BLOCK, bias.size)), np.zeros((BLOCK, BLOCK))
    # Twice the error bound of a sum: stretches are summed in the weights' dtype, their sums in float64.
    rounding, largest = 2 * STRETCH * np.finfo(weight.dtype).eps, 0.0
    for start in range(0, targets.size, BLOCK):
        n = min(BLOCK, targets.size - start)
        if start % (BLOCK * NORMS_EVERY) == 0:
            largest = largest_norm(weight)
        class_products(weight, inputs[start : start + n], scores)
        gram_of_four(inputs[start : start + n], gram)
        for i in range(n):
            target, norm = targets[start + i], scale * np.sqrt(gram[i, i])
            for c in range(bias.size):
                scores[i, c] = scores[i, c] * scale + bias[c]
            predicted = decide(scores[i], rounding * largest * norm, weight, bias, inputs[start + i], scale)
            predictions[start + i], losses[start + i] = predicted, scores[i, predicted] - scores[i, target]
            if predicted != target:
                bias[target] += 1
                bias[predicted] -= 1
                move(weight[target], weight[predicted], inputs[start + i], scale)
                largest += norm
                for later in range(i + 1, n):  # their scores are not scaled yet
                    scores[later, target] += scale * gram[later, i]
                    scores[later, predicted] -= scale * gram[later, i]


@compiled
def logistic_sweep(
    weight: Array, bias: Array, inputs: Array, scale: float, targets: Array, run: Run, losses: Array
) -> None:
    """Learn logistic regression without an l1 penalty; ``run`` holds powers 0 to 4 of the shrinkage of a step."""
    n_classes, decay = bias.size, run[1]
    scores, steps = np.zeros((BLOCK, n_classes)), np.zeros((BLOCK, n_classes))
    gram, scaled = np.zeros((BLOCK, BLOCK), weight.dtype), np.zeros((n_classes + 1, BLOCK))
    for start in range(0, targets.size, BLOCK):
        n = min(BLOCK, targets.size - start)
        part = slice(start, start + n)
        class_products(weight, inputs[part], scores)
        gram_of_four(inputs[part], gram)
        scores *= scale
        gram *= weight.dtype.type(scale * scale)
        logistic_block(scores[:n], gram, targets[part], bias, run, steps[:n], losses[part])
        for c in range(n_classes):
            for i in range(BLOCK):
                scaled[c, i] = scale * steps[i, c] if i < n else 0.0
        add_examples(weight, 1 - decay[n], scaled, inputs[part])


@compiled
def minibatch_sweep(
    weight: Array, bias: Array, inputs: Array, scale: float, targets: Array, run: MinibatchRun, losses: Array
) -> None:
    """Take SGD steps on whole minibatches; a positive threshold soft-thresholds the weights after each step."""
    size, rate, shrink, link, threshold = run
    n_classes = bias.size
    scores, error = np.zeros((size, n_classes)), np.empty(n_classes)
    steps = np.zeros((n_classes + 1, -(-size // 4) * 4))
    for start in range(0, targets.size, size):
        batch = inputs[start : start + size]
        class_products(weight, batch, scores)
        loss = 0.0
        for i in range(size):
            for c in range(n_classes):
                scores[i, c] = scores[i, c] * scale + bias[c]
            loss += link_error(scores[i], targets[start + i], link, error)
            for c in range(n_classes):
                steps[c, i] = -rate / size * error[c]
        losses[start // size] = loss / size
        for c in range(n_classes):
            bias[c] = shrink * bias[c] + steps[c].sum()
        steps *= scale
        if threshold > 0 and size == 1:  # one pass over the weights instead of two
            for c in range(n_classes):
                step_and_threshold(weight[c], 1 - shrink, steps[c, 0], batch[0], threshold)
            continue
        add_examples(weight, 1 - shrink, steps, batch)
        if threshold > 0:
            for c in range(n_classes):
                step_and_threshold(weight[c], 0.0, 0.0, batch[0], threshold)


@compiled
def step_and_threshold(row: Array, lost: float, step: float, example: Array, threshold: float) -> None:
    """Replace ``row`` by soft((1 - lost) row + step example), soft(v) = sign(v) max(|v| - threshold, 0)."""
    real = row.dtype.type
    s, d, t = real(lost), real(step), real(threshold)
    for j in range(row.size):
        value = row[j] - s * row[j] + d * real(example[j])
        row[j] = value - min(max(value, -t), t)
