import numpy as np
import pytest
import torch
from torch import nn

from hw1_lightning.errors import InputError
from hw1_lightning.models import MLP, LogisticRegression


def test_logistic_regression_is_one_linear_layer_initialised_as_torchs() -> None:
    torch.manual_seed(1)
    model = LogisticRegression(input_shape=(2, 3), num_classes=4)
    torch.manual_seed(1)
    layer = nn.Linear(6, 4)
    inputs = torch.randn(5, 2, 3)
    assert torch.equal(model(inputs), layer(inputs.flatten(1)))


def test_one_vs_rest_loss_is_the_sum_of_binary_cross_entropies() -> None:
    model = LogisticRegression(input_shape=(2,), num_classes=3, link="one_vs_rest")
    scores = torch.randn(7, 3, dtype=torch.float64)
    targets = torch.tensor([0, 1, 2, 0, 1, 2, 2])
    s, y = scores.numpy(), np.eye(3)[targets.numpy()]
    p = 1 / (1 + np.exp(-s))
    by_hand = -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(1).mean()
    assert model.loss(scores, targets).item() == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize("link", ["softmax", "one_vs_rest"])
def test_probabilities_sum_to_one_and_keep_the_order_of_the_scores(link: str) -> None:
    model = LogisticRegression(input_shape=(2,), num_classes=3, link=link)  # type: ignore[arg-type]
    scores = torch.randn(7, 3)
    probabilities = model.probabilities(scores)
    assert torch.allclose(probabilities.sum(1), torch.ones(7))
    assert torch.equal(probabilities.argsort(1), scores.argsort(1))


def test_raw_images_are_scaled_as_the_course_does() -> None:
    model = LogisticRegression(input_shape=(2, 2, 3), num_classes=2, input_scale=1 / 256)
    images = torch.randint(0, 256, (4, 2, 2, 3), dtype=torch.uint8)
    assert torch.equal(model.features(images), images.reshape(4, 12).float() / 256)


@pytest.mark.parametrize(("activation", "function"), [("relu", torch.relu), ("tanh", torch.tanh)])
def test_mlp_by_hand(activation: str, function: object) -> None:
    model = MLP(input_shape=(3,), num_classes=2, hidden_sizes=[4, 5], activation=activation).eval()  # type: ignore[arg-type]
    first, second, last = (module for module in model.layers if isinstance(module, nn.Linear))
    x = torch.randn(6, 3)
    h = x
    for layer in (first, second):
        h = function(h @ layer.weight.T + layer.bias)  # type: ignore[operator]
    assert torch.allclose(model(x), h @ last.weight.T + last.bias, atol=1e-6)


def test_dropout_zeroes_that_share_of_hidden_units_in_training_only() -> None:
    torch.manual_seed(0)
    model = MLP(input_shape=(3,), num_classes=2, hidden_sizes=[20000], dropout=0.25)
    linear, activation, drop, _ = model.layers
    x = torch.ones(1, 3)
    hidden = activation(linear(x))
    active = hidden > 0
    dropped = (drop(hidden)[active] == 0).float().mean().item()
    assert dropped == pytest.approx(0.25, abs=0.02)
    assert torch.equal(drop.eval()(hidden), hidden)


def test_normal_initialisation_has_the_course_mean_and_deviation() -> None:
    torch.manual_seed(0)
    model = MLP(input_shape=(200,), num_classes=10, hidden_sizes=[300], init="normal")
    for layer in (module for module in model.layers if isinstance(module, nn.Linear)):
        weight = layer.weight.detach()
        assert weight.mean().item() == pytest.approx(0.1, abs=5 * 0.1 / weight.numel() ** 0.5)
        assert weight.std().item() == pytest.approx(0.1, rel=0.05)
        assert not layer.bias.any()


@pytest.mark.parametrize("sizes", [[], [0], [10, -1]])
def test_an_mlp_without_hidden_units_is_refused(sizes: list[int]) -> None:
    with pytest.raises(InputError, match="hidden_sizes"):
        MLP(input_shape=(3,), num_classes=2, hidden_sizes=sizes)


def test_dropout_above_one_is_refused() -> None:
    with pytest.raises(InputError, match=r"dropout is 1.5; it must be from 0 to 1"):
        MLP(input_shape=(3,), num_classes=2, dropout=1.5)
