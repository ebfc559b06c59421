"""What a source hands over: examples in memory, and what a model must know of them."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from hw1_lightning.errors import InputError


@dataclass(frozen=True)
class Examples:
    """Inputs and targets of one split, in the dtype they are stored in.

    Args:
        inputs: shape ``(N, *input_shape)``; images stay uint8, channels last.
        targets: int64 classes, shape ``(N,)``.
    """

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        """Number of examples N."""
        return len(self.targets)


@dataclass(frozen=True)
class ArrayData:
    """Three splits of one data set.

    Args:
        train, val, test: the splits; none is empty, all have inputs of the same shape.
        class_names: one name a class, in the order of the labels.
        input_scale: what a model multiplies raw inputs with (1/256 for the photographs).

    Raises:
        InputError: if a split is empty, counts differ or a label is no class.
    """

    train: Examples
    val: Examples
    test: Examples
    class_names: tuple[str, ...]
    input_scale: float = 1.0

    def __post_init__(self) -> None:
        """Check what every source must guarantee, so that no model meets it later."""
        for name, split in self.splits.items():
            if len(split.inputs) != len(split.targets):
                raise InputError(
                    f"{name}: {len(split.inputs)} images but {len(split.targets)} labels; counts must match"
                )
            if len(split) == 0:
                raise InputError(f"the {name} split is empty; every split needs at least one example")
            if split.inputs.shape[1:] != self.train.inputs.shape[1:]:
                raise InputError(
                    f"{name} images have shape {tuple(split.inputs.shape[1:])} but those of train {self.input_shape}"
                )
            low, high = int(split.targets.min()), int(split.targets.max())
            if low < 0 or high >= self.num_classes:
                raise InputError(
                    f"{name} labels run from {low} to {high}; allowed are 0 to {self.num_classes - 1}, "
                    f"one for each of the {self.num_classes} classes"
                )

    @property
    def splits(self) -> dict[str, Examples]:
        """The splits by name."""
        return {"train": self.train, "val": self.val, "test": self.test}

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one input, without the batch axis."""
        return tuple(self.train.inputs.shape[1:])

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of names, shapes, dtypes and bytes of all splits, so that a run names its data exactly."""
        digest = hashlib.sha256()
        for name, split in self.splits.items():
            for tensor in (split.inputs, split.targets):
                digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
                digest.update(tensor.contiguous().view(torch.uint8).numpy().data)
        return digest.hexdigest()
