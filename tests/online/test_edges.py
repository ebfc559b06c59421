from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from hw1_lightning.online import learners as online
from hw1_lightning.online.blocks import powers
from hw1_lightning.online.learners import logistic_steps, perceptron_steps
from hw1_lightning.online.mlp import mlp_steps
from tests.online.online_reference import parameters, pixels


@pytest.fixture(params=["compiled loops", "tensor products"], autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "tensor products":  # what runs on a GPU, here on the CPU
        monkeypatch.setattr(online, "in_compiled_loops", lambda weight: False)


def test_no_examples_change_nothing() -> None:
    inputs, targets = pixels(0, 3, 2, seed=0)
    weight, bias = torch.ones(2, 3), torch.ones(2)
    assert perceptron_steps(weight, bias, inputs, targets)[0].shape == (0,)
    assert logistic_steps(weight, bias, inputs, targets, learning_rate=1, l2_penalty=1).shape == (0,)
    assert logistic_steps(weight, bias, inputs, targets, learning_rate=1, l1_penalty=1).shape == (0,)
    weights, biases = [weight, torch.ones(2, 2)], [bias, torch.ones(2)]
    assert mlp_steps(weights, biases, inputs, targets, learning_rate=1, l2_penalty=1).shape == (0,)
    assert all(bool((tensor == 1).all()) for tensor in [*weights, *biases])


def test_floats_are_learned_as_the_bytes_they_stand_for() -> None:
    inputs, targets = pixels(30, 20, 3, seed=7)
    results = []
    for values, scale in ((inputs, 1 / 256), (inputs.double() / 256, 1.0)):
        weight, bias = torch.zeros(3, 20), torch.zeros(3)
        predictions, margins = perceptron_steps(weight, bias, values, targets, scale=scale)
        learned = [weight.clone(), bias.clone()]
        losses = logistic_steps(weight, bias, values, targets, learning_rate=0.01, scale=scale)
        results.append(([predictions, margins, *learned], [losses, weight, bias]))
    assert all(torch.equal(one, other) for one, other in zip(*(exact for exact, _ in results), strict=True))
    for one, other in zip(*(rounded for _, rounded in results), strict=True):  # loops are compiled for each dtype
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-6)


def test_zero_learning_rate_changes_nothing() -> None:
    inputs, targets = pixels(9, 3, 2, seed=0)
    weight, bias = torch.ones(2, 3), torch.ones(2)
    losses = logistic_steps(weight, bias, inputs, targets, learning_rate=0.0, l2_penalty=0.5)
    logistic_steps(weight, bias, inputs, targets, learning_rate=0.0, l1_penalty=0.5)
    weights, biases = [weight, torch.ones(2, 2)], [bias, torch.ones(2)]
    mlp_steps(weights, biases, inputs, targets, learning_rate=0.0, l2_penalty=0.5)
    assert torch.allclose(losses, torch.full((9,), float(np.log(2))))
    assert all(bool((tensor == 1).all()) for tensor in [*weights, *biases])


def test_a_single_class_is_always_right() -> None:
    inputs, targets = pixels(9, 3, 1, seed=0)
    weight, bias = torch.zeros(1, 3), torch.zeros(1)
    assert perceptron_steps(weight, bias, inputs, targets)[0].tolist() == [0] * 9
    assert logistic_steps(weight, bias, inputs, targets, learning_rate=1.0, scale=1 / 256).tolist() == [0] * 9
    assert not weight.any()
    assert not bias.any()


def test_a_perceptron_without_mistakes_does_not_change() -> None:
    inputs, targets = torch.eye(3).repeat(4, 1), torch.arange(3).repeat(4)
    weight, bias = torch.eye(3), torch.zeros(3)
    assert torch.equal(perceptron_steps(weight, bias, inputs, targets)[0], targets)
    assert torch.equal(weight, torch.eye(3))


def test_duplicated_examples_with_a_constant_feature_move_it_like_the_bias() -> None:
    inputs, targets = pixels(30, 5, 3, seed=1)
    inputs, targets = inputs.repeat_interleave(4, 0), targets.repeat_interleave(4)
    inputs[:, 0] = 1
    for learn in (perceptron_steps, partial(logistic_steps, learning_rate=1e-3, l2_penalty=1.0)):
        weight, bias = torch.zeros(3, 5, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
        learn(weight, bias, inputs, targets)
        torch.testing.assert_close(weight[:, 0], bias, rtol=1e-12, atol=1e-15)
        assert bias.any()


def test_weights_that_shrink_to_zero_within_a_block_do_not_become_nan() -> None:
    assert powers(0.0, 3).tolist() == [1, 0, 0, 0]
    assert powers(1e-5, 200)[-1] == 0
    inputs, targets = pixels(300, 4, 2, seed=2)
    weight, bias = torch.ones(2, 4), torch.ones(2)
    losses = logistic_steps(
        weight, bias, inputs, targets, learning_rate=1e-3, l2_penalty=999.9, scale=1 / 256, block_size=128
    )
    assert losses.isfinite().all()
    assert weight.abs().max() < 1e-2


def test_autocast_changes_nothing() -> None:
    inputs, targets = pixels(40, 50, 3, seed=5)
    runs = []
    for enabled in (False, True):
        weights, biases = parameters([50, 4, 3], seed=6, dtype=torch.float32)
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            mlp_steps(weights, biases, inputs, targets, learning_rate=0.01, scale=1 / 256)
            logistic_steps(weights[0], biases[0], inputs, targets % 2, learning_rate=0.01, scale=1 / 256)
        runs.append([*weights, *biases])
    assert all(torch.equal(one, other) for one, other in zip(*runs, strict=True))


def test_parameters_of_a_module_and_views_are_updated_in_place() -> None:
    inputs, targets = pixels(20, 6, 3, seed=3)
    layer = torch.nn.Linear(6, 3)
    pointer, before = layer.weight.data_ptr(), layer.weight.detach().clone()
    transposed = before.T.contiguous().T  # same values, not contiguous
    logistic_steps(layer.weight, bias := layer.bias.detach().clone(), inputs, targets, learning_rate=0.01)
    logistic_steps(transposed, layer.bias, inputs, targets, learning_rate=0.01)
    assert layer.weight.data_ptr() == pointer
    assert not torch.equal(layer.weight, before)
    torch.testing.assert_close(transposed, layer.weight.detach())
    torch.testing.assert_close(bias, layer.bias.detach())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"targets": torch.tensor([0, 3])}, r"targets must be in 0\.\.2, got 0\.\.3"),
        ({"targets": torch.tensor([0.0, 1.0])}, "targets must be int64 of shape"),
        ({"inputs": torch.ones(2, 5)}, r"inputs must have shape \(n, 4\), got \(2, 5\)"),
        ({"bias": torch.zeros(2)}, r"bias must have shape \(3,\)"),
        ({"weight": torch.zeros(3, 4, dtype=torch.float16)}, "weight must be float32 or float64, got torch.float16"),
        ({"learning_rate": -1.0}, "learning_rate must be a finite number of at least 0, got -1.0"),
        ({"l1_penalty": float("nan")}, "l1_penalty must be a finite number"),
        ({"block_size": 0}, "block_size must be at least 1, got 0"),
        ({"link": "probit"}, "link must be one of 'softmax', 'one_vs_rest', got 'probit'"),
    ],
)
def test_a_wrong_argument_is_named(change: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {
        "weight": torch.zeros(3, 4),
        "bias": torch.zeros(3),
        "inputs": torch.ones(2, 4),
        "targets": torch.tensor([0, 1]),
        "learning_rate": 0.1,
    }
    with pytest.raises(ValueError, match=message):
        logistic_steps(**(arguments | change))


def test_layers_of_an_mlp_that_do_not_match_are_refused() -> None:
    inputs, targets = pixels(2, 4, 3, seed=4)
    weights, biases = parameters([4, 5, 3], seed=4)
    with pytest.raises(ValueError, match="2 or more layers, got 1 and 1"):
        mlp_steps(weights[:1], biases[:1], inputs, targets, learning_rate=0.1)
    with pytest.raises(ValueError, match=r"weights\[1\] must have shape \(3, 5\)"):
        mlp_steps([weights[0], torch.zeros(3, 6)], biases, inputs, targets, learning_rate=0.1)
    with pytest.raises(ValueError, match="activation must be one of 'relu', 'tanh', got 'gelu'"):
        mlp_steps(weights, biases, inputs, targets, learning_rate=0.1, activation="gelu")  # type: ignore[arg-type]
