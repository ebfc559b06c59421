"""The closed-form gradient compared with autograd: the same numbers and random draws."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from hw1_lightning.training.softmax_network import SoftmaxNetworkGradient

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}


def network(sizes: list[int], activation: str, dropout: float, dtype: torch.dtype = torch.float64) -> nn.Sequential:
    layers: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes[:-1]):
        layers += [nn.Linear(fan_in, fan_out), ACTIVATIONS[activation](), nn.Dropout(dropout)]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1])).to(dtype)


def linear(module: nn.Sequential) -> list[nn.Linear]:
    return [layer for layer in module if isinstance(layer, nn.Linear)]


@settings(max_examples=60)
@given(
    hidden=st.lists(st.integers(1, 9), max_size=3),
    ends=st.tuples(st.integers(1, 7), st.integers(1, 6)),
    batch=st.integers(1, 12),
    activation=st.sampled_from(sorted(ACTIVATIONS)),
    dropout=st.sampled_from([0.0, 0.25, 0.9]),
    scale=st.sampled_from([1.0, 1 / 256, 0.3]),
    seed=st.integers(0, 100),
)
def test_loss_and_gradient_are_autograds(
    hidden: list[int],
    ends: tuple[int, int],
    batch: int,
    activation: str,
    dropout: float,
    scale: float,
    seed: int,
) -> None:
    torch.manual_seed(seed)
    module = network([ends[0], *hidden, ends[1]], activation, dropout)
    inputs = torch.randn(batch, ends[0], dtype=torch.float64)
    targets = torch.randint(0, ends[1], (batch,))
    state = torch.get_rng_state()
    expected = nn.functional.cross_entropy(module(inputs * scale), targets)
    expected.backward()
    gradients = [parameter.grad.clone() for parameter in module.parameters() if parameter.grad is not None]
    drawn = torch.get_rng_state()

    torch.set_rng_state(state)
    loss = SoftmaxNetworkGradient(linear(module), activation, dropout, scale)(inputs, targets)
    assert torch.equal(torch.get_rng_state(), drawn), "the same random draws"
    assert loss.item() == pytest.approx(expected.item(), rel=1e-12)
    for parameter, gradient in zip(module.parameters(), gradients, strict=True):
        assert parameter.grad is not None
        assert torch.allclose(parameter.grad, gradient, rtol=1e-10, atol=1e-13)


def test_one_layer_by_hand() -> None:
    layer = nn.Linear(2, 2)
    layer.weight.data, layer.bias.data = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.zeros(2)
    loss = SoftmaxNetworkGradient([layer], scale=0.5)(torch.tensor([[2.0, 2.0]]), torch.tensor([0]))
    assert loss.item() == pytest.approx(math.log(2))  # scores 1 and 1: each class has probability one half
    assert layer.weight.grad is not None
    assert layer.bias.grad is not None
    assert layer.weight.grad.tolist() == [[-0.5, -0.5], [0.5, 0.5]]
    assert layer.bias.grad.tolist() == [-0.5, 0.5]


def test_scaling_by_a_power_of_two_is_bit_identical() -> None:
    torch.manual_seed(0)
    module = network([50, 6], "relu", 0.0, torch.float32)
    inputs, targets = torch.randint(0, 256, (32, 50)).float(), torch.randint(0, 6, (32,))
    SoftmaxNetworkGradient(linear(module))(inputs / 256, targets)
    expected = linear(module)[0].weight.grad
    assert expected is not None
    expected = expected.clone()
    SoftmaxNetworkGradient(linear(module), scale=1 / 256)(inputs, targets)
    assert torch.equal(linear(module)[0].weight.grad, expected)  # type: ignore[arg-type] # it has one


def test_weights_keep_their_values_and_shapes_and_a_loaded_state_reaches_them() -> None:
    torch.manual_seed(0)
    module, other = (network([5, 4, 3], "relu", 0.0) for _ in range(2))
    before = {name: value.clone() for name, value in module.state_dict().items()}
    gradient = SoftmaxNetworkGradient(linear(module))
    for name, value in module.state_dict().items():
        assert torch.equal(value, before[name])
    module.load_state_dict(other.state_dict())
    inputs, targets = torch.randn(6, 5, dtype=torch.float64), torch.tensor([0, 1, 2, 0, 1, 2])
    expected = nn.functional.cross_entropy(other(inputs), targets).item()
    assert gradient(inputs, targets).item() == pytest.approx(expected, rel=1e-12)
