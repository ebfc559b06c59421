"""Check that a model fits in memory, before it is made."""

from collections.abc import Sequence
from itertools import pairwise

import torch

from hw1_lightning.errors import InputError
from hw1_lightning.memory import memory_size


def check_sizes(sizes: Sequence[int], option: str) -> None:
    """Check that the weights and gradients of a network fit in the memory of this machine.

    Args:
        sizes: inputs, then the units of each layer.
        option: the name of the option that chooses them.

    Raises:
        InputError: if they do not; the message names both sizes.
    """
    parameters = sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(sizes))
    needed, total = 2 * 4 * parameters, memory_size(torch.device("cpu"))
    if needed > total:
        raise InputError(
            f"{option} makes {parameters:,} parameters with {sizes[0]:,} inputs, which need {needed / 2**30:,.0f} GiB, "
            f"but this machine has {total / 2**30:,.0f} GiB; choose fewer units"
        )
