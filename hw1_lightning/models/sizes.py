"""Check that a model fits in memory, before it is made."""

from collections.abc import Sequence
from itertools import pairwise

from hw1_lightning.memory import check_memory


def check_sizes(sizes: Sequence[int], option: str) -> None:
    """Check that the weights and gradients of a network fit in the memory of this machine.

    Args:
        sizes: inputs, then the units of each layer.
        option: the name of the option that chooses them.

    Raises:
        InputError: if they do not fit; the message says both sizes.
    """
    parameters = sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(sizes))
    what = f"{option} makes {parameters:,} parameters with {sizes[0]:,} inputs, which"
    check_memory(2 * 4 * parameters, what, advice="choose fewer units")
