"""Mistakes in the loss."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from hw1_lightning.diagnosis.mistaken.wrapper import Wrapper

Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class NormalisedTwice(Wrapper):
    """Scores become probabilities before a loss that does this itself.

    Args:
        by: ``softmax``, over the classes, or ``sigmoid``, of each score.
    """

    by: Literal["softmax", "sigmoid"]

    def loss(self, right: Loss, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of probabilities in place of scores."""
        return right(outputs.softmax(1) if self.by == "softmax" else outputs.sigmoid(), targets)


@dataclass(frozen=True)
class SummedLoss(Wrapper):
    """The sum of the examples' losses in place of their mean."""

    def loss(self, right: Loss, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the sum of the losses while gradients are computed; reports give the mean loss of a split."""
        return right(outputs, targets) * (len(targets) if torch.is_grad_enabled() else 1)


@dataclass(frozen=True)
class OneVsRest(Wrapper):
    """A sigmoid for each class in place of the softmax; the losses of the classes are added."""

    def loss(self, right: Loss, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean over the examples."""
        one_hot = nn.functional.one_hot(targets, outputs.shape[1]).to(outputs.dtype)
        return nn.functional.binary_cross_entropy_with_logits(outputs, one_hot, reduction="none").sum(1).mean()


@dataclass(frozen=True)
class MeanOverClasses(Wrapper):
    """The mean of the losses of one against the rest over examples and classes, in place of the sum over classes."""

    def loss(self, right: Loss, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean."""
        return right(outputs, targets) / outputs.shape[1]


@dataclass(frozen=True)
class TimesLabel(Wrapper):
    """The step of an example is multiplied by the index of its class, so class 0 is never learned."""

    def loss(self, right: Loss, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean of the examples' losses times their labels."""
        single = [right(*one) * one[1] for one in zip(outputs.split(1), targets.split(1), strict=True)]
        return torch.cat(single).mean()


@dataclass(frozen=True)
class PerceptronUpdate(Wrapper):
    """Another update than that of the perceptron, as the gradient of a loss.

    Args:
        kind: ``right class only`` never subtracts from the predicted class; ``predicted class only`` never adds to the
            right class; ``every example`` adds to the right class also when the prediction is right; ``all others``
            subtracts from all other classes; ``own label`` multiplies each half with the index of its class.
    """

    kind: Literal["right class only", "predicted class only", "every example", "all others", "own label"]

    def loss(self, right: Loss, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return a loss with the gradient of the update."""
        predicted = outputs.argmax(1)
        wrong = (predicted != targets).to(outputs.dtype)
        of_right, of_predicted = (outputs.gather(1, each[:, None])[:, 0] for each in (targets, predicted))
        if self.kind == "right class only":
            return -(wrong * of_right).mean()
        if self.kind == "predicted class only":
            return (wrong * of_predicted).mean()
        if self.kind == "own label":
            return (wrong * (predicted * of_predicted - targets * of_right)).mean()
        if self.kind == "every example":
            return (wrong * of_predicted - of_right).mean()
        return (wrong * (outputs.sum(1) - 2 * of_right)).mean()
