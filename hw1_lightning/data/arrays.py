"""The examples of a data set, with what a model must know of them: class names, shapes, the hash."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import torch
from torch import Tensor

from hw1_lightning.errors import InputError


class Split(Protocol):
    """A split as its readers see it; its rows are stored (``Examples``) or generated lazily."""

    @property
    def inputs(self) -> Tensor:
        """Return all inputs, shape ``(N, *input_shape)``, as one tensor in memory."""
        return self.take(slice(None))[0]

    @property
    def targets(self) -> Tensor:
        """Return all targets: int64 classes, shape ``(N,)``, or numbers to predict, floating, shape ``(N, O)``."""
        return self.take(slice(None))[1]

    def __len__(self) -> int:
        """Return the number of examples N."""

    def take(self, chosen: slice | Tensor) -> tuple[Tensor, Tensor]:
        """Return inputs and targets of some examples: a slice in steps of 1, or int64 indices, shape ``(n,)``."""

    def describe(self) -> list[Tensor]:
        """Return tensors that differ between any two splits, for the hash."""


@dataclass(frozen=True)
class Examples:
    """Inputs and targets of one split in memory, in the dtype they are stored in.

    Args:
        inputs: shape ``(N, *input_shape)``; images stay uint8, channels last.
        targets: int64 classes, shape ``(N,)``, or numbers to predict, floating, shape ``(N, O)``.
    """

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        """Return the number of examples N."""
        return len(self.targets)

    def take(self, chosen: slice | Tensor) -> tuple[Tensor, Tensor]:
        """Return inputs and targets of some examples; those of a slice are views."""
        if isinstance(chosen, slice):
            return self.inputs[chosen], self.targets[chosen]
        # index_select is several times faster than indexing
        return self.inputs.index_select(0, chosen), self.targets.index_select(0, chosen)

    def to(self, device: torch.device) -> "Examples":
        """Return the examples in the memory of a device."""
        return Examples(self.inputs.to(device), self.targets.to(device))

    def describe(self) -> list[Tensor]:
        """Return all inputs and targets."""
        return [self.inputs, self.targets]


@dataclass(frozen=True)
class ArrayData:
    """Three splits of one data set, for classification or for regression.

    Args:
        train, val, test: the splits; none is empty, all have inputs of the same shape.
        class_names: one name for each class, in the order of the labels; empty for regression.
        input_scale: what a model multiplies raw inputs with (1/256 for the photographs).
        origin: the data as stored, if this is another division of it into training and validation; gives the hash.

    Raises:
        InputError: if a split is empty, counts differ, a label is not a class or a number is not finite.
    """

    train: Split
    val: Split
    test: Split
    class_names: tuple[str, ...] = ()
    input_scale: float = 1.0
    origin: "ArrayData | None" = None

    def __post_init__(self) -> None:
        """Check what every source must guarantee, so that models need not."""
        for name, split in self.splits.items():
            if isinstance(split, Examples):
                self._check_stored(name, split)
            if (shape := self._shape(split)) != self.input_shape:
                kind = "images" if self.class_names else "inputs"
                raise InputError(f"{name} {kind} have shape {shape} but train {kind} have shape {self.input_shape}")
            if (outputs := self._num_outputs(split)) != self.num_outputs:
                raise InputError(f"{name} has {outputs} outputs but train has {self.num_outputs}")

    def _check_stored(self, name: str, split: Examples) -> None:
        inputs, targets = ("images", "labels") if self.class_names else ("inputs", "targets")
        if len(split.inputs) != len(split.targets):
            counts = f"{len(split.inputs)} {inputs} but {len(split.targets)} {targets}"
            raise InputError(f"{name}: {counts}; counts must match")
        if len(split) == 0:
            raise InputError(f"the {name} split is empty; every split needs at least one example")
        if self.class_names:
            _check_labels(name, split.targets, self.num_classes)
        elif len(split) == 1:
            raise InputError(f"the {name} split has one example; R^2 needs two or more")
        else:
            _check_numbers(name, split)

    @staticmethod
    def _shape(split: Split) -> tuple[int, ...]:
        return tuple(split.take(slice(0, 1))[0].shape[1:])

    @property
    def splits(self) -> dict[str, Split]:
        """Return the splits by name."""
        return {"train": self.train, "val": self.val, "test": self.test}

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Return the shape of one input, without the batch axis."""
        return self._shape(self.train)

    @property
    def num_classes(self) -> int:
        """Return the number of classes; 0 for regression."""
        return len(self.class_names)

    @property
    def num_outputs(self) -> int:
        """Return how many numbers to predict for each example; 0 for classification."""
        return self._num_outputs(self.train)

    def _num_outputs(self, split: Split) -> int:
        return 0 if self.class_names else split.take(slice(0, 1))[1].shape[1]

    def summary(self) -> dict[str, Any]:
        """Return what the record of a run says about its data."""
        return {"sha256": self.sha256, "sizes": {name: len(split) for name, split in self.splits.items()}}

    @cached_property
    def sha256(self) -> str:
        """Return the SHA-256 of names, shapes, dtypes and bytes of all splits as stored."""
        if self.origin is not None:
            return self.origin.sha256
        digest = hashlib.sha256()
        for name, split in self.splits.items():
            for tensor in split.describe():
                digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
                digest.update(tensor.contiguous().view(torch.uint8).numpy().data)
        return digest.hexdigest()


def _check_labels(name: str, targets: Tensor, num_classes: int) -> None:
    low, high = int(targets.min()), int(targets.max())
    if low < 0 or high >= num_classes:
        allowed = f"0 to {num_classes - 1}, one for each of the {num_classes} classes"
        raise InputError(f"{name} labels run from {low} to {high}; allowed are {allowed}")


def _check_numbers(name: str, split: Examples) -> None:
    if split.targets.ndim != 2 or not split.targets.is_floating_point():
        found = f"{split.targets.dtype} of shape {tuple(split.targets.shape)}"
        rule = "numbers to predict must be floating of shape (N, O), and classes need class_names"
        raise InputError(f"{name} targets are {found}; {rule}")
    for kind, values in (("inputs", split.inputs.flatten(1)), ("targets", split.targets)):
        bad = (~values.isfinite()).nonzero()
        if len(bad):
            row, column = bad[0].tolist()
            fix = "every value must be a finite number: remove the example or fill in the value"
            raise InputError(f"{name} {kind}: column {column} is {values[row, column]} in example {row}; {fix}")
