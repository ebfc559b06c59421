"""Mistakes in the order of the examples, in their pixels and in their labels."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor

from hw1_lightning.data.arrays import Examples
from hw1_lightning.data.datamodule import ArrayDataModule, Loader
from hw1_lightning.data.loader import StackLoader
from hw1_lightning.data.order import Order
from hw1_lightning.diagnosis.mistaken.wrapper import Wrapper
from hw1_lightning.models.classifier import Classifier

OrderKind = Literal["as stored", "the same each epoch", "not composed"]


class MistakenOrder:
    """A mistaken order of the examples.

    Args:
        kind: ``as stored``, ``the same each epoch`` or, for NumPy's order, ``not composed``: each epoch's permutation
            is applied to the stored order instead of to the order of the epoch before.
        right: the right order.
    """

    def __init__(self, kind: OrderKind, right: Order) -> None:
        self._kind, self._right, self._before = kind, right, torch.empty(0, dtype=torch.int64)

    def __getattr__(self, name: str) -> Any:
        """Return everything else of the right order."""
        return getattr(self._right, name)

    def draw(self, count: int) -> Tensor:
        """Return the order of the next epoch."""
        if self._kind == "as stored":
            return torch.arange(count)
        if self._kind == "the same each epoch":
            if len(self._before) != count:
                self._before = self._right.draw(count)
            return self._before
        before = self._before if len(self._before) == count else torch.arange(count)
        self._before = self._right.draw(count)
        return torch.argsort(before)[self._before]


@dataclass(frozen=True)
class ExamplesInOrder(Wrapper):
    """The training examples are visited in a mistaken order.

    Args:
        kind: see ``MistakenOrder``.
    """

    in_closed_form: ClassVar[bool] = True
    kind: OrderKind

    def prepare(self, model: Classifier, data: ArrayDataModule) -> None:
        """Replace the order."""
        data.epoch_order = MistakenOrder(self.kind, data.epoch_order)


class FullMinibatches(StackLoader):
    """A loader that leaves out the last minibatch of an epoch if it is not full."""

    def __len__(self) -> int:
        """Return the number of stacks in an epoch."""
        return len(list(self.bounds()))

    def bounds(self) -> Iterator[tuple[int, int, int]]:
        """Yield the first example, the end and the batch size of each stack."""
        return (each for each in super().bounds() if each[2] == self.batch_size)


@dataclass(frozen=True)
class LastMinibatchLeftOut(Wrapper):
    """An epoch has full minibatches only."""

    in_closed_form: ClassVar[bool] = True

    def prepare(self, model: Classifier, data: ArrayDataModule) -> None:
        """Replace the loader of the training split, which is still to be made."""
        right = data.train_dataloader

        def train_dataloader() -> Loader:
            loader = right()
            if isinstance(loader, StackLoader) and len(loader.examples) >= loader.batch_size:
                loader.__class__ = FullMinibatches
            return loader

        data.train_dataloader = train_dataloader  # type: ignore[method-assign] # replaced on purpose


@dataclass(frozen=True)
class PixelScale(Wrapper):
    """Inputs are scaled by another factor.

    Args:
        factor: of the right scale.
    """

    in_closed_form: ClassVar[bool] = True
    factor: float

    def prepare(self, model: Classifier, data: ArrayDataModule) -> None:
        """Change the scale of the model."""
        model.input_scale *= self.factor


@dataclass(frozen=True)
class Standardised(Wrapper):
    """Inputs are shifted and divided.

    Args:
        over: by mean and standard deviation of ``all`` numbers of the training inputs, or of ``each`` feature, or so
            that they are ``between -1 and 1``.
    """

    over: Literal["all", "each", "between -1 and 1"]

    def prepare(self, model: Classifier, data: ArrayDataModule) -> None:
        """Compute what is subtracted, and what the difference is divided by."""
        inputs = data.arrays.train.inputs.flatten(1)
        if self.over == "between -1 and 1":
            shift = width = inputs.max().double().reshape(1) / 2
        elif self.over == "all":
            means = torch.stack([row.double().mean() for row in inputs])
            squares = torch.stack([row.double().square().mean() for row in inputs])
            shift, width = means.mean(), (squares.mean() - means.mean() ** 2).sqrt()
        else:
            columns = [column.double() for column in inputs.T]
            shift = torch.stack([column.mean() for column in columns])
            width = torch.stack([column.std(correction=0) for column in columns]).clamp(min=1.0 / len(inputs))
        for name, value in {"shift": shift, "width": width}.items():
            model.register_buffer(name, (value * model.input_scale).to(next(model.parameters()).dtype))

    def features(self, right: Callable[[Tensor], Tensor], model: Classifier, inputs: Tensor) -> Tensor:
        """Return the shifted and divided features."""
        return (right(inputs) - model.get_buffer("shift")) / model.get_buffer("width")


@dataclass(frozen=True)
class OtherSplits(Wrapper):
    """Another split is evaluated than the one that is meant.

    Args:
        val: evaluated as validation split.
        test: evaluated as test split.
    """

    in_closed_form: ClassVar[bool] = True
    val: Literal["train", "val", "test"]
    test: Literal["train", "val", "test"]

    def prepare(self, model: Classifier, data: ArrayDataModule) -> None:
        """Replace the splits."""
        splits = data.arrays.splits
        data.arrays = replace(data.arrays, val=splits[self.val], test=splits[self.test])


@dataclass(frozen=True)
class ShuffledTestLabels(Wrapper):
    """The labels of the test split are in another order than its images."""

    in_closed_form: ClassVar[bool] = True

    def prepare(self, model: Classifier, data: ArrayDataModule) -> None:
        """Shuffle the labels."""
        test = data.arrays.test
        chosen = torch.randperm(len(test), generator=torch.Generator().manual_seed(torch.initial_seed()))
        shuffled = Examples(test.inputs, test.targets[chosen])
        data.arrays = replace(data.arrays, test=shuffled)
