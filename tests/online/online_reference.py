"""Plain per-example NumPy loops, written from the definitions: what the fast learners must reproduce."""

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

Array = np.ndarray[Any, Any]


def perceptron(weight: Array, bias: Array, inputs: Array, targets: Array) -> tuple[Array, Array]:
    predictions, losses = np.zeros(len(inputs), np.int64), np.zeros(len(inputs))
    for i, (x, target) in enumerate(zip(inputs, targets, strict=True)):
        scores = weight @ x + bias
        predicted = predictions[i] = np.argmax(scores)
        losses[i] = scores[predicted] - scores[target]
        if predicted != target:
            weight[target] += x
            weight[predicted] -= x
            bias[target] += 1
            bias[predicted] -= 1
    return predictions, losses


def softmax_loss(z: Array, target: int) -> tuple[float, Array]:
    log_p = z - np.logaddexp.reduce(z)
    return -log_p[target], np.exp(log_p) - np.eye(len(z))[target]


def one_vs_rest_loss(z: Array, target: int) -> tuple[float, Array]:
    wanted, log_p, log_not_p = np.eye(len(z))[target], -np.logaddexp(0, -z), -np.logaddexp(0, z)
    return -(wanted * log_p + (1 - wanted) * log_not_p).sum(), np.exp(log_p) - wanted


def logistic(
    weight: Array, bias: Array, inputs: Array, targets: Array, rate: float, l2: float, l1: float, link: str
) -> Array:
    losses = np.zeros(len(inputs))
    for i, (x, target) in enumerate(zip(inputs, targets, strict=True)):
        z = weight @ x + bias
        losses[i], error = softmax_loss(z, target) if link == "softmax" else one_vs_rest_loss(z, target)
        weight[:] = (1 - rate * l2) * weight - rate * np.outer(error, x)
        weight[:] = np.sign(weight) * np.maximum(np.abs(weight) - rate * l1, 0)
        bias[:] = (1 - rate * l2) * bias - rate * error
    return losses


def mlp(
    weights: list[Array], biases: list[Array], inputs: Array, targets: Array, rate: float, l2: float, activation: str
) -> Array:
    losses = np.zeros(len(inputs))
    for i, (x, target) in enumerate(zip(inputs, targets, strict=True)):
        outputs = [x]
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            z = weight @ outputs[-1] + bias
            outputs.append(np.tanh(z) if activation == "tanh" else np.maximum(z, 0))
        losses[i], error = softmax_loss(weights[-1] @ outputs[-1] + biases[-1], target)
        for layer in reversed(range(len(weights))):
            gradient, a = np.outer(error, outputs[layer]), outputs[layer]
            error_below = (weights[layer].T @ error) * (1 - a**2 if activation == "tanh" else a > 0)
            weights[layer][:] = (1 - rate * l2) * weights[layer] - rate * gradient
            biases[layer][:] = (1 - rate * l2) * biases[layer] - rate * error
            error = error_below
    return losses


def close(value: Tensor, reference: Array, relative: float = 1e-9) -> bool:
    """Whether all values differ by at most ``relative`` of the largest reference value."""
    largest = np.abs(reference).max(initial=1e-300)
    return bool(np.abs(value.numpy() - reference).max(initial=0) <= relative * largest)


def pixels(n: int, n_features: int, n_classes: int, seed: int) -> tuple[Tensor, Tensor]:
    """Random bytes, shape ``(n, n_features)``, whose brightness depends on their class, and classes, shape ``(n,)``."""
    generator = np.random.default_rng(seed)
    targets = generator.integers(0, n_classes, n)
    brightness = generator.uniform(0.8, 1, (n_classes, n_features))[targets]
    inputs = (generator.integers(0, 256, (n, n_features)) * brightness).astype(np.uint8)
    return torch.from_numpy(inputs), torch.from_numpy(targets)


def parameters(sizes: list[int], seed: int, dtype: torch.dtype = torch.float64) -> tuple[list[Tensor], list[Tensor]]:
    """Random weights and biases of a network with these layer sizes."""
    generator = torch.Generator().manual_seed(seed)
    weights = [torch.randn(o, i, generator=generator, dtype=dtype) / i for i, o in pairwise(sizes)]
    return weights, [0.1 * torch.randn(o, generator=generator, dtype=dtype) for o in sizes[1:]]


def copies(tensors: list[Tensor]) -> list[Array]:
    return [tensor.numpy().copy() for tensor in tensors]
