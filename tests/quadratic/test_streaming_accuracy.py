import numpy as np
import pytest
import torch
from torch import Tensor

from hw1_lightning.quadratic.features import quadratic_features
from hw1_lightning.quadratic.least_squares import factorize, solve_factor
from hw1_lightning.quadratic.streaming import StreamingLeastSquares
from tests.quadratic.quadratic_data import long_double_solution, stream, teacher


def count_cholesky(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Records for every fold whether the Gram matrix was used."""
    taken: list[bool] = []
    original = StreamingLeastSquares._cholesky

    def recording(self: StreamingLeastSquares, rows: Tensor) -> Tensor | None:
        triangle = original(self, rows)
        taken.append(triangle is not None)
        return triangle

    monkeypatch.setattr(StreamingLeastSquares, "_cholesky", recording)
    return taken


@pytest.mark.parametrize("noise", [1.0, 1e-6, 0.0])
@pytest.mark.parametrize("mean", [0.0, 1.0])
def test_gram_matrix_is_as_good_as_householder(noise: float, mean: float, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = count_cholesky(monkeypatch)
    x, y = teacher(0, 20_000, 3, noise=noise)
    x += mean
    solution = solve_factor(stream(x, y))
    assert True in taken or noise == 0  # a residual of rounding errors may count as collinear
    householder = solve_factor(factorize(quadratic_features(x), y))
    c, rss = long_double_solution(quadratic_features(x), y)
    errors = [np.linalg.norm((s.coefficients[0].numpy() - c).astype(float)) for s in (solution, householder)]
    assert errors[0] < 5 * errors[1] + 2e-14 * np.linalg.norm(c.astype(float))
    # The length of the residual is known to about eps ||y||.
    assert abs(float(solution.residual_sum_of_squares) ** 0.5 - rss**0.5) < 1e-14 * float(y.norm())


@pytest.mark.parametrize("mean", [3.0, 30.0, 1000.0, 3000.0])
def test_ill_conditioned_features_go_through_householder(mean: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StreamingLeastSquares, "_gram", lambda *_: pytest.fail("a Gram matrix was formed"))
    x, y = teacher(0, 20_000, 2)
    features = quadratic_features(x + mean)
    condition = float(torch.linalg.cond(features / torch.linalg.vector_norm(features, dim=0)))
    solution = solve_factor(stream(x + mean, y))
    assert solution.rank == 6
    reference, _ = long_double_solution(features, y)
    error = np.linalg.norm(features.numpy().astype(np.longdouble) @ (solution.coefficients[0].numpy() - reference))
    assert condition > mean**2
    assert float(error) < (1e-13 + 1e-15 * condition) * float(y.norm())


@pytest.mark.parametrize("spoil", ["constant", "binary", "repeated"])
def test_collinear_features_in_many_rows_give_the_minimum_norm(spoil: str) -> None:
    x, y = teacher(0, 20_000, 3)
    if spoil == "constant":
        x[:, 0] = 1
    if spoil == "binary":
        x[:, 0] = (x[:, 0] > 0).double()
    if spoil == "repeated":
        x[:, 1] = x[:, 0]
    solution = solve_factor(stream(x, y, 1000))
    expected, _, rank, _ = np.linalg.lstsq(quadratic_features(x).numpy(), y.numpy(), rcond=None)
    assert solution.rank == rank < 10
    np.testing.assert_allclose(solution.coefficients.T, expected, rtol=1e-9, atol=1e-11)


def test_each_buffer_chooses_its_own_method(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = count_cholesky(monkeypatch)
    x, y = teacher(0, 2**15, 2)
    x[2**14 :] += 1000
    solution = solve_factor(stream(x, y))
    assert taken == [False, True, False]  # the pilot's examples, the rest of the first buffer, the shifted buffer
    reference, _ = long_double_solution(quadratic_features(x), y)
    np.testing.assert_allclose(solution.coefficients[0], reference.astype(float), rtol=0, atol=1e-9)


def test_collinearity_in_later_or_earlier_examples_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = teacher(0, 50_000, 3)
    x[:25_000, 0], x[40_000:, 1] = 1, 0
    taken = count_cholesky(monkeypatch)
    solution = solve_factor(stream(x, y))
    np.testing.assert_allclose(
        solution.coefficients.T, np.linalg.lstsq(quadratic_features(x).numpy(), y.numpy(), rcond=None)[0], rtol=1e-9
    )
    assert False in taken


def test_large_offsets_and_units_do_not_change_the_residual() -> None:
    x, y = teacher(0, 30_000, 2, noise=1e-3)
    shifted = x * torch.tensor([1e-3, 1e5]).double() + torch.tensor([5.0, 3e5]).double()
    plain, hard = solve_factor(stream(x, y)), solve_factor(stream(shifted, y))
    assert hard.rank == 6
    # The squares of the shifted inputs are themselves rounded, at 1e-9 of what matters in them.
    torch.testing.assert_close(hard.residual_sum_of_squares, plain.residual_sum_of_squares, rtol=1e-5, atol=0)
