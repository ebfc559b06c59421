"""Checks the identities of the network with activation z(1 - z) numerically, with random parameters.

``docs/quadratic.md`` derives them. A check computes both sides of an identity in float64 by different operations.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from hw1_lightning.quadratic.features import hidden_map, output_coefficients, quadratic_features, split_coefficients
from hw1_lightning.quadratic.least_squares import factorize, solve_factor
from hw1_lightning.quadratic.recovery import form_distance, recover_parameters

# Shapes of the random networks: inputs D and hidden units K.
SIZES = ((1, 1), (2, 3), (3, 3), (5, 8), (8, 12))
EXAMPLES = 200
# Rounding of float64, with room for sums and inverses.
TOLERANCE = 1e-10
# How near a network must come to coefficients that it only approaches; rounding allows about 1e-7.
APPROACHED = 1e-6


@dataclass(frozen=True)
class CheckedIdentity:
    """An identity with the largest error that was found.

    Args:
        name: what it says, in words.
        formula: as plain text.
        cases: number of random cases.
        error: the largest difference of both sides, relative to the larger of 1 and the largest number in them.
        tolerance: the largest error that rounding explains.
    """

    name: str
    formula: str
    cases: int
    error: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the error is within the tolerance; false for NaN."""
        return self.error <= self.tolerance


Sides = Iterator[tuple[Tensor, Tensor]]


def check_identities(seed: int = 0) -> list[CheckedIdentity]:
    """Check all identities; takes a few seconds.

    Args:
        seed: of all random numbers.
    """
    generator = torch.Generator().manual_seed(seed)
    checked = []
    for name, formula, sides in IDENTITIES:
        errors = [_error(left, right) for left, right in sides(generator)]
        tolerance = APPROACHED if sides is _approached else TOLERANCE
        checked.append(CheckedIdentity(name, formula, len(errors), max(errors), tolerance))
    return checked


def _error(left: Tensor, right: Tensor) -> float:
    error = float((left - right).abs().max() / max(1.0, float(left.abs().max()), float(right.abs().max())))
    return math.inf if math.isnan(error) else error  # max() may ignore NaN


def _normal(generator: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def _networks(generator: torch.Generator) -> Iterator[tuple[Tensor, tuple[Tensor, Tensor, Tensor, Tensor]]]:
    """Yield inputs ``(n, D)`` and a network ``(K, D)``, ``(K,)``, ``(K,)``, ``()``, several of each size."""
    for n_inputs, hidden_size in 4 * SIZES:
        shapes = ((hidden_size, n_inputs), (hidden_size,), (hidden_size,), ())
        weight, bias, output_weight, output_bias = (_normal(generator, *shape) for shape in shapes)
        yield _normal(generator, EXAMPLES, n_inputs), (weight, bias, output_weight, output_bias)


def _hidden(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    z = x @ weight.T + bias
    return z * (1 - z)


def _hidden_layer(generator: torch.Generator) -> Sides:
    for x, (weight, bias, _, _) in _networks(generator):
        yield _hidden(x, weight, bias), quadratic_features(x) @ hidden_map(weight, bias).T


def _output(generator: torch.Generator) -> Sides:
    for x, (weight, bias, output_weight, output_bias) in _networks(generator):
        c = output_coefficients(weight, bias, output_weight, output_bias)
        yield _hidden(x, weight, bias) @ output_weight + output_bias, quadratic_features(x) @ c


def _conditions(generator: torch.Generator) -> Sides:
    for _, (weight, bias, output_weight, output_bias) in _networks(generator):
        c0, c1, form = split_coefficients(output_coefficients(weight, bias, output_weight, output_bias))
        yield weight.T @ torch.diag(output_weight) @ weight, -form
        yield (output_weight * (1 - 2 * bias)) @ weight, c1
        yield output_bias + (output_weight * (bias - bias.square())).sum(), c0


def _cubic(generator: torch.Generator) -> Sides:
    for _, (weight, bias, output_weight, output_bias) in _networks(generator):
        first = 1 + weight.shape[1]  # the coefficients of products begin here
        scaled = output_coefficients(3 * weight, bias, 3 * output_weight, output_bias)
        yield scaled[first:], 27 * output_coefficients(weight, bias, output_weight, output_bias)[first:]


def _recovered(generator: torch.Generator) -> Sides:
    for n_inputs, _ in 4 * SIZES:
        values, basis = _normal(generator, n_inputs), torch.linalg.qr(_normal(generator, n_inputs, n_inputs)).Q
        values = values.sign() * (values.abs() + 0.5)  # not singular
        c = _coefficients(_normal(generator, 1)[0], _normal(generator, n_inputs), basis @ torch.diag(values) @ basis.T)
        yield output_coefficients(*recover_parameters(c, n_inputs, TOLERANCE)), c


def _approached(generator: torch.Generator) -> Sides:
    for n_inputs, _ in 4 * SIZES:
        direction = _normal(generator, n_inputs)
        form = torch.outer(direction, direction) if n_inputs > 1 else torch.zeros(1, 1, dtype=torch.float64)
        c = _coefficients(_normal(generator, 1)[0], _normal(generator, n_inputs), form)
        distance = torch.linalg.vector_norm(output_coefficients(*recover_parameters(c, n_inputs, APPROACHED)) - c)
        yield distance, torch.zeros_like(distance)


def _coefficients(c0: Tensor, c1: Tensor, form: Tensor) -> Tensor:
    rows, columns = torch.triu_indices(*form.shape)
    products = torch.where(rows == columns, 1, 2) * form[rows, columns]
    return torch.cat((c0.reshape(1), c1, products))


def _norm_of_change(generator: torch.Generator) -> Sides:
    for n_inputs, _ in 4 * SIZES:
        form = _normal(generator, n_inputs, n_inputs)
        form = form + form.T
        diagonal = form.diagonal().square().sum()
        c = _coefficients(form.new_zeros(1)[0], form.new_zeros(n_inputs), form)
        yield torch.linalg.vector_norm(c), (diagonal + 2 * (form.square().sum() - diagonal)).sqrt()


def _too_few_units(generator: torch.Generator) -> Sides:
    for n_inputs, _ in 4 * SIZES:
        form = _normal(generator, n_inputs, n_inputs)
        values, vectors = torch.linalg.eigh(form + form.T)
        kept = values.abs().argsort(descending=True)[: n_inputs // 2]
        best = vectors[:, kept] @ torch.diag(values[kept]) @ vectors[:, kept].T
        given = (form + form.T).unsqueeze(0)
        yield torch.linalg.vector_norm(given[0] - best), form.new_tensor(form_distance(given, n_inputs // 2))
        identity = torch.eye(n_inputs, dtype=torch.float64).unsqueeze(0)
        remaining = n_inputs - n_inputs // 2
        yield form.new_tensor(form_distance(identity, n_inputs // 2)), form.new_tensor(remaining).sqrt()


def _problem(generator: torch.Generator, n_inputs: int) -> tuple[Tensor, Tensor]:
    design = quadratic_features(_normal(generator, EXAMPLES, n_inputs))
    return design, _normal(generator, len(design), 1)


def _least_squares(generator: torch.Generator) -> Sides:
    for n_inputs, _ in SIZES:
        design, targets = _problem(generator, n_inputs)
        best = solve_factor(factorize(design, targets)).coefficients.T
        yield design.T @ (design @ best), design.T @ targets
        yield best, torch.linalg.lstsq(design, targets, driver="gelsd").solution


def _convex(generator: torch.Generator) -> Sides:
    for n_inputs, _ in SIZES:
        design, targets = _problem(generator, n_inputs)
        a, b = (_normal(generator, design.shape[1], 1) for _ in range(2))

        def loss(c: Tensor, design: Tensor = design, targets: Tensor = targets) -> Tensor:
            return (design @ c - targets).square().sum() / 2

        between = (loss(a) + loss(b)) / 2 - loss((a + b) / 2)
        yield between, (design @ (a - b)).square().sum() / 8


CONDITIONS = "Σ vₖ wₖwₖ' = -S, Σ vₖ(1 - 2bₖ) wₖ = c₁, v₀ + Σ vₖ(bₖ - bₖ²) = c₀"
REMAINS = "min ‖S - S_K‖² = sum of the D - K smallest λ²; S = I: D - K"
IDENTITIES: tuple[tuple[str, str, Callable[[torch.Generator], Sides]], ...] = (
    ("The hidden layer is linear in the features", "g(Wx + b) = A φ(x)", _hidden_layer),
    ("So is the output", "v'h + v₀ = c'φ(x), c = A'v + v₀e₁", _output),
    ("What a network with coefficients c must satisfy", CONDITIONS, _conditions),
    ("In W and v together, products have cubic coefficients", "S(3W, b, 3v) = 27 S(W, b, v)", _cubic),
    ("With K = D and S not singular, c is attained", "c(W, b, v, v₀) = c", _recovered),
    ("With K = D and S singular, c is approached", "‖c(W, b, v, v₀) - c‖ < 10⁻⁶", _approached),
    ("A change E of S moves c by this norm", "‖Δc‖² = Σ Eᵢᵢ² + 4 Σᵢ<ⱼ Eᵢⱼ²", _norm_of_change),
    ("With K < D, a distance remains", REMAINS, _too_few_units),
    ("The least-squares optimum", "X'Xc = X'y, and c is that of a singular value decomposition", _least_squares),
    ("The loss is convex in c", "(L(a) + L(b))/2 - L((a + b)/2) = ‖X(a - b)‖²/8 ≥ 0", _convex),
)
