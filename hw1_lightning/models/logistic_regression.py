"""Logistic regression: a linear layer with a softmax, or with a sigmoid for each class."""

from typing import Any, Literal

import torch
from torch import Tensor, nn

from hw1_lightning.models.linear import LinearClassifier
from hw1_lightning.online.learners import logistic_steps
from hw1_lightning.online.minibatches import minibatch_steps
from hw1_lightning.training.optimization import check_number
from hw1_lightning.training.softmax_network import SoftmaxNetworkGradient


class LogisticRegression(LinearClassifier):
    """Linear scores ``W x + b`` and the loss of a link function.

    The l1 penalty is proximal: after each optimiser step, weights move towards zero by
    ``learning_rate * l1_penalty`` and stop there, so that many become exactly zero; biases are not changed (Duchi and
    Singer, "Efficient online and batch learning using forward backward splitting", JMLR 10, 2009). Together with
    ``l2_penalty`` this is the elastic net.

    Args:
        link: ``softmax`` (one distribution over the classes, cross-entropy) or ``one_vs_rest`` (a sigmoid for each
            class; the loss of an example is the sum of the classes' binary cross-entropies).
        l1_penalty: strength of the l1 penalty.
        init: ``default`` (torch's own, uniform by the fan-in) or ``zeros``.
        **training: the arguments of ``Classifier`` and ``StackModule``.

    Example:
        >>> model = LogisticRegression(input_shape=(8, 8, 1), num_classes=10, learning_rate=0.001)
        >>> model(torch.zeros(2, 8, 8, 1)).shape
        torch.Size([2, 10])
    """

    def __init__(
        self,
        link: Literal["softmax", "one_vs_rest"] = "softmax",
        l1_penalty: float = 0.0,
        init: Literal["default", "zeros"] = "default",
        **training: Any,
    ) -> None:
        super().__init__(init=init, **training)
        self.link = link
        self.l1_penalty = check_number("l1_penalty", l1_penalty)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss of a minibatch under the link function."""
        if self.link == "softmax":
            return super().loss(outputs, targets)
        one_hot = nn.functional.one_hot(targets, self.num_classes).to(outputs.dtype)
        return nn.functional.binary_cross_entropy_with_logits(outputs, one_hot, reduction="none").sum(1).mean()

    def probabilities(self, scores: Tensor) -> Tensor:
        """Return class probabilities; the sigmoids of ``one_vs_rest`` are divided by their sum, as in scikit-learn."""
        if self.link == "softmax":
            return super().probabilities(scores)
        each = torch.sigmoid(scores)
        return each / each.sum(1, keepdim=True)

    def compiled_steps(self, inputs: Tensor, targets: Tensor, learning_rate: float, l2_penalty: float) -> Tensor | None:
        """Take steps of single examples, and with compiled kernels of minibatches; see ``StackModule``."""
        single = inputs.shape[1] == 1
        if not (single or self.uses_compiled_kernels):
            return None
        steps = logistic_steps if single else minibatch_steps
        return steps(
            self.linear.weight,
            self.linear.bias,
            inputs.flatten(0, 1) if single else inputs,
            targets.flatten() if single else targets,
            learning_rate=learning_rate,
            l2_penalty=l2_penalty,
            l1_penalty=self.l1_penalty,
            link=self.link,
            scale=self.input_scale,
        )

    def closed_form_gradient(self) -> SoftmaxNetworkGradient | None:
        """Make the softmax's gradient, the mean of ``(p - onehot(y)) x'`` over the minibatch."""
        return SoftmaxNetworkGradient([self.linear], scale=self.input_scale) if self.link == "softmax" else None

    def after_step(self, learning_rate: float) -> None:
        """Soft-threshold the weights by the l1 penalty."""
        if self.l1_penalty:
            weight = self.linear.weight.data
            weight.copy_(nn.functional.softshrink(weight, learning_rate * self.l1_penalty))
