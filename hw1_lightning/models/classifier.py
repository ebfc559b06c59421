"""The base class of all classifiers."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torchmetrics.classification import MulticlassAccuracy

from hw1_lightning.data.loader import Minibatch, Stack, flat
from hw1_lightning.errors import InputError
from hw1_lightning.models.base import StackModule

MAX_CLASSES = 1_000_000  # each has a name in memory


class Classifier(StackModule):
    """A model with one score for each class; by default with softmax cross-entropy as its loss.

    Args:
        input_shape: shape of one raw input, without the batch axis; the command line takes it from the data.
        num_classes: number of classes; taken from the data, too.
        input_scale: raw inputs are multiplied by this (1/256 for 8-bit photographs); taken from the data, too.
        class_names: a name for each class, for tables of predictions; taken from the data, too.
        **training: the arguments of ``StackModule``.

    Raises:
        InputError: if there are no classes, as in data for regression.
    """

    best_metric = ("val/accuracy", "max")

    def __init__(
        self,
        input_shape: Sequence[int],
        num_classes: int,
        input_scale: float = 1.0,
        class_names: Sequence[str] | None = None,
        **training: Any,
    ) -> None:
        if num_classes < 1:
            raise InputError(
                f"{type(self).__name__} requires classes, but num_classes is {num_classes}: the targets of this data "
                "are numbers; choose --model QuadraticNetwork or QuadraticRegression, or data with classes"
            )
        if num_classes > MAX_CLASSES or (class_names and len(class_names) != num_classes):
            given = f"; there are {len(class_names)} class_names" if class_names else ""
            raise InputError(
                f"num_classes is {num_classes}{given}; there must be a name for each of at most {MAX_CLASSES:,} classes"
            )
        accuracy = MulticlassAccuracy(num_classes, average="micro", validate_args=False)
        super().__init__(input_shape, input_scale, metrics={"accuracy": accuracy}, **training)
        self.num_classes = num_classes
        self.class_names = tuple(class_names or map(str, range(num_classes)))

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean softmax cross-entropy of scores, ``(B, num_classes)``, and classes, ``(B,)``."""
        return torch.nn.functional.cross_entropy(outputs, targets)

    def probabilities(self, scores: Tensor) -> Tensor:
        """Map scores, ``(B, num_classes)``, to class probabilities of the same shape."""
        return scores.softmax(1)

    def templates(self) -> Tensor | None:
        """Return the weights as an image for each class, ``(C, height, width, channels)``, or ``None``."""
        return None

    def predict_step(self, batch: Stack | Minibatch, batch_idx: int) -> Tensor:
        """Return class probabilities, ``(K * B, num_classes)``, for one stack or minibatch."""
        return self.probabilities(self(flat(batch)[0]))
