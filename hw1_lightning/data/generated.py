"""Examples that are generated lazily, so that ten million of them need no memory."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from hw1_lightning.data.arrays import Split

# Rows generated at once: four stacks of the default size, and 1 MB for 30 float32 inputs.
CHUNK = 8192

Chunk = tuple[Tensor, Tensor]


class GeneratedExamples(Split):
    """A split whose rows are generated chunk by chunk, always the same; only the last chunk is kept.

    Args:
        make_chunk: returns inputs ``(CHUNK, *input_shape)`` and targets ``(CHUNK, O)`` of the chunk with a number from
            0; the same number gives the same rows.
        count: number of examples N.
    """

    def __init__(self, make_chunk: Callable[[int], Chunk], count: int) -> None:
        self._make_chunk, self._count = make_chunk, count
        self._last: tuple[int, Chunk] | None = None

    def __len__(self) -> int:
        """Return the number of examples N."""
        return self._count

    def take(self, chosen: slice | Tensor) -> Chunk:
        """Return inputs and targets of a slice or of indices; fast for indices that are near to each other."""
        if isinstance(chosen, Tensor):
            first = int(chosen.min())
            inputs, targets = self.take(slice(first, int(chosen.max()) + 1))
            return inputs[chosen - first], targets[chosen - first]
        start, stop, _ = chosen.indices(self._count)
        pieces = []
        for number in range(start // CHUNK, max(stop - 1, start) // CHUNK + 1):
            inside = slice(max(start - number * CHUNK, 0), max(stop - number * CHUNK, 0))
            pieces.append(tuple(tensor[inside] for tensor in self._chunk(number)))
        inputs, targets = pieces[0] if len(pieces) == 1 else map(torch.cat, zip(*pieces, strict=True))
        return inputs, targets

    def describe(self) -> list[Tensor]:
        """Return the count and the first chunk, which differs if any other chunk does."""
        return [torch.tensor([self._count]), *self._chunk(0)]

    def _chunk(self, number: int) -> Chunk:
        if self._last is None or self._last[0] != number:
            self._last = number, self._make_chunk(number)
        return self._last[1]


def teacher_chunks(n_inputs: int, noise: float, seed: int, split: int) -> Callable[[int], Chunk]:
    """Return a function that generates chunks of examples of a random quadratic network.

    Inputs are standard normal. The network has D hidden units with weights of variance 1/D and standard normal biases,
    and output weights of variance 1/D, so that outputs are of order one whatever D is.

    Args:
        n_inputs: number of inputs D.
        noise: standard deviation of the normal noise on the target.
        seed: chooses the network and, with ``split`` and the chunk's number, the rows.
        split: number of the split, from 0.

    Returns:
        The ``make_chunk`` of ``GeneratedExamples``: float32 inputs, ``(CHUNK, D)``, and targets, ``(CHUNK, 1)``.
        Targets are matrix products: bit-identical on one processor, equal to six digits on others, where their SHA-256
        differs.
    """
    rng = np.random.default_rng([seed, 0, 0])
    shapes = ((n_inputs, n_inputs), (n_inputs,), (n_inputs, 1))
    weight, bias, output_weight = (torch.from_numpy(rng.standard_normal(shape, dtype=np.float32)) for shape in shapes)

    def make_chunk(number: int) -> Chunk:
        rng = np.random.default_rng([seed, split + 1, number])
        inputs = torch.from_numpy(rng.standard_normal((CHUNK, n_inputs), dtype=np.float32))
        errors = torch.from_numpy(rng.standard_normal((CHUNK, 1), dtype=np.float32))
        z = inputs @ weight / n_inputs**0.5 + bias
        return inputs, (z * (1 - z)) @ output_weight / n_inputs**0.5 + noise * errors

    return make_chunk
