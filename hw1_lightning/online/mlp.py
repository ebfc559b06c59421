"""Exact learning of a multi-layer perceptron from one example at a time.

Nearly all weights of an MLP are in its first layer. The inputs of that layer are known in advance, so it learns in
blocks, by formulas (1) and (2) of ``learners.py``. The inputs of later layers depend on all steps before; these layers
are updated example by example in a compiled loop, with gradients derived by hand (``mlp_rules.py``).
"""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from hw1_lightning.online import blocks
from hw1_lightning.online.blocks import PRODUCT_BLOCK, Array, as_arrays

Activation = Literal["relu", "tanh"]


def mlp_steps(
    weights: Sequence[Tensor],
    biases: Sequence[Tensor],
    inputs: Tensor,
    targets: Tensor,
    *,
    learning_rate: float,
    l2_penalty: float = 0.0,
    activation: Activation = "relu",
    scale: float = 1.0,
    block_size: int = PRODUCT_BLOCK,
) -> Tensor:
    """Multi-layer perceptron by SGD on single examples, softmax cross-entropy, one or more hidden layers.

    Every step is W <- (1 - learning_rate l2_penalty) W - learning_rate dE/dW for all weights and biases at once, with
    the gradients of one example at the weights before the step.

    Args:
        weights: one tensor a layer, shapes ``(H1, D), (H2, H1), ..., (C, H)``, float32 or float64; updated in place.
        biases: one tensor a layer, shapes ``(H1,), ..., (C,)``, like ``weights``; updated in place.
        inputs: shape ``(n, D)``, uint8 or any real dtype.
        targets: classes 0..C-1, shape ``(n,)``, int64.
        learning_rate: step size, at least 0.
        l2_penalty: at least 0; shrinks weights and biases of all layers.
        activation: of the hidden layers, ``relu`` (derivative 0 at 0) or ``tanh``.
        scale: factor of the inputs.
        block_size: examples in a block. It changes the result only by rounding.

    Returns:
        Each example's loss before its step, without the penalty, shape ``(n,)``, dtype and device of the weights.

    Raises:
        ValueError: if an argument has a wrong shape, dtype or value.
    """
    _check_layers(weights, biases)
    first, first_bias = weights[0].detach(), biases[0]
    blocks.check_run(first, first_bias, inputs, targets, len(biases[-1]), block_size)
    blocks.check_rates(learning_rate=learning_rate, l2_penalty=l2_penalty)
    blocks.check_choice("activation", activation, ("relu", "tanh"))
    from hw1_lightning.online.mlp_rules import mlp_block
    from hw1_lightning.online.rules import log_compilation

    log_compilation(mlp_block)
    labels, losses = blocks.as_vector(targets), torch.empty(len(targets), dtype=first.dtype)
    decay = blocks.powers(1 - learning_rate * l2_penalty, block_size)
    with as_arrays([first_bias]) as (b,), as_arrays(weights[1:]) as later, as_arrays(biases[1:]) as later_b:

        def rule(scores: Array, gram: Array, steps: Array, part: slice) -> None:
            run, layers = (learning_rate, decay, activation == "tanh"), (later, later_b)
            mlp_block(scores, gram, labels[part], b, layers, run, steps, losses.numpy()[part])

        blocks.run_blocks(first, inputs, scale, decay, rule)
    return losses.to(first.device)


def _check_layers(weights: Sequence[Tensor], biases: Sequence[Tensor]) -> None:
    """Check that there are at least two layers, and that their shapes and dtypes match."""
    if len(weights) < 2 or len(biases) != len(weights):
        raise ValueError(f"weights and biases must be of 2 or more layers, got {len(weights)} and {len(biases)}")
    for i in range(1, len(weights)):
        shape, dtype = (len(biases[i]), len(weights[i - 1])), weights[0].dtype
        if weights[i].shape != shape or {weights[i].dtype, biases[i].dtype} != {dtype}:
            raise ValueError(
                f"weights[{i}] must have shape {shape} and, like its bias, dtype {dtype}, "
                f"got {tuple(weights[i].shape)} {weights[i].dtype} and bias {biases[i].dtype}"
            )
