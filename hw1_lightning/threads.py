"""How many threads torch computes with: tiny models are faster alone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

# Multiplications and additions of one minibatch in the forward pass, under which a second thread costs more than it
# brings: measured with `python -m benchmarks scaling`.
WORTH_THREADS = 2**24
# Learning from single examples multiplies matrices of a block of them.
SINGLE_EXAMPLE_BLOCK = 64


@contextmanager
def threads_for(module: nn.Module, batch_size: int, asked: int | None = None) -> Iterator[int]:
    """Compute with a sensible number of threads, and with the old number afterwards.

    Args:
        module: the model.
        batch_size: examples in an optimiser step.
        asked: the number the user wants; by default 1 for a tiny model, and torch's own choice for others or where
            ``OMP_NUM_THREADS`` is set.

    Yields:
        The number of threads.
    """
    before = torch.get_num_threads()
    work = max(batch_size, SINGLE_EXAMPLE_BLOCK) * sum(parameter.numel() for parameter in module.parameters())
    tiny = work < WORTH_THREADS and "OMP_NUM_THREADS" not in os.environ
    torch.set_num_threads(asked or (1 if tiny else before))
    try:
        yield torch.get_num_threads()
    finally:
        torch.set_num_threads(before)
