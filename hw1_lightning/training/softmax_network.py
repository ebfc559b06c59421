"""Gradients of a fully connected softmax network in closed form, with less overhead than autograd."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hw1_lightning.training.random_numbers import draw_bernoulli

# What torch.nn.functional.nll_loss passes to its kernel as reduction and ignore_index.
MEAN, NO_CLASS = 1, -100
# With at least so many inputs, the steps of a hidden layer are 1.1 to 1.3 times faster on transposed weights.
WIDE = 1024


class SoftmaxNetworkGradient:
    """Loss and gradient of the mean softmax cross-entropy of a network of linear layers, activations and dropout.

    Back-propagation (Rumelhart, Hinton and Williams, Nature 323, 1986) written out: with scores ``s``, their
    derivative is ``d = (softmax(s) - onehot(y)) / B``; a layer ``z = W h + b`` gets ``d' h`` and the column
    sums of ``d``, and passes ``d W`` to the layer before it. These are autograd's operations in the same order, with
    the same random numbers: on the same processor, memory layout and number of threads the results are bit-identical.
    Gradients are written into the same memory at every step.

    On a CPU, the weights of wide hidden layers (``WIDE`` inputs or more) are transposed in memory between ``begin`` and
    ``end``; their shapes do not change. This makes the product for their gradient faster. Rounding depends on the
    memory layout, so these steps agree with autograd's to six digits only.

    Args:
        layers: at least one linear layer with a bias, first to last. Their ``.grad`` is replaced.
        activation: ``relu`` or ``tanh``, after each layer but the last.
        dropout: probability that a hidden unit is zeroed, after its activation; below 1.
        scale: factor of the inputs. A power of two, such as 1/256 for photographs, changes no rounding.
    """

    def __init__(
        self, layers: Sequence[nn.Linear], activation: str = "relu", dropout: float = 0.0, scale: float = 1.0
    ) -> None:
        self.activation, self.dropout, self.scale = activation, dropout, scale
        # To look up an attribute of a module takes as long as a small tensor operation.
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
        """Move the weights of wide layers to memory with the layout for training, unless they are there already."""
        if not self._ordinary:
            for weight, transposed in self._transposed.items():
                self._ordinary[weight] = weight.data
                weight.data = transposed.copy_(weight.data)

    @torch.no_grad()
    def end(self) -> None:
        """Move these weights back to the ordinary layout, which other code expects."""
        for weight, ordinary in self._ordinary.items():
            weight.data = ordinary.copy_(weight.data)
        self._ordinary.clear()

    @torch.no_grad()
    def __call__(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Compute the loss, and write each layer's ``.grad``.

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
        # The product is scaled, not the inputs, which are many more numbers.
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
        """Return the factors of dropout, 0 or 1 / (1 - p), with the draws of ``torch.nn.functional.dropout``."""
        if not self.dropout:
            return None
        if like.is_cuda:  # torch has its own kernel for this there
            kept = torch.native_dropout(like, self.dropout, True)[1]
            return kept.to(like.dtype).mul_(1 / (1 - self.dropout))
        return draw_bernoulli(like.shape, 1 - self.dropout, like.dtype).div_(1 - self.dropout)

    def _through_activation(self, delta: Tensor, activation: Tensor) -> Tensor:
        if self.activation == "relu":
            return torch.ops.aten.threshold_backward(delta, activation, 0)  # type: ignore[no-any-return]
        return torch.ops.aten.tanh_backward(delta, activation)  # type: ignore[no-any-return]

    def _cross_entropy(self, scores: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean loss and its derivative with respect to the scores, ``(B, C)``."""
        aten, log_probabilities = torch.ops.aten, scores.log_softmax(1)
        loss, count = aten.nll_loss_forward.default(log_probabilities, targets, None, MEAN, NO_CLASS)
        delta = aten.nll_loss_backward.default(self._one, log_probabilities, targets, None, MEAN, NO_CLASS, count)
        return loss, aten._log_softmax_backward_data.default(delta, log_probabilities, 1, scores.dtype)
