"""Linear models in compiled loops that read the inputs' bytes once for all classes: minibatches and scores.

numba is imported at the first call.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import torch
from torch import Tensor

from hw1_lightning.online.blocks import LINKS, as_arrays, as_vector, check_choice, check_rates, check_run, plain_inputs

MinibatchLink = Literal["softmax", "one_vs_rest", "perceptron"]

# With fewer multiplications for each (a millisecond or two), threads cost more than they save.
PRODUCTS_PER_THREAD = 2**24
TILE = 4  # examples; a part of the inputs is a whole number of tiles


def minibatch_steps(
    weight: Tensor,
    bias: Tensor,
    inputs: Tensor,
    targets: Tensor,
    *,
    learning_rate: float,
    l2_penalty: float = 0.0,
    l1_penalty: float = 0.0,
    link: MinibatchLink = "softmax",
    scale: float = 1.0,
) -> Tensor:
    """Take SGD steps of a linear model on minibatches.

    A step is that of ``learners.logistic_steps`` with the mean gradient of a minibatch. For ``perceptron`` the loss is
    the largest score less that of the right class.

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
        Each minibatch's mean loss before its step, without penalties, shape ``(K,)``, dtype of ``weight``.

    Raises:
        ValueError: if an argument has a wrong shape, dtype or value.
    """
    flat, labels = inputs.flatten(0, 1), targets.flatten()
    check_run(weight, bias, flat, labels, len(bias), None)
    check_rates(learning_rate=learning_rate, l2_penalty=l2_penalty, l1_penalty=l1_penalty)
    check_choice("link", link, tuple(LINKS))
    from hw1_lightning.online.rules import log_compilation
    from hw1_lightning.online.sweeps import minibatch_sweep

    log_compilation(minibatch_sweep)
    losses, (steps, size) = torch.empty(len(inputs), dtype=weight.dtype), targets.shape
    if not steps * size:
        return losses
    shrink, threshold = 1 - learning_rate * l2_penalty, learning_rate * l1_penalty
    x, run = plain_inputs(flat, weight.dtype), (size, learning_rate, shrink, LINKS[link], threshold)
    with as_arrays([weight, bias]) as (w, b):
        minibatch_sweep(w, b, x, scale, as_vector(labels), run, losses.numpy())
    return losses


def class_scores(weight: Tensor, bias: Tensor, inputs: Tensor, scale: float = 1.0) -> Tensor:
    """Return the scores of a linear model, ``scale * inputs @ weight.T + bias``.

    Large inputs are divided among torch's number of threads. The scores do not depend on it.

    Args:
        weight: shape ``(C, D)``, float32 or float64, on the CPU.
        bias: shape ``(C,)``.
        inputs: shape ``(n, D)``, uint8 or any real dtype.
        scale: factor of the inputs.

    Returns:
        Scores, shape ``(n, C)``, in the dtype of ``weight``.
    """
    from hw1_lightning.online.tiles import class_products

    sums = torch.empty(len(inputs), len(weight), dtype=torch.float64)
    rows, x, out = as_vector(weight), plain_inputs(inputs, weight.dtype), sums.numpy()
    threads = max(1, min(torch.get_num_threads(), x.size * len(rows) // PRODUCTS_PER_THREAD))
    size = -(-len(x) // (threads * TILE)) * TILE or TILE
    first, *others = [slice(start, start + size) for start in range(0, max(len(x), 1), size)]
    with ThreadPoolExecutor(max(len(others), 1)) as pool:
        parts = [pool.submit(class_products, rows, x[part], out[part]) for part in others]
        class_products(rows, x[first], out[first])
        for part in parts:
            part.result()
    return sums.mul_(scale).add_(bias.detach()).to(weight.dtype)
