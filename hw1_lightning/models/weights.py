"""Measure weights: their norm, the share of zeros, and whether all are finite."""

import torch
from torch import Tensor, nn


def weight_l2_norm(module: nn.Module, with_biases: bool = False) -> Tensor:
    """Return the Euclidean norm of all weight matrices of a module: sqrt(sum over layers of ||W||_F^2).

    This is the curve that shows the effect of an l2 penalty.

    Args:
        module: any module with a weight matrix.
        with_biases: whether the biases count. In a linear model they are the weights of a constant feature.

    Returns:
        A scalar tensor, shape ``()``, in the dtype of the weights, on their device.

    Raises:
        ValueError: if the module has no weight matrix.

    Example:
        >>> layer = nn.Linear(2, 1)
        >>> for parameter in layer.parameters():
        ...     _ = nn.init.constant_(parameter, 3.0)
        >>> weight_l2_norm(layer), weight_l2_norm(layer, with_biases=True)
        (tensor(4.2426), tensor(5.1962))
    """
    parameters = [parameter.detach() for parameter in module.parameters()]
    if all(parameter.ndim < 2 for parameter in parameters):
        raise ValueError(f"{type(module).__name__} has no weight matrix to measure")
    norms = [torch.linalg.vector_norm(value) for value in parameters if with_biases or value.ndim >= 2]
    return torch.linalg.vector_norm(torch.stack(norms))  # type: ignore[no-any-return]


def zero_fraction(weight: Tensor) -> Tensor:
    """Return the share of weights that are exactly zero, as an l1 penalty makes them.

    Args:
        weight: any shape.

    Returns:
        A scalar tensor from 0 to 1, shape ``()``; NaN if a weight is NaN or infinite.

    Example:
        >>> zero_fraction(torch.tensor([[0.0, 1.0], [0.0, 1e-30]]))
        tensor(0.5000)
    """
    share = torch.count_nonzero(weight == 0) / weight.numel()
    return torch.where(weight.isfinite().all(), share, torch.nan)


def has_finite_weights(module: nn.Module) -> bool:
    """Return whether no parameter of a module is NaN or infinite.

    Args:
        module: any module.
    """
    return all(bool(parameter.isfinite().all()) for parameter in module.parameters())
