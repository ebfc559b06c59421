"""Exact learning from one example at a time, at the speed of matrix products.

A layer z = W x + b that makes one SGD step after every example changes by W <- s W + d_i x_i' (s: the shrinkage of an
l2 penalty, d_i: the step of its outputs). Unrolled from the weights W_0 at the start of a block of examples i = 0..n-1,

    z_i = s^i W_0 x_i + b_i + sum over k < i of s^(i-1-k) (x_k . x_i) d_k,                                     (1)
    W_n = s^n W_0 + sum over k < n of s^(n-1-k) d_k x_k'.                                                      (2)

A block therefore costs two products, X W_0' and the Gram matrix X X', a short loop over small matrices that finds one
d_i after the other, and one product for (2). In exact arithmetic this equals the loop over single examples. The idea is
that of the compact representation of products of rank-one updates (Bischof & Van Loan, SIAM J. Sci. Stat. Comput. 8,
1987).

All functions learn from the examples in the given order, update the parameters in place, and return each example's
result just before its own step. Inputs may be raw bytes; features are ``inputs.to(weight.dtype) * scale``. On a CPU,
linear models run in compiled loops; on other devices, products run on the device and only small matrices are copied.
numba is imported at the first call.
"""

from typing import Literal

import torch
from torch import Tensor

from hw1_lightning.online import blocks
from hw1_lightning.online.blocks import PRODUCT_BLOCK, Array, as_arrays, as_vector, in_compiled_loops, powers

Link = Literal["softmax", "one_vs_rest"]
Step = tuple[float, float, int]  # learning rate, shrinkage of a step, link


def perceptron_steps(
    weight: Tensor, bias: Tensor, inputs: Tensor, targets: Tensor, *, scale: float = 1.0, block_size: int | None = None
) -> tuple[Tensor, Tensor]:
    """Multiclass perceptron: on a mistake, add the example to its class and subtract it from the predicted class.

    The prediction is the class with the largest score, the lowest index in a tie (Duda & Hart 1973, Kesler's
    construction; Crammer & Singer, JMLR 3, 2003); the bias is the weight of a constant feature 1.

    Predictions are those of scores summed in float64. If scale is a power of two, and inputs and initial weights are
    multiples of it, as for bytes times 1/256, these sums are exact below 2^53 scale^2, and updates are exact while
    weights stay below 2^24 scale (float32; 2^53 in float64). Then predictions, weights and biases are bit-identical to
    those of any correct loop, on every device and for every block size. So are losses while the sums stay below
    2^24 scale^2; beyond that, losses in float32 depend on the processor's order of additions, but agree to six digits
    of the scores.

    Args:
        weight: shape ``(C, D)``, float32 or float64, any device; updated in place.
        bias: shape ``(C,)``, like ``weight``; updated in place.
        inputs: shape ``(n, D)``, uint8 or any real dtype.
        targets: classes 0..C-1, shape ``(n,)``, int64.
        scale: factor of the inputs.
        block_size: examples in a block of products on a device, 64 by default; compiled loops take 4. It changes only
            the rounding of losses.

    Returns:
        Each example's predicted class before its update, int64, and its loss, the score of the predicted class minus
        that of its own class, in the dtype of ``weight``; both of shape ``(n,)``, on the device of ``weight``.

    Raises:
        ValueError: if an argument has a wrong shape, dtype or value.

    Example:
        >>> weight, bias = torch.zeros(2, 1), torch.zeros(2)
        >>> predictions, losses = perceptron_steps(weight, bias, torch.tensor([[3.0], [2.0]]), torch.tensor([1, 1]))
        >>> predictions
        tensor([0, 1])
        >>> weight
        tensor([[-3.],
                [ 3.]])
    """
    blocks.check_run(weight, bias, inputs, targets, len(bias), block_size)
    from hw1_lightning.online.rules import log_compilation, perceptron_block
    from hw1_lightning.online.sweeps import perceptron_sweep

    labels, predictions = as_vector(targets), torch.empty(len(targets), dtype=torch.int64)
    losses = torch.empty(len(targets), dtype=weight.dtype)
    if in_compiled_loops(weight):
        log_compilation(perceptron_sweep)
        x = blocks.plain_inputs(inputs, weight.dtype)
        with as_arrays([weight, bias]) as (w, b):
            perceptron_sweep(w, b, x, scale, labels, predictions.numpy(), losses.numpy())
        return predictions, losses
    with as_arrays([bias]) as (b,):

        def rule(scores: Array, gram: Array, steps: Array, part: slice) -> None:
            results = predictions.numpy()[part], losses.numpy()[part]
            perceptron_block(scores, gram, labels[part], b, steps, *results)

        decay = powers(1.0, block_size or PRODUCT_BLOCK)
        blocks.run_blocks(weight.detach(), inputs, scale, decay, rule, dtype=torch.float64)
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
    Proximal Algorithms, 2014, section 4.2). Both penalties together are the elastic net. The bias is the weight of a
    constant feature: it is shrunk like the weights, but not thresholded. Thresholded weights are exactly zero. As
    thresholding is not linear, (1) does not hold with an l1 penalty: then every example updates all weights, on the
    CPU.

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
        block_size: examples in a block of products on a device, 64 by default; compiled loops take 4. It changes the
            result only by rounding.

    Returns:
        Each example's loss before its step, without penalties, shape ``(n,)``, dtype and device of ``weight``.

    Raises:
        ValueError: if an argument has a wrong shape, dtype or value.
    """
    blocks.check_run(weight, bias, inputs, targets, len(bias), block_size)
    blocks.check_rates(learning_rate=learning_rate, l2_penalty=l2_penalty, l1_penalty=l1_penalty)
    blocks.check_choice("link", link, ("softmax", "one_vs_rest"))
    labels, losses = as_vector(targets), torch.empty(len(targets), dtype=weight.dtype)
    examples, run = (inputs, scale, labels), (learning_rate, 1 - learning_rate * l2_penalty, blocks.LINKS[link])
    if in_compiled_loops(weight) or l1_penalty:
        _logistic_loop(weight, bias, *examples, run, learning_rate * l1_penalty, losses.numpy())
    else:
        _logistic_blocks(weight, bias, *examples, run, block_size or PRODUCT_BLOCK, losses.numpy())
    return losses.to(weight.device)


def _logistic_loop(
    weight: Tensor, bias: Tensor, inputs: Tensor, scale: float, labels: Array, run: Step, threshold: float, out: Array
) -> None:
    """Learn in a compiled loop on the CPU; losses go to ``out``."""
    from hw1_lightning.online.rules import log_compilation
    from hw1_lightning.online.sweeps import BLOCK, logistic_sweep, minibatch_sweep

    log_compilation(minibatch_sweep if threshold else logistic_sweep)
    (rate, shrink, link), x = run, blocks.plain_inputs(inputs, weight.dtype)
    with as_arrays([weight, bias]) as (w, b):
        if threshold:
            minibatch_sweep(w, b, x, scale, labels, (1, rate, shrink, link, threshold), out)
        else:
            logistic_sweep(w, b, x, scale, labels, (rate, powers(shrink, BLOCK), link), out)


def _logistic_blocks(
    weight: Tensor, bias: Tensor, inputs: Tensor, scale: float, labels: Array, run: Step, size: int, out: Array
) -> None:
    """Learn in blocks of products on the device of the weights; losses go to ``out``."""
    from hw1_lightning.online.rules import logistic_block

    rate, shrink, link = run
    decay = powers(shrink, size)
    with as_arrays([bias]) as (b,):

        def rule(scores: Array, gram: Array, steps: Array, part: slice) -> None:
            logistic_block(scores, gram, labels[part], b, (rate, decay, link), steps, out[part])

        blocks.run_blocks(weight.detach(), inputs, scale, decay, rule)
