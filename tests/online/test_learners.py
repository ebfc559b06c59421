import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from hw1_lightning.online import learners as online
from hw1_lightning.online.learners import Link, logistic_steps, perceptron_steps
from tests.online import online_reference as reference
from tests.online.online_reference import close, copies, parameters, pixels

BLOCKS = [None, 1, 2, 7, 64, 128, 600]  # 600 examples: 7, 64 and 128 leave a shorter last block
PENALTIES = [(0.0, 0.0), (0.3, 0.0), (0.0, 0.02), (0.3, 0.02)]
links = st.sampled_from(["softmax", "one_vs_rest"])
checked = settings(max_examples=40)


@pytest.fixture(params=["compiled loops", "tensor products"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "tensor products":  # what runs on a GPU, here on the CPU
        monkeypatch.setattr(online, "in_compiled_loops", lambda weight: False)
    return str(request.param)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("block_size", BLOCKS)
def test_perceptron_is_the_single_example_loop_bit_for_bit(dtype: torch.dtype, block_size: int | None) -> None:
    inputs, targets = pixels(600, 300, 5, seed=1)
    inputs //= 2  # so that no partial sum, in whatever order, exceeds what float32 holds exactly
    weight, bias = torch.zeros(5, 300, dtype=dtype), torch.zeros(5, dtype=dtype)
    expected_weight, expected_bias = np.zeros((5, 300)), np.zeros(5)
    expected, expected_losses = reference.perceptron(
        expected_weight, expected_bias, inputs.numpy() / 256, targets.numpy()
    )
    predictions, losses = perceptron_steps(weight, bias, inputs, targets, scale=1 / 256, block_size=block_size)
    assert 100 < (expected != targets.numpy()).sum() < 500
    assert torch.equal(predictions, torch.from_numpy(expected))
    assert torch.equal(losses, torch.from_numpy(expected_losses).to(dtype))
    assert torch.equal(weight.double(), torch.from_numpy(expected_weight))
    assert torch.equal(bias.double(), torch.from_numpy(expected_bias))


@pytest.mark.usefixtures("engine")
def test_perceptron_in_float32_decides_near_ties_as_exact_sums_do() -> None:
    inputs = torch.full((3, 4000), 255, dtype=torch.uint8)
    inputs[1:, 0] = 254
    start = torch.full((2, 4000), 1000.0)
    start[1, -1] += 2**-8  # a difference far below the rounding of float32 sums near 4e6
    weight, bias, ones = start.clone(), torch.zeros(2), torch.ones(3, dtype=torch.int64)
    assert perceptron_steps(weight, bias, inputs, ones, scale=1 / 256)[0].tolist() == [1, 1, 1]
    assert torch.equal(weight, start)


@pytest.mark.parametrize("seed", range(20))
def test_sums_that_are_equal_are_a_tie_however_float32_rounds_them(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randint(-256_000, 256_000, (2, 4000), generator=generator) / 256
    weight[1] = weight[0][torch.randperm(4000, generator=generator)]
    ones = torch.full((1, 4000), 255, dtype=torch.uint8)
    assert perceptron_steps(weight, torch.zeros(2), ones, torch.tensor([0]), scale=1 / 256)[0].item() == 0


@pytest.mark.parametrize("seed", range(20))
def test_ties_are_found_with_weights_that_grew_in_the_same_call(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    first, second = torch.randint(-2560, 2560, (2, 2000), generator=generator) / 256
    one = torch.ones(1)
    # The mistake on the first example, x, makes the weights -x, x, 0 and the biases -1, 1, 0. The product of the last
    # example with x is -1, so that all its scores are 0; the examples between them are zeros, and no mistakes.
    examples = torch.zeros(5, 4001)
    examples[0], examples[4] = (torch.cat(parts) for parts in ([first, second, one], [second, -first, -one]))
    targets = torch.tensor([1, 1, 1, 1, 0])
    assert perceptron_steps(torch.zeros(3, 4001), torch.zeros(3), examples, targets)[0].tolist() == [0, 1, 1, 1, 0]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("link", ["softmax", "one_vs_rest"])
@pytest.mark.parametrize(("l2_penalty", "l1_penalty"), PENALTIES)
@pytest.mark.parametrize("block_size", BLOCKS)
def test_logistic_is_the_single_example_loop(
    link: Link, l2_penalty: float, l1_penalty: float, block_size: int | None
) -> None:
    weight, expected = compare_logistic((600, 75, 4), 2, (0.05, l2_penalty, l1_penalty), link, block_size)
    assert torch.equal(weight == 0, torch.from_numpy(expected == 0))
    assert bool((weight == 0).any()) == (l1_penalty > 0)


def compare_logistic(
    sizes: tuple[int, int, int],
    seed: int,
    rates: tuple[float, float, float],
    link: Link,
    block_size: int | None,
    relative: float = 1e-9,
) -> tuple[Tensor, reference.Array]:
    """Compare losses, weights and biases with those of the loop; return the weights of both."""
    inputs, targets = pixels(*sizes, seed)
    (weight,), (bias,) = parameters(list(sizes[1:]), seed)
    expected_weight, expected_bias = copies([weight, bias])
    expected = reference.logistic(expected_weight, expected_bias, inputs.numpy() / 256, targets.numpy(), *rates, link)
    named = dict(zip(("learning_rate", "l2_penalty", "l1_penalty"), rates, strict=True))
    options: dict[str, Any] = {"link": link, "scale": 1 / 256, "block_size": block_size, **named}
    losses = logistic_steps(weight, bias, inputs, targets, **options)
    assert close(losses, expected, relative)
    assert close(weight, expected_weight, relative)
    assert close(bias, expected_bias, relative)
    return weight, expected_weight


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("link", ["softmax", "one_vs_rest"])
def test_float32_learns_what_float64_learns(link: Link) -> None:
    inputs, targets = pixels(600, 75, 4, seed=4)
    weight, bias = torch.zeros(4, 75), torch.zeros(4)
    expected = [torch.zeros(4, 75).double(), torch.zeros(4).double()]
    for w, b in ((weight, bias), expected):
        logistic_steps(w, b, inputs, targets, learning_rate=0.05, l2_penalty=0.1, link=link, scale=1 / 256)
    assert close(weight.double(), expected[0].numpy(), 1e-4)
    assert close(bias.double(), expected[1].numpy(), 1e-4)


@checked
@given(
    st.integers(0, 40),
    st.integers(1, 40),
    st.integers(1, 5),
    st.integers(1, 50),
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from([0.0, 0.1]),
    links,
    st.integers(0, 2**31),
)
def test_logistic_for_any_shape_and_rate(
    n: int, n_features: int, n_classes: int, block: int, rate: float, l2: float, l1: float, link: Link, seed: int
) -> None:
    compare_logistic((n, n_features, n_classes), seed, (rate, l2, l1), link, block, 1e-7)


@checked
@given(
    st.integers(0, 40),
    st.integers(1, 1300),
    st.integers(1, 5),
    st.one_of(st.none(), st.integers(1, 50)),
    st.sampled_from([16, 256]),
    st.integers(0, 2**31),
)
def test_perceptron_for_any_shape(
    n: int, n_features: int, n_classes: int, block: int | None, levels: int, seed: int
) -> None:
    inputs, targets = pixels(n, n_features, n_classes, seed)
    inputs //= 256 // levels
    weight, bias = torch.zeros(n_classes, n_features), torch.zeros(n_classes)
    expected_weight, expected_bias = copies([weight.double(), bias.double()])
    expected, expected_losses = reference.perceptron(
        expected_weight, expected_bias, inputs.numpy() / 16, targets.numpy()
    )
    predictions, losses = perceptron_steps(weight, bias, inputs, targets, scale=1 / 16, block_size=block)
    assert torch.equal(predictions, torch.from_numpy(expected))
    assert torch.equal(weight.double(), torch.from_numpy(expected_weight))
    assert torch.equal(bias.double(), torch.from_numpy(expected_bias))
    assert losses.dtype == weight.dtype
    # Scores are multiples of 2^-8. With 16 levels they stay below 40 * 1300 * 15^2 of them (and 40 * 2^8 of the bias),
    # which float32 holds exactly (2^24). With 256 levels scores near 2^17 round, by the processor's order of additions.
    if levels == 16:
        assert torch.equal(losses, torch.from_numpy(expected_losses).float())


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("block_size", [1, 8, 40])
def test_losses_of_the_perceptron_round_no_more_than_its_scores(block_size: int) -> None:
    inputs, targets = pixels(40, 1300, 3, seed=0)
    weight, bias = torch.zeros(3, 1300), torch.zeros(3)
    expected_weight, expected_bias = copies([weight.double(), bias.double()])
    values = inputs.numpy() / 16
    _, expected = reference.perceptron(expected_weight, expected_bias, values, targets.numpy())
    _, losses = perceptron_steps(weight, bias, inputs, targets, scale=1 / 16, block_size=block_size)
    largest = (np.abs(expected_weight) @ values.T).max()
    assert largest > 2**24 / 256, "float32 does not hold the scores exactly"
    np.testing.assert_allclose(losses.numpy(), expected, rtol=1e-6, atol=1e-6 * largest)


def test_importing_the_learners_does_not_import_numba() -> None:
    modules = "hw1_lightning.online.learners, hw1_lightning.online.mlp"
    code = f"import sys, {modules}; print('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
