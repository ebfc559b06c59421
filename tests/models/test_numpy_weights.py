"""``init: numpy``: the weights that the course's scripts draw."""

import numpy as np
import pytest
import torch
from torch import nn

from hw1_lightning.models import MLP


def made(sizes: list[int], seed: int = 42) -> tuple[MLP, list[nn.Linear]]:
    torch.manual_seed(seed)
    model = MLP(input_shape=(7, 3), num_classes=5, hidden_sizes=sizes, init="numpy")
    return model, [layer for layer in model.layers if isinstance(layer, nn.Linear)]


@pytest.mark.parametrize("sizes", [[100], [3, 9, 4]])
def test_weights_are_drawn_layer_by_layer(sizes: list[int]) -> None:
    model, layers = made(sizes)
    generator = np.random.RandomState(42)
    for layer in layers:
        expected = generator.normal(0.1, 0.1, (layer.out_features, layer.in_features))
        assert np.array_equal(layer.weight.detach().numpy(), expected.astype(np.float32))
        assert not layer.bias.any()
    assert model.numpy_draws == sum(layer.weight.numel() for layer in layers)
    model.double()
    generator = np.random.RandomState(42)
    for layer in layers:
        expected = generator.normal(0.1, 0.1, (layer.out_features, layer.in_features))
        assert np.array_equal(layer.weight.detach().numpy(), expected), "all digits of float64"


def test_other_initialisations_draw_nothing_from_numpy() -> None:
    before = np.random.get_state(legacy=False)["state"]["pos"]
    assert MLP(input_shape=(7,), num_classes=5, init="normal").numpy_draws == 0
    assert made([4])[0].numpy_draws > 0
    assert np.random.get_state(legacy=False)["state"]["pos"] == before, "the generator of the process is left alone"


def test_trained_weights_keep_their_values_in_float64() -> None:
    model, layers = made([4, 6])
    with torch.no_grad():
        layers[0].weight[0, 0] += 1
        layers[2].weight.mul_(0.5)
    values = [layer.weight.detach().clone() for layer in layers]
    for layer, value in zip(layers, values, strict=True):
        model.double()
        if layer is not layers[1]:  # the only one that is still as drawn
            assert torch.equal(layer.weight, value.double())


def test_a_seed_of_torch_may_have_more_than_32_bits() -> None:
    assert torch.equal(made([4], seed=2**32 + 1)[1][0].weight, made([4], seed=1)[1][0].weight)
