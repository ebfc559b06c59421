"""The multiclass perceptron."""

from typing import Any

import torch
from torch import Tensor

from hw1_lightning.models.linear import LinearClassifier
from hw1_lightning.online.learners import minibatch_steps, perceptron_steps


class Perceptron(LinearClassifier):
    """On a mistake add the example to the right class's weights and subtract it from the predicted one's.

    The prediction is the class of the largest score, the first of several (ties as argmax); weights start at zero. This
    is SGD with learning rate 1 on the loss ``max_k s_k - s_y``, which also says what larger minibatches do: they
    average the corrections of their mistakes, all found with the same weights.

    Args:
        learning_rate: size of a correction; starting from zero, 1 gives the same predictions as any other.
        **training: the arguments of ``Classifier`` and ``StackModule``.
    """

    def __init__(self, learning_rate: float = 1.0, **training: Any) -> None:
        super().__init__(init="zeros", learning_rate=learning_rate, **training)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Mean of the largest score minus that of the right class."""
        predicted = outputs.argmax(1)  # rather than max(), whose gradient is shared among equal scores
        chosen = outputs.gather(1, torch.stack([predicted, targets], dim=1))
        return (chosen[:, 0] - chosen[:, 1]).mean()

    def compiled_steps(self, inputs: Tensor, targets: Tensor, learning_rate: float, l2_penalty: float) -> Tensor | None:
        """Learn from single examples; from minibatches, or with another rate than 1, with compiled kernels."""
        weight, bias = self.linear.weight, self.linear.bias
        if inputs.shape[1] == 1 and learning_rate == 1 and not l2_penalty:
            return perceptron_steps(weight, bias, inputs.flatten(0, 1), targets.flatten(), scale=self.input_scale)[1]
        if not self.uses_compiled_kernels:
            return None
        return minibatch_steps(
            weight,
            bias,
            inputs,
            targets,
            learning_rate=learning_rate,
            l2_penalty=l2_penalty,
            link="perceptron",
            scale=self.input_scale,
        )
