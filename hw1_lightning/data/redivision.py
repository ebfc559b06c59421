"""Dividing training and validation examples anew, without a copy of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hw1_lightning.data.arrays import ArrayData, Examples
from hw1_lightning.errors import InputError

# Tells this generator's numbers from those of others with the same seed.
STREAM = 0x5EED


@dataclass(frozen=True)
class Chosen:
    """A split of examples that are stored in two others; it keeps their places, and copies what is taken.

    Args:
        first, second: stored examples; places in the second one come after those of the first.
        places: int64, shape ``(N,)``.
    """

    first: Examples
    second: Examples
    places: Tensor

    def __len__(self) -> int:
        """Number of examples N."""
        return len(self.places)

    @property
    def inputs(self) -> Tensor:
        """All inputs at once, a copy, ``(N, *input_shape)``."""
        return self.take(slice(None))[0]

    @property
    def targets(self) -> Tensor:
        """All targets at once, a copy, ``(N,)`` or ``(N, O)``."""
        return self.take(slice(None))[1]

    def take(self, chosen: slice | Tensor) -> tuple[Tensor, Tensor]:
        """Copies of the inputs and targets of some examples."""
        places = self.places[chosen]
        # All from the first split, whatever is there for those of the second one, which then come over it: most are of
        # the first, and this takes half the time of copying both to their rows.
        inputs, targets = self.first.take(places.clamp(max=len(self.first) - 1))
        rows = (places >= len(self.first)).nonzero()[:, 0]
        inputs[rows], targets[rows] = self.second.take(places[rows] - len(self.first))
        return inputs, targets

    def to(self, device: torch.device) -> Examples:
        """The same examples, stored in a device's memory."""
        return Examples(*self.take(slice(None))).to(device)

    def describe(self) -> list[Tensor]:
        """Everything, and where it is taken from."""
        return [*self.first.describe(), *self.second.describe(), self.places]


def check_same_split(checkpoint: Mapping[str, Any], split_seed: int | None, path: str | Path) -> None:
    """Refuse a checkpoint that was trained on another division: examples of this validation split may be among those.

    Args:
        checkpoint: its content.
        split_seed: that of the data now.
        path: the file.

    Raises:
        InputError: naming both seeds.
    """
    state = checkpoint.get("ArrayDataModule")
    trained = state.get("split_seed") if isinstance(state, dict) else None
    if trained != split_seed:
        now, before = ("not given" if seed is None else seed for seed in (split_seed, trained))
        raise InputError(
            f"--data.split_seed is {now}, but was {before} when {path} was trained, so that it may have been trained "
            "on examples of this validation split; give the same"
        )


def divided_again(data: ArrayData, seed: int, source: str) -> ArrayData:
    """Divide the training and the validation examples of a data set anew, at random; the test split stays.

    A simple random division into splits of the same sizes, classes or not: the random subsampling of Nadeau and Bengio,
    "Inference for the generalization error", Machine Learning 52, 2003. Each part keeps the stored order.

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
        raise InputError(
            f"--data.split_seed is {seed}, but {source} generates its examples, so there is no division to change; "
            "leave it out, or `split` in a study's vary"
        )
    order = np.random.default_rng([STREAM, seed]).permutation(len(train) + len(val))
    new_train, new_val = (Chosen(train, val, torch.from_numpy(np.sort(part))) for part in np.split(order, [len(train)]))
    return ArrayData(new_train, new_val, data.test, data.class_names, data.input_scale, origin=data)
