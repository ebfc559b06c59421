"""Choose how many threads torch computes with: tiny models are faster with one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

# A second thread pays off from so many inputs in a minibatch (their bytes become floats), or from so many
# multiplications in a forward pass. With fewer, on a busy machine with two cores, it made epochs ten times slower.
WORTH_INPUTS, WORTH_PRODUCTS = 2**17, 2**24
# Learning from single examples multiplies matrices of a block of so many.
SINGLE_EXAMPLE_BLOCK = 64


@contextmanager
def threads_for(module: nn.Module, input_size: int, batch_size: int, asked: int | None = None) -> Iterator[int]:
    """Set the number of threads for a model, and restore the previous number afterwards.

    Args:
        module: the model.
        input_size: features of an example.
        batch_size: examples in an optimiser step.
        asked: the number that the user chose; by default 1 for a tiny model, and torch's own choice for other models
            or if ``OMP_NUM_THREADS`` is set.

    Yields:
        The number of threads.
    """
    before = torch.get_num_threads()
    examples = max(batch_size, SINGLE_EXAMPLE_BLOCK)
    products = examples * sum(parameter.numel() for parameter in module.parameters())
    tiny = examples * input_size < WORTH_INPUTS and products < WORTH_PRODUCTS
    torch.set_num_threads(asked or (1 if tiny and "OMP_NUM_THREADS" not in os.environ else before))
    try:
        yield torch.get_num_threads()
    finally:
        torch.set_num_threads(before)
