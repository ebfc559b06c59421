from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from hw1_lightning.online.mlp import Activation, mlp_steps
from hw1_lightning.online.rules import one_vs_rest_error, softmax_error
from tests.online import online_reference as reference
from tests.online.online_reference import Array, close, copies, parameters, pixels

activations = st.sampled_from(["relu", "tanh"])


@pytest.mark.parametrize("block_size", [1, 2, 7, 64, 128, 600])
@pytest.mark.parametrize("hidden", [[10], [9, 6]])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("l2_penalty", [0.0, 0.3])
def test_mlp_is_the_single_example_loop(
    block_size: int, hidden: list[int], activation: Activation, l2_penalty: float
) -> None:
    compare_mlp(600, [40, *hidden, 4], 1, (0.05, l2_penalty), activation, block_size)


def compare_mlp(
    n: int,
    sizes: list[int],
    seed: int,
    rates: tuple[float, float],
    activation: Activation,
    block_size: int,
    relative: float = 1e-9,
) -> None:
    """Compare losses and parameters with those of the loop."""
    inputs, targets = pixels(n, sizes[0], sizes[-1], seed)
    weights, biases = parameters(sizes, seed)
    wanted, wanted_biases = copies(weights), copies(biases)
    expected = reference.mlp(wanted, wanted_biases, inputs.numpy() / 256, targets.numpy(), *rates, activation)
    named: dict[str, Any] = dict(zip(("learning_rate", "l2_penalty"), rates, strict=True))
    options = {"activation": activation, "scale": 1 / 256, "block_size": block_size, **named}
    losses = mlp_steps(weights, biases, inputs, targets, **options)
    for ours, theirs in zip([losses, *weights, *biases], [expected, *wanted, *wanted_biases], strict=True):
        assert close(ours, theirs, relative)


@settings(max_examples=40)
@given(
    st.integers(0, 30),
    st.integers(1, 20),
    st.integers(1, 8),
    st.integers(1, 4),
    st.integers(1, 40),
    st.floats(0, 0.5),
    st.floats(0, 2),
    activations,
    st.integers(0, 2**31),
)
def test_mlp_for_any_shape_and_rate(
    n: int, features: int, hidden: int, classes: int, block: int, rate: float, l2: float, act: Activation, seed: int
) -> None:
    compare_mlp(n, [features, hidden, classes], seed, (rate, l2), act, block, 1e-7)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("hidden", [[5], [5, 4]])
def test_one_step_follows_the_gradient_of_autograd(activation: Activation, hidden: list[int]) -> None:
    inputs, targets = pixels(1, 12, 3, seed=5)
    weights, biases = parameters([12, *hidden, 3], seed=6)
    leaves = [tensor.clone().requires_grad_() for tensor in [*weights, *biases]]
    outputs = inputs.double() / 256
    for weight, bias in zip(leaves[: len(weights)], leaves[len(weights) :], strict=True):
        z = outputs @ weight.T + bias
        outputs = torch.tanh(z) if activation == "tanh" else torch.relu(z)
    loss = nn.functional.cross_entropy(z, targets)
    gradients = torch.autograd.grad(loss, leaves)
    losses = mlp_steps(weights, biases, inputs, targets, learning_rate=1.0, activation=activation, scale=1 / 256)
    assert losses.item() == pytest.approx(loss.item(), rel=1e-12)
    for after, before, gradient in zip([*weights, *biases], leaves, gradients, strict=True):
        torch.testing.assert_close(before.detach() - after, gradient, rtol=1e-9, atol=1e-12)


def binary_cross_entropies(scores: Tensor, target: int) -> Tensor:
    wanted = nn.functional.one_hot(torch.tensor(target), len(scores)).to(scores.dtype)
    return nn.functional.binary_cross_entropy_with_logits(scores, wanted, reduction="sum")


def cross_entropy(scores: Tensor, target: int) -> Tensor:
    return nn.functional.cross_entropy(scores[None], torch.tensor([target]))


@settings(max_examples=60)
@given(
    st.lists(st.floats(-1000, 1000), min_size=1, max_size=6),
    st.integers(0, 5),
    st.sampled_from([(softmax_error, cross_entropy), (one_vs_rest_error, binary_cross_entropies)]),
)
def test_losses_and_their_gradients_are_those_of_torch_however_large_the_scores(
    scores: list[float],
    target: int,
    pair: tuple[Callable[[Array, int, Array], float], Callable[[Tensor, int], Tensor]],
) -> None:
    ours, theirs = pair
    leaf, error = torch.tensor(scores, dtype=torch.float64, requires_grad=True), np.empty(len(scores))
    expected = theirs(leaf, target % len(scores))
    (gradient,) = torch.autograd.grad(expected, leaf)
    loss = ours(np.array(scores), target % len(scores), error)
    assert loss == pytest.approx(expected.item(), rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(error, gradient.numpy(), rtol=1e-9, atol=1e-12)
