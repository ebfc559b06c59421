"""Logistic regression: one linear layer, with a softmax or one sigmoid a class."""

from typing import Any, Literal

import torch
from torch import Tensor, nn

from hw1_lightning.models.classifier import Classifier


class LogisticRegression(Classifier):
    """Linear scores ``W x + b`` and the loss of a link function.

    Args:
        link: ``softmax`` (one distribution over the classes, cross-entropy) or ``one_vs_rest`` (a sigmoid a class;
            the loss of an example is the sum of the classes' binary cross-entropies).
        **training: the arguments of ``Classifier`` and ``StackModule``.

    Example:
        >>> model = LogisticRegression(input_shape=(8, 8, 1), num_classes=10, learning_rate=0.001)
        >>> model(torch.zeros(2, 8, 8, 1)).shape
        torch.Size([2, 10])
    """

    def __init__(self, link: Literal["softmax", "one_vs_rest"] = "softmax", **training: Any) -> None:
        super().__init__(**training)
        self.save_hyperparameters(logger=False)
        self.link = link
        self.linear = nn.Linear(self.input_size, self.num_classes)

    def outputs(self, features: Tensor) -> Tensor:
        """Linear scores."""
        return self.linear(features)  # type: ignore[no-any-return]

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Mean loss of the minibatch under the link."""
        if self.link == "softmax":
            return super().loss(outputs, targets)
        one_hot = nn.functional.one_hot(targets, self.num_classes).to(outputs.dtype)
        return nn.functional.binary_cross_entropy_with_logits(outputs, one_hot, reduction="none").sum(1).mean()

    def probabilities(self, scores: Tensor) -> Tensor:
        """Probabilities; the sigmoids of ``one_vs_rest`` are divided by their sum, as scikit-learn does."""
        if self.link == "softmax":
            return super().probabilities(scores)
        each = torch.sigmoid(scores)
        return each / each.sum(1, keepdim=True)
