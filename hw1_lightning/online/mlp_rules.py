"""The compiled sequential part of learning an MLP from single examples, with gradients derived by hand.

With a_0 the first hidden layer's activations, z_l = W_l a_(l-1) + b_l and a_l = act(z_l), backpropagation (Rumelhart,
Hinton & Williams, Nature 323, 1986) gives for the softmax cross-entropy of an example

    delta_L = softmax(z_L) - onehot(y),    delta_(l-1) = (W_l' delta_l) * act'(z_(l-1)),    dE/dW_l = delta_l a_(l-1)'.

The layers after the first are small, so they are updated example by example; the products of the first layer are
computed in blocks.
"""

import numpy as np

from hw1_lightning.online.blocks import Array
from hw1_lightning.online.rules import compiled, current_scores, discount, record_step, softmax_error

Layers = tuple[tuple[Array, ...], tuple[Array, ...]]  # the weights and biases of all layers after the first
Run = tuple[float, Array, bool]  # learning rate, powers of the shrinkage of a step, whether the activation is tanh


@compiled
def activate(scores: Array, tanh: bool, out: Array) -> None:
    """Write the activations of ``scores`` to the beginning of ``out``: tanh, or else relu."""
    for j in range(scores.size):
        out[j] = np.tanh(scores[j]) if tanh else max(scores[j], scores.dtype.type(0))


@compiled
def slope(activation: float, tanh: bool) -> float:
    """Return the derivative of the activation from its value: 1 - a^2 for tanh; 0 or 1 for relu, 0 at 0."""
    if tanh:
        return 1 - activation * activation
    return 1.0 if activation > 0 else 0.0


@compiled
def forward_layer(weight: Array, bias: Array, inputs: Array, out: Array) -> None:
    """Write W a + b to the beginning of ``out``, where a is the beginning of ``inputs``."""
    for o in range(bias.size):
        total = bias[o]
        for j in range(weight.shape[1]):
            total += weight[o, j] * inputs[j]
        out[o] = total


@compiled
def backward_layer(
    weight: Array, bias: Array, inputs: Array, error: Array, rate: float, shrink: float, back: Array
) -> None:
    """Write W' error to the beginning of ``back``, and take the layer's SGD step, in one pass over W."""
    real = weight.dtype.type
    s = real(shrink)
    back[: weight.shape[1]] = 0
    for o in range(bias.size):
        step, output_error = real(-rate * error[o]), error[o]
        for j in range(weight.shape[1]):
            back[j] += output_error * weight[o, j]
            weight[o, j] = s * weight[o, j] + step * inputs[j]
        bias[o] = s * bias[o] + step


@compiled
def later_layers(scores: Array, later: Layers, target: int, run: Run, activations: Array, errors: Array) -> float:
    """Take an SGD step in all layers after the first, and write the gradient by ``scores`` to ``errors[0]``."""
    (weights, biases), (rate, decay, tanh) = later, run
    depth = len(weights)
    activate(scores, tanh, activations[0])
    for layer in range(depth):
        out = activations[layer + 1, : biases[layer].size]
        forward_layer(weights[layer], biases[layer], activations[layer], out)
        if layer < depth - 1:
            activate(out, tanh, out)
    n_classes = biases[depth - 1].size
    loss = softmax_error(activations[depth, :n_classes], target, errors[depth, :n_classes])
    for layer in range(depth - 1, -1, -1):
        inputs, back = activations[layer], errors[layer]
        backward_layer(weights[layer], biases[layer], inputs, errors[layer + 1], rate, decay[1], back)
        for j in range(weights[layer].shape[1]):
            back[j] *= slope(inputs[j], tanh)
    return loss


@compiled
def mlp_block(
    scores: Array, gram: Array, targets: Array, bias: Array, later: Layers, run: Run, coefficients: Array, losses: Array
) -> None:
    """Learn from one block: the first layer by ``scores`` (n, H) and ``gram``, later layers directly."""
    (rate, decay, _), widest = run, bias.size
    for later_bias in later[1]:
        widest = max(widest, later_bias.size)
    shape = (len(later[1]) + 1, widest)
    activations, errors = np.empty(shape, scores.dtype), np.empty(shape, scores.dtype)
    for i in range(targets.size):
        row = current_scores(i, scores, gram, coefficients, decay, bias)
        losses[i] = later_layers(row, later, targets[i], run, activations, errors)
        record_step(i, errors[0, : bias.size], rate, coefficients, bias, decay[1])
    discount(coefficients, decay)
