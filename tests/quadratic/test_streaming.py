from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from hw1_lightning.quadratic import streaming
from hw1_lightning.quadratic.features import quadratic_features
from hw1_lightning.quadratic.least_squares import merge_factors, solve_factor
from hw1_lightning.quadratic.streaming import StreamingLeastSquares
from tests.quadratic.quadratic_data import stream, teacher

checked = settings(max_examples=25)
seeds = st.integers(0, 2**31)


@checked
@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 60), st.integers(1, 60), seeds)
def test_solution_is_numpys_for_the_stacked_features(d: int, o: int, n: int, batch_size: int, seed: int) -> None:
    x, y = teacher(seed, n, d, o)
    solution = solve_factor(stream(x, y, batch_size))
    expected, _, rank, values = np.linalg.lstsq(quadratic_features(x).numpy(), y.numpy(), rcond=None)
    condition = values[0] / values[rank - 1]
    assert (solution.rank, solution.count) == (rank, n)
    np.testing.assert_allclose(solution.coefficients.T, expected, rtol=0, atol=1e-14 * condition**2 + 1e-9)


@pytest.mark.parametrize("batch_size", [7, 512, 16_384, 40_000])
def test_batch_size_does_not_matter_beyond_rounding(batch_size: int) -> None:
    x, y = teacher(0, 40_000, 3, 2)
    whole, parts = stream(x, y), stream(x, y, batch_size)
    assert torch.equal(whole.triangle, parts.triangle)
    assert torch.equal(whole.count, parts.count)


def test_predictions_are_those_of_scikit_learn() -> None:
    x, y = teacher(1, 20_000, 8, 2)
    pipeline = make_pipeline(PolynomialFeatures(2), LinearRegression()).fit(x.numpy(), y.numpy())
    prediction = quadratic_features(x) @ solve_factor(stream(x, y, 64)).coefficients.T
    np.testing.assert_allclose(prediction, pipeline.predict(x.numpy()), rtol=0, atol=1e-12 * float(y.abs().max()))


@checked
@given(st.lists(st.integers(0, 50), min_size=2, max_size=4).filter(any), seeds)
def test_uneven_processes_merge_to_one_pass(shards: list[int], seed: int) -> None:
    x, y = teacher(seed, sum(shards), 2)
    parts = [stream(a, b, 8) for a, b in zip(x.split(shards), y.split(shards), strict=True)]
    merged = parts[0]
    for part in parts[1:]:
        merged = merge_factors(merged, part)
    whole = stream(x, y)
    assert int(merged.count) == int(whole.count) == sum(shards)
    torch.testing.assert_close(merged.triangle.T @ merged.triangle, whole.triangle.T @ whole.triangle)


def test_continuing_from_a_factor_is_one_pass() -> None:
    x, y = teacher(0, 300, 2)
    fit = StreamingLeastSquares(quadratic_features, 2, 1, stream(x[:100], y[:100]))
    fit.add(x[100:], y[100:])
    torch.testing.assert_close(solve_factor(fit.factor()).coefficients, solve_factor(stream(x, y)).coefficients)
    assert int(fit.factor().count) == 300


def test_reading_the_factor_twice_counts_nothing_twice() -> None:
    fit = StreamingLeastSquares(quadratic_features, 2, 1)
    x, y = teacher(0, 50, 2)
    fit.add(x, y)
    first = fit.factor()
    assert fit.factor() is first


def test_batches_are_copied_and_flattened_and_may_be_float32() -> None:
    x, y = teacher(0, 64, 2)
    x, y = x.float(), y.float()
    fit = StreamingLeastSquares(quadratic_features, 2, 1)
    batch = x.reshape(4, 16, 2).clone()
    fit.add(batch, y.reshape(4, 16))
    batch.zero_()
    assert torch.equal(fit.factor().triangle, stream(x, y).triangle)


def bad_value(column: int, value: float, target: bool = False) -> None:
    x, y = teacher(0, 50, 3)
    (y if target else x)[17, column] = value
    stream(x, y)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bad_value(2, float("nan")), "x column 2 is nan in example 17; allowed: finite numbers"),
        (lambda: bad_value(0, -float("inf")), "x column 0 is -inf in example 17"),
        (lambda: bad_value(0, float("inf"), target=True), "y column 0 is inf in example 17"),
        (lambda: bad_value(1, 1e200), r"features of x overflow float64; its largest absolute value is 1e\+200"),
        (lambda: StreamingLeastSquares(quadratic_features, 0, 1), "n_inputs is 0 and n_outputs is 1; both must be"),
        (
            lambda: StreamingLeastSquares(quadratic_features, 3, 1).add(torch.zeros(5, 2), torch.zeros(5, 1)),
            r"\(5, 2\)",
        ),
        (
            lambda: StreamingLeastSquares(quadratic_features, 2, 3).add(torch.zeros(5, 2), torch.zeros(5)),
            r"x and y have shapes \(5, 2\) and \(5,\); allowed: \(..., 2\) and \(..., 3\)",
        ),
        (
            lambda: StreamingLeastSquares(quadratic_features, 1000, 1),
            r"the factors of 501,501 features need 11,\d\d\d\.\d GiB, but this machine has",
        ),
    ],
)
def test_bad_input_is_named_in_one_line(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        call()
    assert "\n" not in str(error.value)


def test_buffer_is_emptied_in_blocks_smaller_than_it(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = teacher(0, 20_000, 3)
    whole = solve_factor(stream(x, y)).coefficients
    for name in ("_GRAM_BLOCK", "_QR_BLOCK", "_GRAM_STRIP"):
        monkeypatch.setattr(streaming, name, 3)
    torch.testing.assert_close(solve_factor(stream(x, y)).coefficients, whole, rtol=1e-12, atol=1e-12)
