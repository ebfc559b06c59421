"""The network with activation g(z) = z(1 - z), as a linear model in quadratic features.

Hidden layer h = g(W x + b), output y = v'h + v0; the same numbers are h = A phi(x) and y = c'phi(x), with phi(x) all
monomials of x up to degree two. ``docs/quadratic.md`` derives every formula here; ``recovery.py`` goes back from c.
"""

import math

import torch
from torch import Tensor

from hw1_lightning.memory import check_memory


def quadratic_feature_count(n_inputs: int) -> int:
    """Return the length M = (D + 1)(D + 2)/2 of phi(x): 1 constant, D linear, D(D + 1)/2 quadratic features."""
    return (n_inputs + 1) * (n_inputs + 2) // 2


def quadratic_input_count(n_features: int) -> int:
    """Return the D with (D + 1)(D + 2)/2 = n_features.

    Raises:
        ValueError: if there is no such D >= 1.
    """
    n_inputs = (math.isqrt(8 * n_features + 1) - 3) // 2 if n_features > 0 else 0
    if n_inputs < 1 or quadratic_feature_count(n_inputs) != n_features:
        raise ValueError(
            f"{n_features} is not a number of quadratic features; allowed are (D+1)(D+2)/2 = 3, 6, 10, 15, 21, ..."
        )
    return n_inputs


def quadratic_features(x: Tensor) -> Tensor:
    """Return the monomials phi(x) = [1, x_1, ..., x_D, x_1 x_1, x_1 x_2, ..., x_i x_j for i <= j, ..., x_D x_D].

    The products are the rows of the upper triangle of x x', in the order of scikit-learn's
    ``PolynomialFeatures(2)``. Differentiable in x.

    Args:
        x: inputs, shape ``(..., D)`` with D >= 1, any floating dtype.

    Returns:
        Features, shape ``(..., M)`` with M = (D + 1)(D + 2)/2, in the dtype of x, on its device.

    Raises:
        ValueError: if x has no axis of inputs or is not floating.
        InputError: if the features do not fit in memory.

    Example:
        >>> quadratic_features(torch.tensor([2.0, 3.0]))
        tensor([1., 2., 3., 4., 6., 9.])
    """
    _check_floating("x", x, "(..., D) with D >= 1")
    n_inputs = x.shape[-1]
    size = x[..., 0].numel() * quadratic_feature_count(n_inputs) * x.element_size()
    check_memory(size, f"quadratic features of {x[..., 0].numel():,} examples with D = {n_inputs:,}", x.device)
    return torch.cat((torch.ones_like(x[..., :1]), x, *_products(x)), dim=-1)


def hidden_map(weight: Tensor, bias: Tensor) -> Tensor:
    """Return the matrix A with h = g(W x + b) = A phi(x) for every x.

    Row k is [b_k - b_k^2 | (1 - 2 b_k) w_k | -w_ki^2 for i = j, -2 w_ki w_kj for i < j], from
    h_k = (w_k.x + b_k) - (w_k.x + b_k)^2. Differentiable in both arguments.

    Args:
        weight: W, shape ``(..., K, D)``, floating.
        bias: b, shape ``(..., K)``, same dtype.

    Returns:
        A, shape ``(..., K, M)``, in the dtype of ``weight``.

    Raises:
        ValueError: if the shapes do not match.
    """
    _check_floating("weight", weight, "(..., K, D) with D >= 1")
    if weight.ndim < 2 or bias.shape != weight.shape[:-1]:
        raise ValueError(
            f"weight and bias have shapes {tuple(weight.shape)} and {tuple(bias.shape)}; "
            "allowed: (..., K, D) and (..., K)"
        )
    b = bias.unsqueeze(-1)
    quadratic = -product_multiplicities(weight.shape[-1]).to(weight) * torch.cat(_products(weight), dim=-1)
    return torch.cat((b * (1 - b), (1 - 2 * b) * weight, quadratic), dim=-1)


def output_coefficients(weight: Tensor, bias: Tensor, output_weight: Tensor, output_bias: Tensor) -> Tensor:
    """Return the coefficients c = A'v + v0 e_1 of the network as a linear model y = c'phi(x).

    The output bias v0 changes only the coefficient of the constant. Linear in (v, v0), cubic in the parameters
    together. Differentiable in all arguments.

    Args:
        weight: W, shape ``(K, D)``, floating.
        bias: b, shape ``(K,)``.
        output_weight: v, shape ``(O, K)`` for O outputs, or ``(K,)`` for a single one.
        output_bias: v0, shape ``(O,)`` or ``()``.

    Returns:
        c, shape ``(O, M)`` or ``(M,)``, in the dtype of ``weight``.

    Raises:
        ValueError: if the shapes do not match.
    """
    shape = output_weight.shape
    if weight.ndim != 2 or shape[-1:] != weight.shape[:1] or output_bias.shape != shape[:-1]:
        raise ValueError(
            f"weight, output_weight and output_bias have shapes {tuple(weight.shape)}, {tuple(shape)} "
            f"and {tuple(output_bias.shape)}; allowed: (K, D), (O, K) and (O,), or (K, D), (K,) and ()"
        )
    c = output_weight @ hidden_map(weight, bias)
    return torch.cat((c[..., :1] + output_bias.unsqueeze(-1), c[..., 1:]), dim=-1)


def split_coefficients(c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Split c into c0, c1 and S: c'phi(x) = c0 + c1.x + x'S x with S symmetric.

    S_ii is the coefficient of x_i^2 and S_ij half the coefficient of x_i x_j.

    Args:
        c: coefficients, shape ``(..., M)``, floating.

    Returns:
        c0 with shape ``(...)``, c1 with shape ``(..., D)`` and S with shape ``(..., D, D)``.

    Raises:
        ValueError: if M is not a number of quadratic features.
    """
    _check_floating("c", c, "(..., M)")
    n_inputs = quadratic_input_count(c.shape[-1])
    rows, columns = torch.triu_indices(n_inputs, n_inputs, device=c.device)
    form = c.new_zeros((*c.shape[:-1], n_inputs, n_inputs))
    form[..., rows, columns] = c[..., 1 + n_inputs :] / product_multiplicities(n_inputs).to(c)
    form[..., columns, rows] = form[..., rows, columns]
    return c[..., 0], c[..., 1 : 1 + n_inputs], form


def product_multiplicities(n_inputs: int) -> Tensor:
    """Return how often x_i x_j (i <= j) occurs in x x': 1 for i = j, else 2; int64, shape ``(D(D+1)/2,)``."""
    rows, columns = torch.triu_indices(n_inputs, n_inputs)
    return torch.where(rows == columns, 1, 2)


def _products(x: Tensor) -> list[Tensor]:
    """Return all x_i x_j with i <= j, a slice for each i; gathering by index is several times slower."""
    return [x[..., i : i + 1] * x[..., i:] for i in range(x.shape[-1])]


def _check_floating(name: str, value: Tensor, allowed: str) -> None:
    if value.ndim < 1 or value.shape[-1] < 1 or not value.is_floating_point():
        raise ValueError(f"{name} has shape {tuple(value.shape)} and dtype {value.dtype}; allowed: floating {allowed}")
