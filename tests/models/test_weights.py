import numpy as np
import pytest
import torch
from torch import nn

from hw1_lightning.models.weights import weight_l2_norm, zero_fraction


def test_weight_l2_norm_is_that_of_all_weights_at_once() -> None:
    first, second = nn.Linear(5, 4), nn.Linear(4, 3)
    model = nn.Sequential(first, nn.ReLU(), second)
    weights, biases = [first.weight, second.weight], [first.bias, second.bias]
    for with_biases, values in ((False, weights), (True, weights + biases)):
        flat = np.concatenate([value.detach().numpy().ravel() for value in values])
        assert weight_l2_norm(model, with_biases).item() == pytest.approx(np.linalg.norm(flat), rel=1e-6)


def test_a_module_without_weights_is_refused() -> None:
    with pytest.raises(ValueError, match="ReLU has no weight matrix"):
        weight_l2_norm(nn.ReLU())


def test_zero_fraction_counts_exact_zeros_only() -> None:
    assert zero_fraction(torch.tensor([[0.0, -0.0], [1e-38, 1.0]])).item() == pytest.approx(2 / 4)
