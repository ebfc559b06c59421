"""Mistakes in the evaluation."""

import math
import statistics
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.diagnosis.mistaken.wrapper import Wrapper
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.models.split_metrics import Evaluation


@dataclass(frozen=True)
class DropoutInEvaluation(Wrapper):
    """Dropout stays on when a split is evaluated."""

    def evaluates(self, model: Classifier) -> None:
        """Turn dropout on again."""
        for layer in model.modules():
            if isinstance(layer, nn.Dropout):
                layer.train()


@dataclass(frozen=True)
class DropoutOnce(Wrapper):
    """Nothing is dropped after the first evaluation, as in a model that stays in evaluation mode."""

    def evaluates(self, model: Classifier) -> None:
        """Turn dropout off for good, but not in Lightning's check before training, which plain loops do not have."""
        if not model.trainer.sanity_checking:
            for layer in model.modules():
                if isinstance(layer, nn.Dropout):
                    layer.p = 0.0


@dataclass(frozen=True)
class AveragedOverMinibatches(Wrapper):
    """Loss and accuracy are means over minibatches, of which the last one is smaller and counts as much.

    Args:
        size: examples in a minibatch.
    """

    in_closed_form: ClassVar[bool] = True
    size: int

    def prepare(self, model: Classifier, data: ArrayDataModule) -> None:
        """Replace the evaluation."""
        model.evaluation = MinibatchMeans(model, self.size)


class MinibatchMeans(Evaluation):
    """Computes the mean of the losses and of the accuracies of minibatches.

    Args:
        model: which defines the loss.
        size: examples in a minibatch.
    """

    def __init__(self, model: Classifier, size: int) -> None:
        super().__init__({str(name): metric for name, metric in model.evaluation.metrics.items()})
        self._loss, self._size = model.loss, size
        self._seen: list[tuple[Tensor, Tensor]] = []

    def update(self, loss: Tensor, outputs: Tensor, targets: Tensor) -> None:
        """Add a batch."""
        super().update(loss, outputs, targets)
        self._seen.append((outputs, targets))

    def finish(self, split: str) -> dict[str, float]:
        """Return all values by name, and reset them."""
        found = super().finish(split)
        outputs, targets = (torch.cat(each).split(self._size) for each in zip(*self._seen, strict=True))
        self._seen = []
        losses = [self._loss(*each).item() for each in zip(outputs, targets, strict=True)]
        shares = [(o.argmax(1) == t).double().mean().item() for o, t in zip(outputs, targets, strict=True)]
        if math.isfinite(found[f"{split}/loss"]):
            found |= {f"{split}/loss": statistics.fmean(losses), f"{split}/accuracy": statistics.fmean(shares)}
        return found
