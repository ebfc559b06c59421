"""The multiclass perceptron."""

from typing import Any

import torch
from torch import Tensor

from hw1_lightning.models.linear import LinearClassifier
from hw1_lightning.online.learners import perceptron_steps
from hw1_lightning.online.minibatches import minibatch_steps


class Perceptron(LinearClassifier):
    """On a mistake, add the example to the weights of its class and subtract it from those of the predicted class.

    The prediction is the class with the largest score, the first one in a tie; weights start at zero. This is SGD with
    learning rate 1 on the loss ``max_k s_k - s_y``. A larger minibatch therefore averages the corrections of its
    mistakes, all found with the same weights.

    Args:
        learning_rate: size of a correction; since weights start at zero, it does not change predictions.
        **training: the arguments of ``Classifier`` and ``StackModule``.
    """

    def __init__(self, learning_rate: float = 1.0, **training: Any) -> None:
        super().__init__(init="zeros", learning_rate=learning_rate, **training)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean of the largest score minus the score of the right class."""
        predicted = outputs.argmax(1)  # not max(), whose gradient is shared among equal scores
        chosen = outputs.gather(1, torch.stack([predicted, targets], dim=1))
        return (chosen[:, 0] - chosen[:, 1]).mean()

    def compiled_steps(self, inputs: Tensor, targets: Tensor, learning_rate: float, l2_penalty: float) -> Tensor | None:
        """Take steps of single examples at rate 1, and with compiled kernels all others; see ``StackModule``."""
        layer, scale = (self.linear.weight, self.linear.bias), self.input_scale
        if inputs.shape[1] == 1 and learning_rate == 1 and not l2_penalty:
            return perceptron_steps(*layer, inputs.flatten(0, 1), targets.flatten(), scale=scale)[1]
        if not self.uses_compiled_kernels:
            return None
        return minibatch_steps(
            *layer, inputs, targets, learning_rate=learning_rate, l2_penalty=l2_penalty, link="perceptron", scale=scale
        )
