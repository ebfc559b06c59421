"""Another division into training and validation examples, without a copy of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hw1_lightning.data.arrays import ArrayData, Examples, Split
from hw1_lightning.errors import InputError

# Makes this generator differ from others with the same seed.
STREAM = 0x5EED


@dataclass(frozen=True)
class PooledExamples(Split):
    """A split of examples that are stored in two others: keeps their indices, copies what is taken.

    Args:
        first, second: stored examples; indices of the second continue those of the first.
        indices: the indices, int64, shape ``(N,)``.
    """

    first: Examples
    second: Examples
    indices: Tensor

    def __len__(self) -> int:
        """Return the number of examples N."""
        return len(self.indices)

    def take(self, chosen: slice | Tensor) -> tuple[Tensor, Tensor]:
        """Return copies of the inputs and targets of some examples."""
        indices = self.indices[chosen]
        # First all rows from the first split, then overwrite those of the second: most are of the first, and this takes
        # half the time of copying both to their rows.
        inputs, targets = self.first.take(indices.clamp(max=len(self.first) - 1))
        rows = (indices >= len(self.first)).nonzero()[:, 0]
        inputs[rows], targets[rows] = self.second.take(indices[rows] - len(self.first))
        return inputs, targets

    def to(self, device: torch.device) -> Examples:
        """Return the examples, stored in the memory of a device."""
        return Examples(*self.take(slice(None))).to(device)

    def describe(self) -> list[Tensor]:
        """Return all stored examples and the indices."""
        return [*self.first.describe(), *self.second.describe(), self.indices]


def check_same_split(checkpoint: Mapping[str, Any], split_seed: int | None, path: str | Path) -> None:
    """Refuse a checkpoint that was trained on another division, perhaps on examples of this validation split.

    Args:
        checkpoint: the content of the checkpoint.
        split_seed: the seed of the data now.
        path: the checkpoint file.

    Raises:
        InputError: if the seeds differ; names both.
    """
    state = checkpoint.get("ArrayDataModule")
    trained = state.get("split_seed") if isinstance(state, dict) else None
    if trained != split_seed:
        now, before = ("not given" if seed is None else seed for seed in (split_seed, trained))
        risk = "the model may have been trained on examples of this validation split; give the same split_seed"
        raise InputError(f"--data.split_seed is {now}, but was {before} when {path} was trained; {risk}")


def redivide(data: ArrayData, seed: int, source: str) -> ArrayData:
    """Divide the training and validation examples of a data set again, at random; the test split stays.

    A simple random division into splits of the same sizes, without regard to classes: the random subsampling of Nadeau
    and Bengio, "Inference for the generalization error", Machine Learning 52, 2003. Each part keeps the stored order.

    Args:
        data: as stored.
        seed: chooses the division, at least 0.
        source: name of the source, for the error.

    Returns:
        The new division, with ``data`` as its ``origin``; it shares the memory of the stored examples.

    Raises:
        InputError: if the seed is negative, or the examples are not stored.
    """
    if seed < 0:
        raise InputError(f"--data.split_seed is {seed}; it must be at least 0")
    train, val = data.train, data.val
    if not (isinstance(train, Examples) and isinstance(val, Examples)):
        why = f"{source} generates its examples, so there is no division to change"
        fix = "leave out the option, or `split` in the `vary` of a study"
        raise InputError(f"--data.split_seed is {seed}, but {why}; {fix}")
    order = np.random.default_rng([STREAM, seed]).permutation(len(train) + len(val))
    parts = (torch.from_numpy(np.sort(part)) for part in np.split(order, [len(train)]))
    new_train, new_val = (PooledExamples(train, val, indices) for indices in parts)
    return ArrayData(new_train, new_val, data.test, data.class_names, data.input_scale, origin=data)
