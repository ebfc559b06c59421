"""Least squares from a triangular factor, without the rows of X.

For a design X (N x M) and targets Y (N x O), the QR decomposition [X Y] = Q T gives one upper triangular matrix T of
side M + O, which is sufficient, because ||X c - Y|| = ||T [c; -I]|| for every c, columnwise:

    T = [ R  Z ]    R'R = X'X, R'Z = X'Y,
        [ 0  P ]    and P'P is the matrix of residual sums of squares at the optimum.

Factors of parts of the rows are merged by decomposing one on top of the other (tall-skinny QR: Demmel et al., SIAM J.
Sci. Comput. 34, 2012). ``streaming.py`` accumulates one from batches.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from hw1_lightning.memory import check_memory

# For each entry of a factor, in float64: two factors, one on top of the other, and their decomposition.
MERGING_BYTES = 6 * 8


@dataclass(frozen=True)
class Factor:
    """The triangular factor of some rows [X Y], and the number of these rows.

    Attributes:
        triangle: T, shape ``(M + O, M + O)``, float64, upper triangular up to the signs of its rows.
        count: number of rows N, shape ``()``, int64.
        n_outputs: number of outputs O.
    """

    triangle: Tensor
    count: Tensor
    n_outputs: int

    @property
    def n_features(self) -> int:
        """Number of columns M of the design."""
        return self.triangle.shape[0] - self.n_outputs


@dataclass(frozen=True)
class Solution:
    """A least-squares solution with its residual and rank.

    Attributes:
        coefficients: C, shape ``(O, M)``, float64; of all minimisers the one of least Euclidean norm.
        residual_sum_of_squares: ||X c - y||^2 of each output without any penalty, shape ``(O,)``, float64.
        rank: numerical rank of the (penalised) design; below M, the solution is not unique.
        count: number of rows N.
    """

    coefficients: Tensor
    residual_sum_of_squares: Tensor
    rank: int
    count: int

    @property
    def is_unique(self) -> bool:
        """Whether the minimiser is unique; otherwise ``coefficients`` is the minimum-norm choice."""
        return self.rank == self.coefficients.shape[1]


def empty_factor(n_features: int, n_outputs: int, device: torch.device | None = None) -> Factor:
    """Return the factor of no rows, the neutral element of ``merge_factors``.

    Raises:
        InputError: if two such factors and their decomposition do not fit in memory.
    """
    check_memory(MERGING_BYTES * (n_features + n_outputs) ** 2, f"the factors of {n_features:,} features", device)
    side = n_features + n_outputs
    triangle = torch.zeros(side, side, dtype=torch.float64, device=device)
    return Factor(triangle, torch.zeros((), dtype=torch.int64, device=device), n_outputs)


def factorize(design: Tensor, targets: Tensor) -> Factor:
    """Compute the factor of rows in memory, by Householder QR.

    Args:
        design: X, shape ``(N, M)``, floating.
        targets: Y, shape ``(N, O)``, floating.

    Returns:
        The factor of [X Y], computed in float64.

    Raises:
        ValueError: if the shapes do not match.
    """
    if design.ndim != 2 or targets.ndim != 2 or len(design) != len(targets):
        raise ValueError(
            f"design and targets have shapes {tuple(design.shape)} and {tuple(targets.shape)}; "
            "allowed: (N, M) and (N, O)"
        )
    rows = torch.cat((design.double(), targets.double()), dim=1)
    return Factor(triangularize(rows), torch.tensor(len(rows), device=rows.device), targets.shape[1])


def merge_factors(first: Factor, second: Factor) -> Factor:
    """Merge the factors of two sets of rows; associative and commutative up to rounding, with exact counts.

    Raises:
        ValueError: if the factors differ in features or outputs.
    """
    if first.triangle.shape != second.triangle.shape or first.n_outputs != second.n_outputs:
        raise ValueError(
            f"cannot merge factors of {first.n_features} features and {first.n_outputs} outputs with "
            f"{second.n_features} and {second.n_outputs}; they must be equal"
        )
    triangle = triangularize(torch.cat((first.triangle, second.triangle)))
    return Factor(triangle, first.count + second.count, first.n_outputs)


def triangularize(rows: Tensor) -> Tensor:
    """Return the triangular factor of ``rows``, shape ``(n, p)``, padded with zeros to ``(p, p)`` if n < p."""
    triangle = torch.linalg.qr(rows, mode="r").R
    missing = triangle.shape[1] - triangle.shape[0]
    return torch.cat((triangle, triangle.new_zeros(missing, triangle.shape[1]))) if missing else triangle


def solve_factor(factor: Factor, ridge: float = 0.0) -> Solution:
    """Minimise ||X c - y||^2 + ridge ||c_2..M||^2 for each output.

    The first feature is taken to be the constant; its coefficient is not penalised, as in scikit-learn's ``Ridge``
    with an intercept, whose ``alpha`` equals ``ridge``. Among several minimisers the one of least ||c|| is returned,
    which is what ``numpy.linalg.lstsq`` gives for the stacked rows.

    Args:
        factor: the factor of [X Y].
        ridge: strength of the penalty, at least 0.

    Returns:
        The solution.

    Raises:
        ValueError: if ``ridge`` is negative, NaN or infinite, or if the factor holds no rows.
    """
    if not (math.isfinite(ridge) and ridge >= 0):
        raise ValueError(f"ridge is {ridge}; it must be a finite number of at least 0")
    count, n_features = int(factor.count), factor.n_features
    if count == 0:
        raise ValueError("the factor has no examples; add at least one")
    triangle = factor.triangle
    if ridge > 0:
        # The penalty is M - 1 further examples sqrt(ridge) e_k with target 0: exact, and no X'X is formed.
        penalty = math.sqrt(ridge) * torch.eye(len(triangle)).to(triangle)[1:n_features]
        triangle = triangularize(torch.cat((triangle, penalty)))
    solution, rank = _solve_triangle(triangle[:n_features, :n_features], triangle[:n_features, n_features:])
    residuals = factor.triangle[:, n_features:] - factor.triangle[:, :n_features] @ solution
    return Solution(solution.T.contiguous(), residuals.square().sum(dim=0), rank, count)


def excess_sum_of_squares(factor: Factor, coefficients: Tensor, optimum: Tensor) -> Tensor:
    """Return how far ||X c - y||^2 is above its minimum: ||X (c - c*)||^2 = ||R (c - c*)||^2.

    It has no cancellation, unlike a difference of two sums of squares, and is never negative. It holds since the
    residual of a least-squares solution c* (without ridge) is orthogonal to the columns of X.

    Args:
        factor: the factor of [X Y].
        coefficients: c, shape ``(O, M)``.
        optimum: c*, the coefficients of ``solve_factor(factor)``, shape ``(O, M)``.

    Returns:
        The excess of each output, shape ``(O,)``, float64.
    """
    n_features = factor.n_features
    difference = (coefficients.double() - optimum).T
    return (factor.triangle[:n_features, :n_features] @ difference).square().sum(dim=0)


def _solve_triangle(triangle: Tensor, targets: Tensor) -> tuple[Tensor, int]:
    """Return the minimum-norm solution of R c = Z and the rank of R, after scaling its columns to length one.

    They are scaled so that the rank does not depend on the units of the inputs: columns 1 and x^2 with x near 1e5
    differ by 1e10, but are independent. Scaling is column equilibration (van der Sluis, Numer. Math. 14, 1969), within
    sqrt(M) of the best condition number that any scaling gives.
    """
    n_features = triangle.shape[0]
    lengths = torch.linalg.vector_norm(triangle, dim=0)
    scale = torch.where(lengths > 0, lengths, 1.0).unsqueeze(1)
    scaled = triangle / scale.T
    cutoff = 10 * n_features * torch.finfo(triangle.dtype).eps
    if inverse_norm(scaled) * math.sqrt(n_features) * cutoff < 1:
        # ||scaled||_2 <= sqrt(M), so no singular value is below the cutoff: full rank, and no SVD is needed.
        return torch.linalg.solve_triangular(scaled, targets, upper=True) / scale, n_features
    left, values, right = torch.linalg.svd(scaled)
    rank = int((values > cutoff * values[0]).sum())
    solution = right[:rank].T @ ((left[:, :rank].T @ targets) / values[:rank, None]) / scale
    # The SVD solution is shortest in scaled coefficients; taking out its part in the null space makes it so in c.
    null_space = torch.linalg.qr(right[rank:].T / scale).Q
    return solution - null_space @ (null_space.T @ solution), rank


def inverse_norm(triangle: Tensor) -> float:
    """Return the Frobenius norm of the inverse of an upper triangular matrix; infinity or NaN if it is singular."""
    identity = torch.eye(len(triangle), dtype=triangle.dtype, device=triangle.device)
    return float(torch.linalg.matrix_norm(torch.linalg.solve_triangular(triangle, identity, upper=True)))
