"""Gradients of a fully connected softmax network in closed form, as autograd finds them but without its bookkeeping."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class SoftmaxNetworkGradient:
    """Loss and gradient of mean softmax cross-entropy after linear layers with activations and dropout between them.

    Back-propagation (Rumelhart, Hinton and Williams, Nature 323, 1986) written out: with scores ``s``, their
    derivative is ``d = (softmax(s) - onehot(y)) / B``; a layer ``z = W h + b`` gets ``d' h`` and the column
    sums of ``d``, and hands ``d W`` down. These are the very operations of autograd in its order, so that random draws
    are equal to the last and numbers to the last bit, as far as the processor's matrix products do not depend on how
    a matrix lies in memory. Gradients are written into the same memory at every step.

    Hidden layers' weights are kept transposed in memory (their shapes stay): the product for their gradient is then
    faster, since a long row of it belongs to one input.

    Args:
        layers: at least one linear layer with a bias, first to last. Their ``.grad`` is replaced.
        activation: ``relu`` or ``tanh``, after each layer but the last.
        dropout: probability that a hidden unit is zeroed, after its activation; below 1.
        scale: inputs count as multiplied with this. A power of two, as that of photographs, changes no rounding.
    """

    def __init__(
        self, layers: Sequence[nn.Linear], activation: str = "relu", dropout: float = 0.0, scale: float = 1.0
    ) -> None:
        self.layers = layers
        self.activation, self.dropout, self.scale = activation, dropout, scale
        for layer in layers[:-1]:
            layer.weight.data = layer.weight.data.t().contiguous().t()
        self._gradients = [(torch.empty_like(layer.weight), torch.empty_like(layer.bias)) for layer in layers]

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
        for layer in self.layers[:-1]:
            score = self._scores(layer, hidden[-1])
            activations.append(score.relu_() if self.activation == "relu" else score.tanh_())
            masks.append(self._mask(activations[-1]))
            hidden.append(activations[-1] if masks[-1] is None else activations[-1] * masks[-1])
        loss, delta = _cross_entropy(self._scores(self.layers[-1], hidden[-1]), targets)
        for index in reversed(range(len(self.layers))):
            layer = self.layers[index]
            self._write_gradient(index, delta, hidden[index])
            if index:
                delta = torch.mm(delta, layer.weight)
                mask, activation = masks[index - 1], activations[index - 1]
                delta = self._through_activation(delta if mask is None else delta.mul_(mask), activation)
        return loss

    def _scores(self, layer: nn.Linear, inputs: Tensor) -> Tensor:
        # Scaling the product, not the inputs: they are many.
        scale = self.scale if layer is self.layers[0] else 1.0
        return torch.addmm(layer.bias, inputs, layer.weight.t(), alpha=scale)

    def _write_gradient(self, index: int, delta: Tensor, inputs: Tensor) -> None:
        weight, bias = self._gradients[index]
        torch.sum(delta, 0, out=bias)
        scaled = delta if index else delta * self.scale
        if weight.is_contiguous():
            torch.mm(scaled.t(), inputs, out=weight)
        else:
            torch.mm(inputs.t(), scaled, out=weight.t())
        self.layers[index].weight.grad, self.layers[index].bias.grad = weight, bias

    def _mask(self, like: Tensor) -> Tensor | None:
        """What dropout multiplies with: 0, or 1 / (1 - p); drawn as ``torch.nn.functional.dropout`` draws."""
        if not self.dropout:
            return None
        if like.is_cuda:  # there, torch draws in a kernel of its own
            kept = torch.native_dropout(like, self.dropout, True)[1]
            return kept.to(like.dtype).mul_(1 / (1 - self.dropout))
        return torch.empty_like(like).bernoulli_(1 - self.dropout).div_(1 - self.dropout)

    def _through_activation(self, delta: Tensor, activation: Tensor) -> Tensor:
        if self.activation == "relu":
            through: Tensor = torch.ops.aten.threshold_backward(delta, activation, 0)
        else:
            through = torch.ops.aten.tanh_backward(delta, activation)
        return through


def _cross_entropy(scores: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Mean loss and its derivative by the scores, ``(B, C)``."""
    log_probabilities = scores.log_softmax(1)
    loss = nn.functional.nll_loss(log_probabilities, targets)
    delta = log_probabilities.new_zeros(scores.shape).scatter_(1, targets[:, None], -1 / len(targets))
    return loss, torch.ops.aten._log_softmax_backward_data(delta, log_probabilities, 1, scores.dtype)
