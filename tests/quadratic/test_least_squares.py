from collections.abc import Callable
from functools import reduce

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from torch import Tensor

from hw1_lightning.quadratic.least_squares import (
    Factor,
    empty_factor,
    excess_sum_of_squares,
    factorize,
    merge_factors,
    solve_factor,
)
from tests.quadratic.quadratic_data import conditioned, of_rank, random_tensors

checked = settings(max_examples=40)
sizes = st.integers(1, 8)
seeds = st.integers(0, 2**31)


def residual(x: Tensor, coefficients: Tensor, y: Tensor) -> Tensor:
    rest: Tensor = x @ coefficients.T - y
    return rest.square().sum(dim=0)


@checked
@given(sizes, st.integers(1, 3), st.sampled_from([1.0, 1e2, 1e4, 1e6, 1e8]), seeds)
def test_solution_is_that_of_numpy_up_to_condition_1e8(m: int, o: int, condition: float, seed: int) -> None:
    x, (y,) = conditioned(seed, 60, m, condition), random_tensors(seed + 1, (60, o))
    solution = solve_factor(factorize(x, y))
    expected = np.linalg.lstsq(x.numpy(), y.numpy(), rcond=None)[0].T
    # Two backward stable answers differ by eps * (condition ||c|| + condition^2 ||residual||): Wedin's bound.
    rest = np.linalg.norm(y.numpy() - x.numpy() @ expected.T)
    allowed = 1e-14 * condition * (np.linalg.norm(expected) + condition * rest)
    assert np.linalg.norm(solution.coefficients.numpy() - expected) <= allowed
    predictions = (x @ solution.coefficients.T).numpy()
    np.testing.assert_allclose(predictions, x.numpy() @ expected.T, rtol=0, atol=1e-14 * condition)
    assert solution.rank == m
    assert solution.is_unique


@checked
@given(sizes, st.sampled_from([1.0, 1e4, 1e8]), seeds)
def test_consistent_systems_are_solved_to_eps_times_condition(m: int, condition: float, seed: int) -> None:
    x, (c,) = conditioned(seed, 60, m, condition), random_tensors(seed + 1, (2, m))
    solution = solve_factor(factorize(x, x @ c.T))
    assert torch.linalg.vector_norm(solution.coefficients - c) < 1e-13 * condition * torch.linalg.vector_norm(c) + 1e-12
    assert float(solution.residual_sum_of_squares.max()) < 1e-24


@checked
@given(st.integers(2, 8), st.integers(1, 7), st.integers(1, 3), st.sampled_from([3, 5, 40]), seeds)
def test_rank_deficient_and_short_designs_give_numpys_minimum_norm(m: int, r: int, o: int, n: int, seed: int) -> None:
    rank = min(r, m - 1, n)
    x, (y,) = of_rank(seed, n, m, rank), random_tensors(seed + 1, (n, o))
    solution = solve_factor(factorize(x, y))
    expected = torch.from_numpy(np.linalg.lstsq(x.numpy(), y.numpy(), rcond=1e-10)[0].T)
    torch.testing.assert_close(solution.coefficients, expected, rtol=1e-7, atol=1e-7 * float(expected.abs().max()))
    assert (solution.rank, solution.count, solution.is_unique) == (rank, n, False)


def test_empty_and_repeated_columns_are_found_and_share_the_coefficient() -> None:
    x, y = random_tensors(0, (50, 5), (50, 1))
    x[:, 1], x[:, 3] = 0, x[:, 2]
    solution = solve_factor(factorize(x, y))
    assert solution.rank == 3
    assert float(solution.coefficients[0, 1]) == pytest.approx(0, abs=1e-15)
    assert float(solution.coefficients[0, 2]) == pytest.approx(float(solution.coefficients[0, 3]), rel=1e-10)


def test_units_of_a_column_do_not_change_the_rank() -> None:
    x, y = random_tensors(0, (50, 4), (50, 1))
    scale = torch.tensor([1e-20, 1.0, 1e8, 1e14], dtype=torch.float64)
    solution = solve_factor(factorize(x * scale, y))
    assert solution.rank == 4
    torch.testing.assert_close(solution.coefficients * scale, solve_factor(factorize(x, y)).coefficients)


@checked
@given(sizes, st.integers(1, 3), st.integers(1, 30), seeds)
def test_residual_sum_of_squares_is_that_of_the_rows(m: int, o: int, n: int, seed: int) -> None:
    x, y = random_tensors(seed, (n, m), (n, o))
    solution = solve_factor(factorize(x, y))
    torch.testing.assert_close(
        solution.residual_sum_of_squares, residual(x, solution.coefficients, y), rtol=1e-9, atol=1e-24
    )


def test_residual_far_below_the_targets_keeps_its_digits() -> None:
    x, c, noise = random_tensors(0, (200, 5), (1, 5), (200, 1))
    noise -= x @ torch.linalg.lstsq(x, noise).solution
    solution = solve_factor(factorize(x, x @ c.T + 1e-9 * noise))
    # From y'y - z'z nothing would be left: 1e-18 relative.
    assert float(solution.residual_sum_of_squares) == pytest.approx(1e-18 * float(noise.square().sum()), rel=1e-5)


@checked
@given(sizes, st.integers(1, 3), seeds)
def test_gradient_vanishes_at_the_optimum(m: int, o: int, seed: int) -> None:
    x, y = random_tensors(seed, (30, m), (30, o))
    c = solve_factor(factorize(x, y)).coefficients.requires_grad_()
    (0.5 * residual(x, c, y).sum()).backward()
    assert c.grad is not None
    assert float(c.grad.abs().max()) < 1e-12 * float(x.square().sum())


@checked
@given(sizes, seeds)
def test_no_other_coefficients_do_better_and_the_excess_says_by_how_much(m: int, seed: int) -> None:
    x, y, other = random_tensors(seed, (30, m), (30, 2), (2, m))
    factor = factorize(x, y)
    best = solve_factor(factor)
    excess = residual(x, other, y) - residual(x, best.coefficients, y)
    assert (excess >= 0).all()
    torch.testing.assert_close(excess_sum_of_squares(factor, other, best.coefficients), excess, rtol=1e-9, atol=1e-9)


def test_excess_is_exact_where_a_difference_of_losses_has_no_digits_left() -> None:
    x, y, step = random_tensors(0, (100, 4), (100, 1), (1, 4))
    factor = factorize(x, y)
    best = solve_factor(factor).coefficients
    excess = excess_sum_of_squares(factor, best + 1e-10 * step, best)
    assert float(excess) == pytest.approx(1e-20 * float((x @ step.T).square().sum()), rel=1e-4)


@checked
@given(sizes, st.sampled_from([1e-6, 1.0, 100.0]), st.integers(1, 3), seeds)
def test_ridge_is_that_of_scikit_learn_with_an_intercept(m: int, alpha: float, o: int, seed: int) -> None:
    x, y = random_tensors(seed, (40, m), (40, o))
    x, y = x * 2 + 1, y + 5
    design = torch.cat((torch.ones(40, 1).double(), x), dim=1)
    solution = solve_factor(factorize(design, y), alpha)
    ridge = Ridge(alpha=alpha, solver="svd").fit(x.numpy(), y.numpy())
    np.testing.assert_allclose(solution.coefficients[:, 1:], np.reshape(ridge.coef_, (o, m)), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(solution.coefficients[:, 0], np.ravel(ridge.intercept_), rtol=1e-8, atol=1e-10)
    torch.testing.assert_close(solution.residual_sum_of_squares, residual(design, solution.coefficients, y))


def test_ridge_makes_a_deficient_problem_unique() -> None:
    (y,) = random_tensors(1, (4, 1))
    factor = factorize(torch.cat((torch.ones(4, 1).double(), of_rank(0, 4, 6, 2)), dim=1), y)
    assert solve_factor(factor).rank == 3
    assert solve_factor(factor, ridge=0.1).rank == 7


@checked
@given(sizes, st.integers(1, 3), st.lists(st.integers(1, 20), min_size=1, max_size=6), seeds)
def test_merged_uneven_shards_are_one_pass(m: int, o: int, shards: list[int], seed: int) -> None:
    n = sum(shards)
    x, y = random_tensors(seed, (n, m), (n, o))
    parts = [factorize(a, b) for a, b in zip(x.split(shards), y.split(shards), strict=True)]
    whole = factorize(x, y)
    gram = whole.triangle.T @ whole.triangle
    for merged in (
        reduce(merge_factors, parts),
        reduce(merge_factors, reversed(parts)),
        reduce(merge_factors, parts, empty_factor(m, o)),
        reduce(lambda later, earlier: merge_factors(earlier, later), reversed(parts)),
    ):
        assert int(merged.count) == n
        torch.testing.assert_close(merged.triangle.T @ merged.triangle, gram, rtol=1e-11, atol=1e-11)


def test_triangle_is_upper_triangular_and_square_with_fewer_rows_than_columns() -> None:
    factor = factorize(*random_tensors(0, (3, 5), (3, 2)))
    assert factor.triangle.shape == (7, 7)
    assert torch.equal(factor.triangle, factor.triangle.triu())
    assert factor.n_features == 5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: factorize(torch.zeros(3, 2), torch.zeros(4, 1)),
            r"\(3, 2\) and \(4, 1\); allowed: \(N, M\) and \(N, O\)",
        ),
        (lambda: factorize(torch.zeros(3, 2), torch.zeros(3)), r"\(3, 2\) and \(3,\); allowed"),
        (lambda: merge_factors(empty_factor(3, 1), empty_factor(2, 2)), "3 features and 1 outputs with 2 and 2"),
        (lambda: solve_factor(empty_factor(3, 1)), "the factor has no examples"),
        (lambda: solve_factor(unit_factor(), ridge=-1.0), "ridge is -1.0; it must be a finite number of at least 0"),
        (lambda: solve_factor(unit_factor(), ridge=float("nan")), "ridge is nan; it must be"),
    ],
)
def test_bad_arguments_are_named_in_one_line(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        call()
    assert "\n" not in str(error.value)


def unit_factor() -> Factor:
    return factorize(torch.eye(3), torch.ones(3, 1))
