"""The base class of the linear classifiers."""

from abc import abstractmethod
from typing import Any, Literal

from torch import Tensor, nn

from hw1_lightning.models.classifier import Classifier
from hw1_lightning.models.weights import zero_fraction


class LinearClassifier(Classifier):
    """Linear scores ``W x + b``.

    Args:
        init: ``default`` (torch's own, uniform by the fan-in) or ``zeros``.
        **training: the arguments of ``Classifier`` and ``StackModule``.
    """

    def __init__(self, init: Literal["default", "zeros"], **training: Any) -> None:
        super().__init__(**training)
        self.linear = nn.Linear(self.input_size, self.num_classes)
        if init == "zeros":
            for parameter in self.linear.parameters():
                nn.init.zeros_(parameter)

    @abstractmethod
    def online_steps(self, inputs: Tensor, targets: Tensor, learning_rate: float, l2_penalty: float) -> Tensor | None:
        """Take one step for each example; see ``StackModule``."""

    def outputs(self, features: Tensor) -> Tensor:
        """Return the scores."""
        return self.linear(features)  # type: ignore[no-any-return]

    def weight_metrics(self) -> dict[str, float]:
        """Add the share of weights that are exactly zero."""
        return {**super().weight_metrics(), "weights/zero_fraction": zero_fraction(self.linear.weight).item()}

    def templates(self) -> Tensor | None:
        """Return the weights as images, ``(C, height, width, channels)``, if the inputs are images."""
        return self.linear.weight.detach().view(-1, *self.input_shape) if len(self.input_shape) == 3 else None
