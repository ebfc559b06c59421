"""Weights that NumPy's legacy generator draws, as in the network of the course's scripts."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from hw1_lightning.data.order import numpy_generator

MEAN, DEVIATION = 0.1, 0.1


def set_numpy_weights(layers: Sequence[nn.Linear], seed: int) -> int:
    """Set weights to ``RandomState(seed).normal(0.1, 0.1)``, one matrix after the other, and biases to 0.

    Args:
        layers: in the order of drawing.
        seed: of the generator.

    Returns:
        How many numbers were drawn.
    """
    for layer, drawn in _draw(layers, seed):
        layer.weight.data.copy_(drawn)
        layer.bias.data.zero_()
    return sum(layer.weight.numel() for layer in layers)


def refine_numpy_weights(layers: Sequence[nn.Linear], seed: int) -> None:
    """Set weights to what NumPy draws if they are that, rounded to float32.

    Args:
        layers: with weights in float64.
        seed: of the generator that drew them.
    """
    for layer, drawn in _draw(layers, seed):
        if torch.equal(layer.weight.float(), drawn.to(layer.weight.device).float()):
            layer.weight.data.copy_(drawn)


def _draw(layers: Sequence[nn.Linear], seed: int) -> Iterator[tuple[nn.Linear, Tensor]]:
    """Yield each layer with numbers for its weights, float64, of the same shape, on the CPU."""
    generator = numpy_generator(seed)
    for layer in layers:
        yield layer, torch.from_numpy(generator.normal(MEAN, DEVIATION, layer.weight.shape))
