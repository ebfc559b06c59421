"""Compute a network with activation z(1 - z) from the coefficients c of a quadratic function.

With c'phi(x) = c0 + c1.x + x'S x, the network must satisfy, for each output,

    sum_k v_k w_k w_k' = -S,    sum_k v_k (1 - 2 b_k) w_k = c1,    v0 + sum_k v_k (b_k - b_k^2) = c0.

``docs/quadratic.md`` derives the constructions and says which c are attained and which are only approached.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from hw1_lightning.quadratic.features import output_coefficients, split_coefficients


class NetworkParameters(NamedTuple):
    """Parameters of h = g(W x + b), y = v h + v0.

    Attributes:
        weight: W, shape ``(K, D)``.
        bias: b, shape ``(K,)``.
        output_weight: v, shape ``(O, K)``, or ``(K,)`` for a single output without an axis of its own.
        output_bias: v0, shape ``(O,)`` or ``()``.
    """

    weight: Tensor
    bias: Tensor
    output_weight: Tensor
    output_bias: Tensor


class _Units(NamedTuple):
    """Hidden units that serve one output: weight ``(n, D)``, bias ``(n,)``, output weight ``(n,)``."""

    weight: Tensor
    bias: Tensor
    output_weight: Tensor


def exact_hidden_size(n_inputs: int, n_outputs: int = 1) -> int:
    """Return the least K that gives every c a network with biases 0, 1/2 and 1: min(O (D + 2), D (D + 3)/2).

    Such a network is well-conditioned, in float32 as well; ``recover_parameters`` needs fewer units for most c.
    """
    return min(n_outputs * (n_inputs + 2), n_inputs * (n_inputs + 3) // 2)


def recover_parameters(c: Tensor, hidden_size: int, tolerance: float) -> NetworkParameters:
    """Compute a network of ``hidden_size`` units with ||c(W, b, v, v0) - c|| < tolerance (Euclidean norm).

    One output always succeeds when hidden_size >= D, and O outputs when hidden_size >= min(O D, D (D + 3)/2); with
    fewer units if the ranks allow it. With ``exact_hidden_size(D, O)`` units or more the network is exact up to
    rounding. With fewer, a small eigenvalue lambda of S makes a bias of (q.c1) / (2 lambda), and rounding then limits
    the tolerance to about 1e-7 ||c1|| in float64.

    Args:
        c: coefficients, shape ``(O, M)`` or ``(M,)``, floating.
        hidden_size: number of hidden units K; unused units get weight 0.
        tolerance: largest distance allowed, above 0.

    Returns:
        The parameters, in the dtype of c, on its device; gradients are not followed.

    Raises:
        ValueError: if the units are too few (with the distance that remains), if the dtype cannot hold the tolerance,
            or if an argument is out of range.
    """
    if hidden_size < 1 or not tolerance > 0:
        raise ValueError(f"hidden_size is {hidden_size} and tolerance is {tolerance}; both must be positive")
    rows = torch.atleast_2d(c.detach().double())
    c0, c1, forms = split_coefficients(rows)
    if rows.ndim != 2 or not rows.isfinite().all():
        raise ValueError(f"c has shape {tuple(c.shape)}; allowed: (O, M) or (M,), with finite values only")
    weight, bias, output_weight = _hidden_units(c1, forms, hidden_size, tolerance)
    # v0 comes last: it corrects the constant that the units leave.
    output_bias = c0 - output_weight @ (bias * (1 - bias))
    network = NetworkParameters(*(p.to(c.dtype) for p in (weight, bias, output_weight, output_bias)))
    distance = float(torch.linalg.vector_norm(output_coefficients(*(p.double() for p in network)) - rows))
    if not distance < tolerance:
        raise ValueError(
            f"tolerance={tolerance} is beyond {c.dtype} with hidden_size={hidden_size}: the network misses c by "
            f"{distance:.3g}; allowed: a larger tolerance, float64, or {exact_hidden_size(c1.shape[1], len(c1))} units"
        )
    return network if c.ndim == 2 else network._replace(output_weight=network[2][0], output_bias=network[3][0])


def form_distance(forms: Tensor, hidden_size: int) -> float:
    """Return a lower bound of the distance of K units to the quadratic forms S_1..S_O, in Frobenius norm.

    The forms side by side, [S_1 ... S_O], are sum_k w_k (...)' and have rank K at most, so by Eckart and Young
    (Psychometrika 1, 1936) the distance is at least sqrt(sum of sigma_k^2 for k > K). One output attains it.

    Args:
        forms: symmetric matrices, shape ``(O, D, D)``.
        hidden_size: number of hidden units K.
    """
    side_by_side = forms.transpose(0, 1).flatten(1)
    return float(torch.linalg.vector_norm(torch.linalg.svdvals(side_by_side)[hidden_size:]))


def _hidden_units(c1: Tensor, forms: Tensor, hidden_size: int, tolerance: float) -> _Units:
    """Return the units of all outputs, padded: weight ``(K, D)``, bias ``(K,)``, output weight ``(O, K)``."""
    n_outputs, n_inputs = c1.shape
    own = [_own_units(linear, form, tolerance / math.sqrt(n_outputs)) for linear, form in zip(c1, forms, strict=True)]
    spare = hidden_size - sum(len(fewest.bias) for fewest, _ in own)
    shared = n_inputs * (n_inputs + 3) // 2
    if spare < 0 or (shared <= hidden_size < sum(len(exact.bias) for _, exact in own)):
        if hidden_size < shared:
            raise ValueError(_too_small([len(fewest.bias) for fewest, _ in own], forms, hidden_size))
        units = _shared_units(c1, forms)
    else:
        chosen = []
        for fewest, exact in own:
            extra = len(exact.bias) - len(fewest.bias)
            chosen.append(exact if extra <= spare else fewest)
            spare -= extra if extra <= spare else 0
        output_weight = torch.block_diag(*(units.output_weight for units in chosen))
        units = _Units(torch.cat([u.weight for u in chosen]), torch.cat([u.bias for u in chosen]), output_weight)
    unused = hidden_size - len(units.bias)
    weight = pad(units.weight, (0, 0, 0, unused))
    return _Units(weight, pad(units.bias, (0, unused)), pad(units.output_weight, (0, unused)))


def _own_units(c1: Tensor, form: Tensor, tolerance: float) -> tuple[_Units, _Units]:
    """Return units for one output: the fewest within the tolerance, and those that are exact."""
    values, vectors = torch.linalg.eigh(form)
    # Exact: the form by units with b = 1/2, whose linear part is 0, and the linear part by a pair of units with b = 0
    # and b = 1 and opposite v, whose quadratic and constant parts cancel.
    kept, length = _significant(values, 0.0), torch.linalg.vector_norm(c1)
    pair = c1.new_tensor([0.5, -0.5] if length > 0 else [])
    exact = _Units(
        torch.cat((vectors.T[kept], c1.expand(len(pair), -1) / length)),
        torch.cat((torch.full_like(values[kept], 0.5), 0.5 - pair)),
        torch.cat((-values[kept], pair * length)),
    )
    # Fewest: each unit carries its share q_k.c1 of the linear part. The part outside the range of S goes to one
    # more unit in its direction, with the small eigenvalue delta: then c is approached, not attained.
    kept = _significant(values, tolerance / 4)
    values, null_space, vectors = values[kept], vectors[:, ~kept], vectors[:, kept]
    outside = null_space @ (null_space.T @ c1)
    rest = torch.linalg.vector_norm(outside)
    if rest > max(tolerance / 4, len(c1) * torch.finfo(c1.dtype).eps * float(length)):
        values = torch.cat((values, values.new_tensor([tolerance / 4])))
        vectors = torch.cat((vectors, (outside / rest).unsqueeze(1)), dim=1)
    fewest = _Units(vectors.T, (1 + (vectors.T @ c1) / values) / 2, -values)
    return (fewest, exact) if len(fewest.bias) < len(exact.bias) else (exact, exact)


def _significant(values: Tensor, allowance: float) -> Tensor:
    """Return a mask of the eigenvalues to keep: without the others, c changes by less than ``allowance``.

    A change E of S changes c by sqrt(sum E_ii^2 + 4 sum_{i<j} E_ij^2), at most sqrt(2) ||E||_F. Eigenvalues at the
    level of rounding always count as zero.
    """
    order = values.abs().argsort()
    dropped = math.sqrt(2) * values[order].square().cumsum(0).sqrt()
    rounding = len(values) * torch.finfo(values.dtype).eps * values.abs().max()
    kept = torch.empty_like(values, dtype=torch.bool)
    kept[order] = (dropped > allowance) & (values[order].abs() > rounding)
    return kept


def _shared_units(c1: Tensor, forms: Tensor) -> _Units:
    """Return D (D + 3)/2 units, shared by all outputs, that span all quadratic functions exactly.

    Units e_i with b = 0 and with b = 1 give x_i - x_i^2 and -x_i - x_i^2; units e_i + e_j (i < j) with b = 1/2 give
    1/4 - (x_i + x_j)^2.
    """
    n_inputs = c1.shape[1]
    identity = torch.eye(n_inputs).to(c1)
    first, second = torch.triu_indices(n_inputs, n_inputs, offset=1, device=c1.device)
    cross = -forms[:, first, second]
    # The cross units also add squares, which the units e_i subtract: -(v_i + v_i') = S_ii - sum_j S_ij.
    squares = -(2 * forms.diagonal(dim1=1, dim2=2) - forms.sum(dim=2))
    output_weight = torch.cat(((squares + c1) / 2, (squares - c1) / 2, cross), dim=1)
    bias = torch.cat((c1.new_zeros(n_inputs), c1.new_ones(n_inputs), c1.new_full((len(first),), 0.5)))
    return _Units(torch.cat((identity, identity, identity[first] + identity[second])), bias, output_weight)


def _too_small(needed: list[int], forms: Tensor, hidden_size: int) -> str:
    """Return the error for too few units: how many are needed, and the least distance with these."""
    n_inputs, distance = forms.shape[-1], form_distance(forms, hidden_size)
    separate, shared = " + ".join(map(str, needed)), n_inputs * (n_inputs + 3) // 2
    several = f"the {len(needed)} outputs take {separate} separate units, or D(D+3)/2 = {shared} shared ones"
    why = several if len(needed) > 1 else f"this c takes {separate} units"
    message = f"hidden_size={hidden_size} is too small: {why}"
    if distance <= 1e-12 * float(torch.linalg.vector_norm(forms)):
        return f"{message}, because of linear parts outside the range of the quadratic forms"
    return f"{message}; the quadratic part keeps a Frobenius distance of at least {distance:.6g}"
