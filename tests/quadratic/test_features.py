import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import PolynomialFeatures
from torch import Tensor

from hw1_lightning.quadratic.features import (
    hidden_map,
    output_coefficients,
    product_multiplicities,
    quadratic_feature_count,
    quadratic_features,
    quadratic_input_count,
    split_coefficients,
)
from tests.quadratic.quadratic_data import random_tensors

checked = settings(max_examples=50)
sizes = st.integers(1, 6)
scales = st.sampled_from([1e-3, 1.0, 1e3])
seeds = st.integers(0, 2**31)


def reference_network(x: Tensor, weight: Tensor, bias: Tensor, v: Tensor, v0: Tensor) -> tuple[Tensor, Tensor]:
    z = x @ weight.T + bias
    hidden = z * (1 - z)
    return hidden, hidden @ v.T + v0


def relative_error(value: Tensor, reference: Tensor, size: Tensor) -> float:
    return float((value - reference).abs().max() / size.abs().max().clamp(min=1))


@checked
@given(sizes, seeds)
def test_features_are_those_of_scikit_learn_in_the_same_order(n_inputs: int, seed: int) -> None:
    (x,) = random_tensors(seed, (7, n_inputs))
    features = quadratic_features(x)
    assert features.shape == (7, quadratic_feature_count(n_inputs))
    np.testing.assert_array_equal(features.numpy(), PolynomialFeatures(2).fit_transform(x.numpy()))


@checked
@given(sizes, sizes, scales, scales, seeds)
def test_hidden_layer_is_the_map_of_the_features(d: int, k: int, x_scale: float, w_scale: float, seed: int) -> None:
    x, weight, bias, v, v0 = random_tensors(seed, (9, d), (k, d), (k,), (1, k), (1,))
    x, weight = x * x_scale, weight * w_scale
    hidden, _ = reference_network(x, weight, bias, v, v0)
    assert relative_error(quadratic_features(x) @ hidden_map(weight, bias).T, hidden, hidden) < 1e-10


@checked
@given(sizes, sizes, st.integers(1, 4), scales, scales, seeds)
def test_network_is_linear_in_the_features(d: int, k: int, o: int, x_scale: float, w_scale: float, seed: int) -> None:
    x, weight, bias, v, v0 = random_tensors(seed, (9, d), (k, d), (k,), (o, k), (o,))
    x, weight = x * x_scale, weight * w_scale
    hidden, y = reference_network(x, weight, bias, v, v0)
    c = output_coefficients(weight, bias, v, v0)
    assert c.shape == (o, quadratic_feature_count(d))
    assert relative_error(quadratic_features(x) @ c.T, y, hidden) < 1e-10


@checked
@given(sizes, sizes, seeds)
def test_a_single_output_needs_no_axis(d: int, k: int, seed: int) -> None:
    weight, bias, v, v0 = random_tensors(seed, (k, d), (k,), (3, k), (3,))
    c = output_coefficients(weight, bias, v, v0)
    torch.testing.assert_close(output_coefficients(weight, bias, v[1], v0[1]), c[1], rtol=1e-12, atol=1e-12)


def test_output_bias_enters_the_constant_only() -> None:
    weight, bias, v = random_tensors(0, (4, 3), (4,), (2, 4))
    none, one = torch.zeros(2).double(), torch.ones(2).double()
    shift = output_coefficients(weight, bias, v, one) - output_coefficients(weight, bias, v, none)
    torch.testing.assert_close(shift, torch.eye(10, dtype=torch.float64)[:1].expand(2, 10))


@checked
@given(sizes, seeds)
def test_split_coefficients_give_the_same_function(d: int, seed: int) -> None:
    x, c = random_tensors(seed, (5, d), (2, quadratic_feature_count(d)))
    c0, c1, form = split_coefficients(c)
    assert torch.equal(form, form.transpose(1, 2))
    y = c0 + x @ c1.T + torch.einsum("ni,oij,nj->no", x, form, x)
    torch.testing.assert_close(y, quadratic_features(x) @ c.T, rtol=1e-12, atol=1e-12)


def test_a_change_of_the_form_moves_c_by_the_stated_norm() -> None:
    (c,) = random_tensors(3, (15,))
    _, _, form = split_coefficients(c)
    squares = form.square()
    norm = (squares.diagonal().sum() + 4 * squares.triu(1).sum()).sqrt()
    torch.testing.assert_close(torch.linalg.vector_norm(c[5:]), norm)
    assert norm <= math.sqrt(2) * torch.linalg.matrix_norm(form)


def test_features_and_maps_are_differentiable() -> None:
    x, weight, bias, v, v0 = (t.requires_grad_() for t in random_tensors(1, (3, 2), (4, 2), (4,), (2, 4), (2,)))
    assert torch.autograd.gradcheck(quadratic_features, x)
    assert torch.autograd.gradcheck(hidden_map, (weight, bias))
    assert torch.autograd.gradcheck(output_coefficients, (weight, bias, v, v0))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_dtype_and_leading_axes_are_kept(dtype: torch.dtype) -> None:
    x = torch.randn(2, 5, 3).to(dtype)
    features = quadratic_features(x)
    assert (features.shape, features.dtype) == ((2, 5, 10), dtype)
    assert torch.equal(features[1, 4], quadratic_features(x[1, 4]))
    assert hidden_map(x, x[..., 0]).shape == (2, 5, 10)
    assert hidden_map(x, x[..., 0]).dtype == dtype


def test_no_examples_give_no_features() -> None:
    assert quadratic_features(torch.zeros(0, 3)).shape == (0, 10)


@pytest.mark.parametrize("d", range(1, 40))
def test_counts_invert_each_other(d: int) -> None:
    assert quadratic_input_count(quadratic_feature_count(d)) == d
    assert len(product_multiplicities(d)) == quadratic_feature_count(d) - d - 1


@pytest.mark.parametrize("n_features", [-1, 0, 1, 2, 4, 7, 495])
def test_other_counts_are_refused(n_features: int) -> None:
    with pytest.raises(ValueError, match=rf"^{n_features} is not a number of quadratic features"):
        quadratic_input_count(n_features)


def test_features_too_large_for_memory_are_refused_with_their_size() -> None:
    x = torch.zeros(1, 1).expand(1000, 100_000)
    with pytest.raises(ValueError, match=r"1,000 examples with D = 100,000 need 18,627\.0 GiB, but this machine has"):
        quadratic_features(x)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: quadratic_features(torch.tensor(1.0)), r"x has shape \(\) .* allowed: floating \(..., D\)"),
        (lambda: quadratic_features(torch.zeros(3, 0)), r"x has shape \(3, 0\)"),
        (lambda: quadratic_features(torch.zeros(3, 2, dtype=torch.int64)), r"dtype torch.int64; allowed: floating"),
        (lambda: hidden_map(torch.zeros(3, 2), torch.zeros(2)), r"\(3, 2\) and \(2,\); allowed: \(..., K, D\)"),
        (
            lambda: output_coefficients(torch.zeros(3, 2), torch.zeros(3), torch.zeros(1, 2), torch.zeros(1)),
            r"\(3, 2\), \(1, 2\) and \(1,\); allowed: \(K, D\), \(O, K\) and \(O,\)",
        ),
        (lambda: split_coefficients(torch.zeros(7)), "7 is not a number of quadratic features"),
    ],
)
def test_wrong_shapes_are_named_in_one_line(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        call()
    assert "\n" not in str(error.value)
