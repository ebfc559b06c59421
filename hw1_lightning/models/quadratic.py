"""The network with activation z(1 - z), trained by gradient descent."""

from typing import Any

import torch
from torch import Tensor, nn

from hw1_lightning.errors import InputError
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.models.regressor import Regressor
from hw1_lightning.models.sizes import check_sizes
from hw1_lightning.quadratic.features import output_coefficients
from hw1_lightning.quadratic.recovery import NetworkParameters


class QuadraticLayers(nn.Module):
    """One hidden layer h = g(W x + b) with g(z) = z(1 - z), and an output layer V h + v0.

    Args:
        n_inputs: number of inputs D.
        hidden_size: number of hidden units K.
        n_outputs: number of outputs O.

    Raises:
        InputError: if there are no hidden units.
    """

    def __init__(self, n_inputs: int, hidden_size: int, n_outputs: int) -> None:
        super().__init__()
        if hidden_size < 1:
            raise InputError(f"hidden_size is {hidden_size}; it must be at least 1")
        check_sizes([n_inputs, hidden_size, n_outputs], "hidden_size")
        self.hidden = nn.Linear(n_inputs, hidden_size)
        self.output = nn.Linear(hidden_size, n_outputs)

    def forward(self, features: Tensor) -> Tensor:
        """Map features, ``(B, D)``, to outputs, ``(B, O)``."""
        z = self.hidden(features)
        return self.output(z * (1 - z))  # type: ignore[no-any-return]

    def coefficients(self) -> Tensor:
        """Return the equivalent linear model in quadratic features: c, float64, shape ``(O, M)``, detached."""
        return output_coefficients(*(parameter.detach().double() for parameter in self.parameters()))

    @torch.no_grad()
    def set_parameters(self, parameters: NetworkParameters) -> None:
        """Set W ``(K, D)``, b ``(K,)``, V ``(O, K)`` and v0 ``(O,)``."""
        for own, given in zip(self.parameters(), parameters, strict=True):
            own.copy_(given)


class QuadraticNetwork(Regressor):
    """The quadratic network for regression; ``QuadraticRegression`` computes its global optimum.

    Args:
        hidden_size: number of hidden units K. With one output, K > D is enough for every quadratic function of
            D inputs, and K = D to come arbitrarily close; with fewer units, ``train/excess_loss`` generally stays
            above zero.
        **training: the arguments of ``Regressor`` and ``StackModule``.

    Example:
        >>> model = QuadraticNetwork(input_shape=(10,), num_outputs=1, hidden_size=20, learning_rate=0.01)
        >>> model(torch.zeros(2, 10)).shape
        torch.Size([2, 1])
    """

    def __init__(self, hidden_size: int = 20, **training: Any) -> None:
        super().__init__(**training)
        self.layers = QuadraticLayers(self.input_size, hidden_size, self.num_outputs)

    def outputs(self, features: Tensor) -> Tensor:
        """Return predicted numbers, ``(B, num_outputs)``."""
        return self.layers(features)  # type: ignore[no-any-return]


class QuadraticClassifier(Classifier):
    """The quadratic network for classification: a score for each class, softmax cross-entropy.

    Args:
        hidden_size: number of hidden units.
        **training: the arguments of ``Classifier`` and ``StackModule``.
    """

    def __init__(self, hidden_size: int = 20, **training: Any) -> None:
        super().__init__(**training)
        self.layers = QuadraticLayers(self.input_size, hidden_size, self.num_classes)

    def outputs(self, features: Tensor) -> Tensor:
        """Return scores, ``(B, num_classes)``."""
        return self.layers(features)  # type: ignore[no-any-return]
