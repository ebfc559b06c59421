"""The multi-layer perceptron."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any, Literal, Self

import torch
from torch import Tensor, nn

from hw1_lightning.errors import InputError
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.models.numpy_weights import DEVIATION, MEAN, refine_numpy_weights, set_numpy_weights
from hw1_lightning.models.sizes import check_sizes
from hw1_lightning.online.mlp import mlp_steps
from hw1_lightning.training.optimization import check_number
from hw1_lightning.training.softmax_network import SoftmaxNetworkGradient

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}


class MLP(Classifier):
    """Linear layers with an activation and dropout after each hidden one; softmax cross-entropy.

    Args:
        hidden_sizes: units of each hidden layer, at least one layer.
        activation: ``relu`` or ``tanh``.
        dropout: probability that a hidden unit is zeroed in training, after its activation.
        init: ``default`` (torch's own, uniform by the fan-in), ``normal`` (weights from N(0.1, 0.1^2), biases 0) or
            ``numpy`` (the same distribution, but the numbers that the course's NumPy network draws with this seed).
        **training: the arguments of ``Classifier`` and ``StackModule``.

    Raises:
        InputError: if a layer has no unit, or dropout is not a probability.

    Example:
        >>> model = MLP(input_shape=(48, 48, 3), num_classes=6, hidden_sizes=(200, 200), dropout=0.3)
        >>> model(torch.zeros(2, 48, 48, 3, dtype=torch.uint8)).shape
        torch.Size([2, 6])
    """

    def __init__(
        self,
        hidden_sizes: Sequence[int] = (200, 200),
        activation: Literal["relu", "tanh"] = "relu",
        dropout: float = 0.0,
        init: Literal["default", "normal", "numpy"] = "default",
        **training: Any,
    ) -> None:
        super().__init__(**training)
        if not hidden_sizes or min(hidden_sizes) < 1:
            raise InputError(f"hidden_sizes is {list(hidden_sizes)}; it must be one or more positive integers")
        check_number("dropout", dropout, high=1.0)
        sizes = [self.input_size, *hidden_sizes]
        check_sizes([*sizes, self.num_classes], "hidden_sizes")
        layers: list[nn.Module] = []
        for fan_in, fan_out in pairwise(sizes):
            layers += [nn.Linear(fan_in, fan_out), ACTIVATIONS[activation](), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*layers, nn.Linear(sizes[-1], self.num_classes))
        self.activation, self.dropout = activation, dropout
        self._draw_weights(init)

    def _draw_weights(self, init: Literal["default", "normal", "numpy"]) -> None:
        layers, self._seed = self._linear_layers(), torch.initial_seed()
        if init == "numpy":
            self.numpy_draws = set_numpy_weights(layers, self._seed)
        elif init == "normal":
            for layer in layers:
                layer.weight.data.normal_(mean=MEAN, std=DEVIATION)
                layer.bias.data.zero_()

    def double(self) -> Self:
        """Convert to float64; weights that are still those of ``init: numpy`` get the digits that float32 lacks."""
        super().double()
        if self.numpy_draws:
            refine_numpy_weights(self._linear_layers(), self._seed)
        return self

    def compiled_steps(self, inputs: Tensor, targets: Tensor, learning_rate: float, l2_penalty: float) -> Tensor | None:
        """Take one step for each example, unless there is dropout; see ``StackModule``."""
        if inputs.shape[1] > 1 or self.dropout:
            return None
        layers, scale = self._linear_layers(), self.input_scale
        steps = partial(
            mlp_steps, learning_rate=learning_rate, l2_penalty=l2_penalty, activation=self.activation, scale=scale
        )
        parameters = [layer.weight for layer in layers], [layer.bias for layer in layers]
        return steps(*parameters, inputs.flatten(0, 1), targets.flatten())

    def closed_form_gradient(self) -> SoftmaxNetworkGradient | None:
        """Make the gradient by back-propagation, unless dropout zeroes all hidden units."""
        if self.dropout == 1:
            return None
        return SoftmaxNetworkGradient(self._linear_layers(), self.activation, self.dropout, self.input_scale)

    def _linear_layers(self) -> list[nn.Linear]:
        return [module for module in self.layers if isinstance(module, nn.Linear)]

    def outputs(self, features: Tensor) -> Tensor:
        """Return the scores of the last layer."""
        return self.layers(features)  # type: ignore[no-any-return]
