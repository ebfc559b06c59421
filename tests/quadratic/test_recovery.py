import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from hw1_lightning.quadratic.features import (
    output_coefficients,
    product_multiplicities,
    quadratic_feature_count,
    quadratic_features,
    split_coefficients,
)
from hw1_lightning.quadratic.recovery import exact_hidden_size, form_distance, recover_parameters

checked = settings(max_examples=50)
sizes = st.integers(1, 6)
outputs = st.integers(1, 4)
seeds = st.integers(0, 2**31)
spectra = st.sampled_from(["random", "zero", "rank one", "singular", "indefinite", "ill-conditioned"])
linears = st.sampled_from(["random", "zero", "in range"])


def spectrum(kind: str, n_inputs: int) -> Tensor:
    values = torch.linspace(0.5, 2, n_inputs, dtype=torch.float64)
    if kind == "zero":
        return 0 * values
    if kind == "rank one":
        values[1:] = 0
    if kind == "singular":
        values[0] = 0
    if kind == "indefinite":
        values[::2] *= -1
    if kind == "ill-conditioned":
        values *= torch.logspace(0, -12, n_inputs, dtype=torch.float64)
    return values


def coefficients(kind: str, linear: str, n_inputs: int, n_outputs: int, seed: int) -> Tensor:
    """Random c whose quadratic forms have a spectrum of this kind, shape (O, M)."""
    generator = torch.Generator().manual_seed(seed)
    c = torch.randn(n_outputs, quadratic_feature_count(n_inputs), generator=generator, dtype=torch.float64)
    for row in c:
        if kind != "random":
            q = torch.linalg.qr(torch.randn(n_inputs, n_inputs, generator=generator, dtype=torch.float64)).Q
            set_form(row, q @ spectrum(kind, n_inputs).diag() @ q.T)
        if linear == "zero":
            row[1 : 1 + n_inputs] = 0
        if linear == "in range":
            row[1 : 1 + n_inputs] = split_coefficients(row)[2] @ row[1 : 1 + n_inputs]
    return c


def set_form(c: Tensor, form: Tensor) -> None:
    n_inputs = len(form)
    rows, columns = torch.triu_indices(n_inputs, n_inputs)
    c[1 + n_inputs :] = form[rows, columns] * product_multiplicities(n_inputs)


def distance(c: Tensor, hidden_size: int, tolerance: float) -> float:
    network = recover_parameters(c, hidden_size, tolerance)
    assert network.weight.shape[0] == hidden_size
    return float(torch.linalg.vector_norm(output_coefficients(*network) - c))


@checked
@given(spectra, linears, sizes, st.integers(0, 3), st.sampled_from([1e-3, 1e-6]), seeds)
def test_every_c_is_reached_once_there_are_as_many_units_as_inputs(
    kind: str, linear: str, d: int, more: int, tolerance: float, seed: int
) -> None:
    c = coefficients(kind, linear, d, 1, seed)
    assert distance(c, d + more, tolerance) < tolerance


@checked
@given(spectra, linears, sizes, outputs, st.integers(0, 3), seeds)
def test_several_outputs_need_units_of_their_own_or_a_shared_set(
    kind: str, linear: str, d: int, o: int, more: int, seed: int
) -> None:
    c = coefficients(kind, linear, d, o, seed)
    assert distance(c, min(o * d, d * (d + 3) // 2) + more, 1e-5) < 1e-5


@checked
@given(spectra, linears, sizes, outputs, st.integers(0, 2), st.sampled_from([1e-6, 1.0, 1e6]), seeds)
def test_recovery_is_exact_and_well_conditioned_with_exact_hidden_size(
    kind: str, linear: str, d: int, o: int, more: int, scale: float, seed: int
) -> None:
    c = scale * coefficients(kind, linear, d, o, seed)
    hidden_size = exact_hidden_size(d, o) + more
    size = float(torch.linalg.vector_norm(c)) + 1e-300
    assert distance(c, hidden_size, max(1e-12 * size, 1e-300)) <= 1e-12 * size
    bias = recover_parameters(c, hidden_size, max(1e-12 * size, 1e-300)).bias
    assert set(bias.tolist()) <= {0.0, 0.5, 1.0}


@checked
@given(st.sampled_from(["random", "indefinite", "zero"]), sizes, outputs, seeds)
def test_recovered_network_predicts_what_c_predicts(kind: str, d: int, o: int, seed: int) -> None:
    c = coefficients(kind, "random", d, o, seed)
    weight, bias, v, v0 = recover_parameters(c, exact_hidden_size(d, o), 1e-10)
    x = torch.randn(20, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    z = x @ weight.T + bias
    torch.testing.assert_close(z * (1 - z) @ v.T + v0, quadratic_features(x) @ c.T, rtol=1e-10, atol=1e-10)


@checked
@given(st.integers(2, 6), seeds)
def test_a_nonsingular_form_is_attained_with_exactly_d_units(d: int, seed: int) -> None:
    c = coefficients("indefinite", "random", d, 1, seed)
    assert distance(c, d, 1e-11) < 1e-12 * float(torch.linalg.vector_norm(c))


@checked
@given(st.integers(2, 6), seeds)
def test_a_singular_form_is_approached_with_d_units_and_attained_with_one_more(d: int, seed: int) -> None:
    c = coefficients("singular", "random", d, 1, seed)
    assert 1e-5 < distance(c, d, 1e-3) < 1e-3
    assert distance(c, d + 1, 1e-3) < 1e-12


@checked
@given(st.integers(2, 6), seeds)
def test_a_singular_form_with_its_linear_part_in_range_is_attained_with_rank_many_units(d: int, seed: int) -> None:
    c = coefficients("singular", "in range", d, 1, seed)
    assert distance(c, d - 1, 1e-3) < 1e-12


@checked
@given(st.integers(2, 8), st.integers(1, 7))
def test_identity_form_keeps_the_distance_sqrt_d_minus_k(d: int, k: int) -> None:
    k = min(k, d - 1)
    identity, truncated = torch.zeros(2, quadratic_feature_count(d), dtype=torch.float64)
    set_form(identity, torch.eye(d, dtype=torch.float64))
    with pytest.raises(
        ValueError, match=rf"hidden_size={k} is too small: this c takes {d} units; .*distance of at least"
    ) as e:
        recover_parameters(identity, k, 1e-6)
    assert float(str(e.value).split()[-1]) == pytest.approx(math.sqrt(d - k), rel=1e-5)
    # K units attain that distance, in the Frobenius norm of S and in the Euclidean norm of c alike.
    set_form(truncated, torch.diag((torch.arange(d) < k).double()))
    reached = output_coefficients(*recover_parameters(truncated, k, 1e-9))
    assert float(torch.linalg.vector_norm(reached - identity)) == pytest.approx(math.sqrt(d - k), rel=1e-9)


@checked
@given(st.integers(2, 5), outputs, st.integers(1, 4), seeds)
def test_no_network_comes_nearer_than_the_stated_distance(d: int, o: int, k: int, seed: int) -> None:
    forms = split_coefficients(coefficients("random", "random", d, o, seed))[2]
    weight = torch.randn(k, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    # The best v for these W leaves a least-squares residual.
    products, wanted = torch.einsum("ki,kj->ijk", weight, weight).flatten(0, 1), forms.flatten(1).T
    v = torch.linalg.lstsq(products, wanted, driver="gelsd").solution
    assert torch.linalg.matrix_norm(products @ v - wanted) >= form_distance(forms, k) - 1e-9


def test_a_linear_part_out_of_range_takes_one_unit_more_than_the_rank() -> None:
    c = torch.zeros(10, dtype=torch.float64)
    set_form(c, torch.diag(torch.tensor([1.0, 1.0, 0.0], dtype=torch.float64)))
    assert distance(c, 2, 1e-9) < 1e-9
    c[3] = 1
    with pytest.raises(ValueError, match="takes 3 units, because of linear parts outside the range"):
        recover_parameters(c, 2, 1e-6)


def test_too_few_units_for_several_outputs_names_what_would_do() -> None:
    c = torch.zeros(2, 15, dtype=torch.float64)
    set_form(c[0], torch.eye(4, dtype=torch.float64))
    set_form(c[1], torch.diag(torch.arange(4).double()))
    with pytest.raises(ValueError, match=r"2 outputs take 4 \+ 3 separate units, or D\(D\+3\)/2 = 14 shared ones"):
        recover_parameters(c, 6, 1e-6)
    assert distance(c, 7, 1e-9) < 1e-9


def test_dtype_and_missing_output_axis_are_kept() -> None:
    c = torch.randn(15, generator=torch.Generator().manual_seed(0))
    network = recover_parameters(c, 6, 1e-5)
    assert {p.dtype for p in network} == {torch.float32}
    assert (network.output_weight.shape, network.output_bias.shape) == ((6,), ())


@pytest.mark.parametrize(
    ("c", "hidden_size", "tolerance", "message"),
    [
        (torch.zeros(6), 0, 1e-6, "hidden_size is 0 and tolerance is 1e-06; both must be positive"),
        (torch.zeros(6), 2, 0.0, "tolerance is 0.0; both must be positive"),
        (torch.zeros(6), 2, math.nan, "tolerance is nan; both must be positive"),
        (torch.zeros(7), 2, 1e-6, "7 is not a number of quadratic features"),
        (torch.zeros(1, 2, 6), 2, 1e-6, r"c has shape \(1, 2, 6\); allowed: \(O, M\) or \(M,\)"),
        (torch.full((6,), math.inf), 2, 1e-6, "with finite values only"),
        (torch.arange(6) / 7, 4, 1e-12, "tolerance=1e-12 is beyond torch.float32 with hidden_size=4: .* misses c by"),
    ],
)
def test_bad_arguments_are_named_in_one_line(c: Tensor, hidden_size: int, tolerance: float, message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        recover_parameters(c, hidden_size, tolerance)
    assert "\n" not in str(error.value)
