"""The base class of the linear classifiers."""

from abc import abstractmethod
from typing import Any, Literal

import torch
from torch import Tensor, nn

from hw1_lightning.models.classifier import Classifier
from hw1_lightning.models.weights import weight_l2_norm, zero_fraction
from hw1_lightning.online.minibatches import class_scores


class LinearClassifier(Classifier):
    """Linear scores ``W x + b``.

    Args:
        init: ``default`` (torch's own, uniform by the fan-in) or ``zeros``.
        kernels: ``torch`` computes what a loop written in torch computes, bit for bit on the same processor.
            ``compiled`` trains by plain SGD, and evaluates, several times faster on a CPU. It adds in another order:
            losses agree to six digits, and where training is chaotic they part after some epochs. On a GPU, both are
            torch's.
        **training: the arguments of ``Classifier`` and ``StackModule``.
    """

    def __init__(
        self, init: Literal["default", "zeros"], kernels: Literal["torch", "compiled"] = "torch", **training: Any
    ) -> None:
        super().__init__(**training)
        self.kernels = kernels
        self.linear = nn.Linear(self.input_size, self.num_classes)
        if init == "zeros":
            for parameter in self.linear.parameters():
                nn.init.zeros_(parameter)

    @abstractmethod
    def compiled_steps(self, inputs: Tensor, targets: Tensor, learning_rate: float, l2_penalty: float) -> Tensor | None:
        """Take steps of single examples, and with compiled kernels of minibatches; see ``StackModule``."""

    @property
    def uses_compiled_kernels(self) -> bool:
        """Whether ``kernels`` is ``compiled``, and weights and precision are those that compiled kernels support."""
        weight = self.linear.weight
        is_plain = weight.dtype in (torch.float32, torch.float64) and not torch.is_autocast_enabled(weight.device.type)
        return self.kernels == "compiled" and weight.device.type == "cpu" and is_plain

    def forward(self, inputs: Tensor) -> Tensor:
        """Return scores, ``(B, num_classes)``, of raw inputs; with compiled kernels in one pass over their bytes."""
        kind = type(self)
        is_linear = kind.outputs is LinearClassifier.outputs and kind.features is Classifier.features
        watched = torch.is_grad_enabled() or torch.compiler.is_compiling()
        if watched or not is_linear or not self.uses_compiled_kernels:
            return super().forward(inputs)
        return class_scores(self.linear.weight, self.linear.bias, inputs.flatten(1), self.input_scale)

    def outputs(self, features: Tensor) -> Tensor:
        """Return the scores."""
        return self.linear(features)  # type: ignore[no-any-return]

    def weight_metrics(self) -> dict[str, float]:
        """Return the norm, which includes the bias, and the share of weights that are exactly zero."""
        norm, zeros = weight_l2_norm(self, with_biases=True), zero_fraction(self.linear.weight)
        return {"weights/l2_norm": norm.item(), "weights/zero_fraction": zeros.item()}

    def templates(self) -> Tensor | None:
        """Return the weights as images, ``(C, height, width, channels)``, if the inputs are images."""
        return self.linear.weight.detach().view(-1, *self.input_shape) if len(self.input_shape) == 3 else None
