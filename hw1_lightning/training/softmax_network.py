"""Gradients of a fully connected softmax network in closed form, as autograd finds them but without its bookkeeping."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hw1_lightning.training.random_numbers import draw_bernoulli

# What torch.nn.functional.nll_loss hands to its kernel for its reduction and its ignore_index.
MEAN, NO_CLASS = 1, -100
# From so many inputs on, a hidden layer's steps are 1.1 to 1.3 times faster on transposed weights; below, they are not.
WIDE = 1024


class SoftmaxNetworkGradient:
    """Loss and gradient of mean softmax cross-entropy after linear layers with activations and dropout between them.

    Back-propagation (Rumelhart, Hinton and Williams, Nature 323, 1986) written out: with scores ``s``, their
    derivative is ``d = (softmax(s) - onehot(y)) / B``; a layer ``z = W h + b`` gets ``d' h`` and the column
    sums of ``d``, and hands ``d W`` down. These are the operations of autograd in its order, with the same random
    draws: on the same processor, memory layout and number of threads the numbers are bit-identical. Gradients are
    written into the same memory at every step.

    On a CPU, wide hidden layers (``WIDE`` inputs or more) are transposed in memory between ``begin`` and ``end``; their
    shapes stay. The product for their gradient is then faster, since a long row of it belongs to one input; but
    processors round products by memory layout, so these steps equal autograd's to six digits only.

    Args:
        layers: at least one linear layer with a bias, first to last. Their ``.grad`` is replaced.
        activation: ``relu`` or ``tanh``, after each layer but the last.
        dropout: probability that a hidden unit is zeroed, after its activation; below 1.
        scale: inputs count as multiplied with this. A power of two, as that of photographs, changes no rounding.
    """

    def __init__(
        self, layers: Sequence[nn.Linear], activation: str = "relu", dropout: float = 0.0, scale: float = 1.0
    ) -> None:
        self.activation, self.dropout, self.scale = activation, dropout, scale
        # A module's attributes take as long to look up as a small operation takes.
        self._parameters = [(layer.weight, layer.bias) for layer in layers]
        wide = [layer.weight for layer in layers[:-1] if layer.in_features >= WIDE and not layer.weight.is_cuda]
        self._transposed: dict[Tensor, Tensor] = {weight: weight.data.t().contiguous().t() for weight in wide}
        self._ordinary: dict[Tensor, Tensor] = {}
        self._gradients = [
            (torch.empty_like(self._transposed.get(weight, weight)), torch.empty_like(bias))
            for weight, bias in self._parameters
        ]
        self._one = layers[-1].bias.new_ones(())

    @torch.no_grad()
    def begin(self) -> None:
        """Move wide layers' weights to memory that is laid out for training; nothing happens if they are there."""
        if not self._ordinary:
            for weight, transposed in self._transposed.items():
                self._ordinary[weight] = weight.data
                weight.data = transposed.copy_(weight.data)

    @torch.no_grad()
    def end(self) -> None:
        """Move them back, so that whoever looks at the model finds the ordinary layout."""
        for weight, ordinary in self._ordinary.items():
            weight.data = ordinary.copy_(weight.data)
        self._ordinary.clear()

    @torch.no_grad()
    def __call__(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Fill every layer's ``.grad``.

        Args:
            inputs: shape ``(B, D)``, in the dtype of the weights, not yet scaled.
            targets: int64 classes, shape ``(B,)``.

        Returns:
            The loss, a scalar.
        """
        hidden, activations, masks = [inputs], [], []
        for index in range(len(self._parameters) - 1):
            score = self._scores(index, hidden[-1])
            activations.append(score.relu_() if self.activation == "relu" else score.tanh_())
            masks.append(self._mask(activations[-1]))
            hidden.append(activations[-1] if masks[-1] is None else activations[-1] * masks[-1])
        loss, delta = self._cross_entropy(self._scores(len(masks), hidden[-1]), targets)
        for index in reversed(range(len(self._parameters))):
            self._write_gradient(index, delta, hidden[index])
            if index:
                delta = torch.mm(delta, self._parameters[index][0])
                mask, activation = masks[index - 1], activations[index - 1]
                delta = self._through_activation(delta if mask is None else delta.mul_(mask), activation)
        return loss

    def _scores(self, index: int, inputs: Tensor) -> Tensor:
        weight, bias = self._parameters[index]
        # Scaling the product, not the inputs: they are many.
        return torch.addmm(bias, inputs, weight.t(), alpha=1.0 if index else self.scale)

    def _write_gradient(self, index: int, delta: Tensor, inputs: Tensor) -> None:
        weight, bias = self._gradients[index]
        torch.sum(delta, 0, out=bias)
        scaled = delta if index else delta * self.scale
        if weight.is_contiguous():
            torch.mm(scaled.t(), inputs, out=weight)
        else:
            torch.mm(inputs.t(), scaled, out=weight.t())
        self._parameters[index][0].grad, self._parameters[index][1].grad = weight, bias

    def _mask(self, like: Tensor) -> Tensor | None:
        """What dropout multiplies with: 0, or 1 / (1 - p); drawn as ``torch.nn.functional.dropout`` draws."""
        if not self.dropout:
            return None
        if like.is_cuda:  # there, torch draws in a kernel of its own
            kept = torch.native_dropout(like, self.dropout, True)[1]
            return kept.to(like.dtype).mul_(1 / (1 - self.dropout))
        return draw_bernoulli(like.shape, 1 - self.dropout, like.dtype).div_(1 - self.dropout)

    def _through_activation(self, delta: Tensor, activation: Tensor) -> Tensor:
        if self.activation == "relu":
            through: Tensor = torch.ops.aten.threshold_backward(delta, activation, 0)
        else:
            through = torch.ops.aten.tanh_backward(delta, activation)
        return through

    def _cross_entropy(self, scores: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Mean loss and its derivative by the scores, ``(B, C)``."""
        aten, log_probabilities = torch.ops.aten, scores.log_softmax(1)
        loss, count = aten.nll_loss_forward.default(log_probabilities, targets, None, MEAN, NO_CLASS)
        delta = aten.nll_loss_backward.default(self._one, log_probabilities, targets, None, MEAN, NO_CLASS, count)
        return loss, aten._log_softmax_backward_data.default(delta, log_probabilities, 1, scores.dtype)
