"""Exact one-example-at-a-time learning at the speed of matrix products.

A layer z = W x + b that makes one SGD step after every example changes by W <- s W + d_i x_i' (s: the shrinkage of an
l2 penalty, d_i: the step of its outputs). Unrolled from the weights W_0 at the start of a block of examples i = 0..n-1,

    z_i = s^i W_0 x_i + b_i + sum over k < i of s^(i-1-k) (x_k . x_i) d_k,                                     (1)
    W_n = s^n W_0 + sum over k < n of s^(n-1-k) d_k x_k'.                                                      (2)

So a block costs two products, X W_0' and the Gram matrix X X', a short loop over small matrices that finds the d_i one
after the other, and one product for (2). In exact arithmetic this *is* the loop over single examples. The idea is that
of the compact representation of products of rank-one updates (Bischof & Van Loan, SIAM J. Sci. Stat. Comput. 8, 1987).

All functions run the examples in the order given, update the parameters in place, and return what each example's result
was just before its own step. Inputs may be raw bytes: learning sees ``inputs.to(weight.dtype) * scale``. On a CPU
linear models run wholly in compiled loops; elsewhere the products run on the tensors' device and only the small
matrices travel. numba is imported at the first call.
"""

from typing import Literal

import torch
from torch import Tensor

from hw1_lightning.online.blocks import (
    PRODUCT_BLOCK,
    Array,
    as_arrays,
    as_vector,
    check_choice,
    check_rates,
    check_run,
    in_compiled_loops,
    plain_inputs,
    powers,
    run_blocks,
)

Link = Literal["softmax", "one_vs_rest", "perceptron"]
LINKS: dict[str, int] = {"softmax": 0, "one_vs_rest": 1, "perceptron": 2}  # as in ``rules.py``
Run = tuple[float, Array, int]  # learning rate, powers of the shrinkage, link


def perceptron_steps(
    weight: Tensor, bias: Tensor, inputs: Tensor, targets: Tensor, *, scale: float = 1.0, block_size: int | None = None
) -> tuple[Tensor, Tensor]:
    """Multiclass perceptron: on a mistake add the example to the right class and subtract it from the predicted one.

    The prediction is the class of the largest score, the lowest index among equals (Duda & Hart 1973, Kesler's
    construction; Crammer & Singer, JMLR 3, 2003); the bias is the weight of a constant feature 1.

    Scores decide as if summed in float64. Where scale is a power of two and inputs and initial weights are multiples of
    it, as with bytes times 1/256, those sums are exact while they stay below 2^53 scale^2, and updates while weights
    stay below 2^24 scale (float32; 2^53 in float64). Then predictions, weights and biases are, bit for bit, those of
    any correct loop, on every device and for every block size. So are losses while those sums stay below 2^24 scale^2;
    beyond that, losses in float32 are rounded as the processor adds, to six digits of the scores.

    Args:
        weight: shape ``(C, D)``, float32 or float64, any device; updated in place.
        bias: shape ``(C,)``, like ``weight``; updated in place.
        inputs: shape ``(n, D)``, uint8 or any real dtype.
        targets: classes 0..C-1, shape ``(n,)``, int64.
        scale: factor of the inputs.
        block_size: examples in a block; by default what is fastest. It only changes how losses round.

    Returns:
        Each example's predicted class before its update, int64, and its loss, the predicted class's score less that of
        the right one, dtype of ``weight``; both of shape ``(n,)``, on the device of ``weight``.

    Raises:
        ValueError: if an argument does not fit.

    Example:
        >>> weight, bias = torch.zeros(2, 1), torch.zeros(2)
        >>> predictions, losses = perceptron_steps(weight, bias, torch.tensor([[3.0], [2.0]]), torch.tensor([1, 1]))
        >>> predictions
        tensor([0, 1])
        >>> weight
        tensor([[-3.],
                [ 3.]])
    """
    check_run(weight, bias, inputs, targets, len(bias), block_size)
    from hw1_lightning.online.rules import perceptron_block
    from hw1_lightning.online.sweeps import perceptron_sweep

    labels, predictions = as_vector(targets), torch.empty(len(targets), dtype=torch.int64)
    losses = torch.empty(len(targets), dtype=weight.dtype)
    if in_compiled_loops(weight):
        x = plain_inputs(inputs, weight.dtype)
        with as_arrays([weight, bias]) as (w, b):
            perceptron_sweep(w, b, x, scale, labels, predictions.numpy(), losses.numpy())
        return predictions, losses
    with as_arrays([bias]) as (b,):

        def rule(scores: Array, gram: Array, steps: Array, part: slice) -> None:
            results = predictions.numpy()[part], losses.numpy()[part]
            perceptron_block(scores, gram, labels[part], b, steps, *results)

        decay = powers(1.0, block_size or PRODUCT_BLOCK)
        run_blocks(weight.detach(), inputs, scale, decay, rule, dtype=torch.float64)
    return predictions.to(weight.device), losses.to(weight.device)


def logistic_steps(
    weight: Tensor,
    bias: Tensor,
    inputs: Tensor,
    targets: Tensor,
    *,
    learning_rate: float,
    l2_penalty: float = 0.0,
    l1_penalty: float = 0.0,
    link: Link = "softmax",
    scale: float = 1.0,
    block_size: int | None = None,
) -> Tensor:
    """Logistic regression by SGD on single examples, with l2 and l1 penalties.

    With z = W x + b, the loss is the cross-entropy of softmax(z), or for ``one_vs_rest`` the sum over classes of the
    binary cross-entropies of sigmoid(z_c) against [c = y]; both have the gradient (p - onehot(y)) x'. A step is

        W <- soft((1 - learning_rate l2_penalty) W - learning_rate (p - onehot(y)) x', learning_rate l1_penalty),
        soft(v, t) = sign(v) max(|v| - t, 0),

    the gradient step of loss and (l2_penalty / 2) ||W||^2 at the old weights (torch's ``weight_decay``), then the
    proximal step of l1_penalty ||W||_1 (forward-backward splitting: Duchi & Singer, JMLR 10, 2009; Parikh & Boyd,
    Proximal Algorithms, 2014, section 4.2). Both penalties together are the elastic net. The bias is shrunk like the
    weights, being the weight of a constant feature, but never thresholded. Thresholded weights are exactly zero, and
    nothing is lazy or approximate: as thresholding is not linear, (1) does not hold with l1 and every example passes
    over all weights on the CPU, wherever the tensors are.

    Args:
        weight: shape ``(C, D)``, float32 or float64, any device; updated in place.
        bias: shape ``(C,)``, like ``weight``; updated in place.
        inputs: shape ``(n, D)``, uint8 or any real dtype.
        targets: classes 0..C-1, shape ``(n,)``, int64.
        learning_rate: step size, at least 0.
        l2_penalty: at least 0.
        l1_penalty: at least 0.
        link: ``softmax`` or ``one_vs_rest``.
        scale: factor of the inputs.
        block_size: examples in a block; by default what is fastest. It changes the result by rounding only.

    Returns:
        Each example's loss before its step, penalties left out, shape ``(n,)``, dtype and device of ``weight``.

    Raises:
        ValueError: if an argument does not fit.
    """
    check_run(weight, bias, inputs, targets, len(bias), block_size)
    check_rates(learning_rate=learning_rate, l2_penalty=l2_penalty, l1_penalty=l1_penalty)
    check_choice("link", link, ("softmax", "one_vs_rest"))
    decay = powers(1 - learning_rate * l2_penalty, block_size or PRODUCT_BLOCK)
    labels, losses = as_vector(targets), torch.empty(len(targets), dtype=weight.dtype)
    examples, run = (inputs, scale, labels), (learning_rate, decay, LINKS[link])
    if in_compiled_loops(weight) or l1_penalty:
        _logistic_loop(weight, bias, *examples, run, learning_rate * l1_penalty, losses.numpy())
    else:
        _logistic_blocks(weight, bias, *examples, run, losses.numpy())
    return losses.to(weight.device)


def _logistic_loop(
    weight: Tensor, bias: Tensor, inputs: Tensor, scale: float, labels: Array, run: Run, threshold: float, losses: Array
) -> None:
    """Learn in a compiled loop on the CPU."""
    from hw1_lightning.online.sweeps import BLOCK, logistic_sweep, minibatch_sweep

    x, (rate, decay, link) = plain_inputs(inputs, weight.dtype), run
    with as_arrays([weight, bias]) as (w, b):
        if threshold:
            minibatch_sweep(w, b, x, scale, labels, 1, rate, decay[1], link, threshold, losses)
        else:
            logistic_sweep(w, b, x, scale, labels, rate, powers(decay[1], BLOCK), link, losses)


def _logistic_blocks(
    weight: Tensor, bias: Tensor, inputs: Tensor, scale: float, labels: Array, run: Run, losses: Array
) -> None:
    """Learn in blocks, whose products run where the weights are."""
    from hw1_lightning.online.rules import logistic_block

    with as_arrays([bias]) as (b,):

        def rule(scores: Array, gram: Array, steps: Array, part: slice) -> None:
            logistic_block(scores, gram, labels[part], b, *run, steps, losses[part])

        run_blocks(weight.detach(), inputs, scale, run[1], rule)


def minibatch_steps(
    weight: Tensor,
    bias: Tensor,
    inputs: Tensor,
    targets: Tensor,
    *,
    learning_rate: float,
    l2_penalty: float = 0.0,
    l1_penalty: float = 0.0,
    link: Link = "softmax",
    scale: float = 1.0,
) -> Tensor:
    """SGD of a linear model on minibatches, in compiled loops that read the inputs once for all classes.

    A step is that of ``logistic_steps`` with the mean gradient of a minibatch; for ``perceptron`` the loss is the
    largest score less that of the right class.

    Args:
        weight: shape ``(C, D)``, float32 or float64, on the CPU; updated in place.
        bias: shape ``(C,)``, like ``weight``; updated in place.
        inputs: shape ``(K, B, D)``, uint8 or any real dtype.
        targets: classes 0..C-1, shape ``(K, B)``, int64.
        learning_rate: step size, at least 0.
        l2_penalty: at least 0.
        l1_penalty: at least 0.
        link: ``softmax``, ``one_vs_rest`` or ``perceptron``.
        scale: factor of the inputs.

    Returns:
        Each minibatch's mean loss before its step, penalties left out, shape ``(K,)``, dtype of ``weight``.

    Raises:
        ValueError: if an argument does not fit.
    """
    flat, labels = inputs.flatten(0, 1), targets.flatten()
    check_run(weight, bias, flat, labels, len(bias), None)
    check_rates(learning_rate=learning_rate, l2_penalty=l2_penalty, l1_penalty=l1_penalty)
    check_choice("link", link, tuple(LINKS))
    from hw1_lightning.online.sweeps import minibatch_sweep

    losses, (steps, size) = torch.empty(len(inputs), dtype=weight.dtype), targets.shape
    if not steps * size:
        return losses
    shrink, threshold = 1 - learning_rate * l2_penalty, learning_rate * l1_penalty
    x, run = plain_inputs(flat, weight.dtype), (size, learning_rate, shrink, LINKS[link], threshold)
    with as_arrays([weight, bias]) as (w, b):
        minibatch_sweep(w, b, x, scale, as_vector(labels), *run, losses.numpy())
    return losses


def class_scores(weight: Tensor, bias: Tensor, inputs: Tensor, scale: float = 1.0) -> Tensor:
    """Scores of a linear model, ``scale * inputs @ weight.T + bias``, in one pass over the inputs' bytes.

    Args:
        weight: shape ``(C, D)``, float32 or float64, on the CPU.
        bias: shape ``(C,)``.
        inputs: shape ``(n, D)``, uint8 or any real dtype.
        scale: factor of the inputs.

    Returns:
        Scores, shape ``(n, C)``, dtype of ``weight``; summed in that dtype over stretches, the rest in float64.
    """
    from hw1_lightning.online.tiles import class_products

    sums = torch.empty(len(inputs), len(weight), dtype=torch.float64)
    class_products(as_vector(weight), plain_inputs(inputs, weight.dtype), sums.numpy())
    return sums.mul_(scale).add_(bias.detach()).to(weight.dtype)
