"""Minibatches and scores of linear models in compiled loops, next to torch's own operations in float64."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from hw1_lightning.models import LogisticRegression, Perceptron
from hw1_lightning.models.linear import LinearClassifier
from hw1_lightning.online.minibatches import MinibatchLink, class_scores, minibatch_steps
from tests.online.online_reference import close, parameters, pixels

LINKS: tuple[MinibatchLink, ...] = ("softmax", "one_vs_rest", "perceptron")
RATE, SCALE = 0.1, 1 / 256
checked = settings(max_examples=40)


def model_of(link: MinibatchLink, weight: Tensor, bias: Tensor, l1: float) -> LinearClassifier:
    """A model with autograd's loss of that link."""
    shape: dict[str, Any] = {"input_shape": (weight.shape[1],), "num_classes": len(bias), "learning_rate": RATE}
    model = Perceptron(**shape) if link == "perceptron" else LogisticRegression(link=link, l1_penalty=l1, **shape)
    model.linear.weight, model.linear.bias = nn.Parameter(weight.clone()), nn.Parameter(bias.clone())
    return model


def by_autograd(model: LinearClassifier, inputs: Tensor, targets: Tensor, l2: float) -> list[float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, weight_decay=l2)
    losses = []
    for x, y in zip(inputs, targets, strict=True):
        optimizer.zero_grad()
        loss = model.loss(model.linear(x * SCALE), y)
        loss.backward()
        optimizer.step()
        model.after_step(RATE)
        losses.append(loss.item())
    return losses


@checked
@given(
    st.integers(0, 4),
    st.integers(1, 9),
    st.integers(1, 40),
    st.integers(2, 7),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from([0.0, 0.02]),
    st.sampled_from(LINKS),
    st.integers(0, 2**31),
)
def test_minibatches_take_the_steps_of_autograd(
    steps: int, size: int, n_features: int, n_classes: int, l2: float, l1: float, link: MinibatchLink, seed: int
) -> None:
    l1 = 0.0 if link == "perceptron" else l1
    inputs, targets = pixels(steps * size, n_features, n_classes, seed)
    batches, classes = inputs.view(steps, size, n_features), targets.view(steps, size)
    (weight,), (bias,) = parameters([n_features, n_classes], seed)
    model = model_of(link, weight, bias, l1)
    expected = by_autograd(model, batches.double(), classes, l2)
    losses = minibatch_steps(
        weight, bias, batches, classes, learning_rate=RATE, l2_penalty=l2, l1_penalty=l1, link=link, scale=SCALE
    )
    assert close(losses, np.array(expected))
    assert close(weight, model.linear.weight.detach().numpy())
    assert close(bias, model.linear.bias.detach().numpy())


def test_weight_decay_in_float32_does_not_drift() -> None:
    """1 - 1e-5 in float32 is wrong by 1e-8, which a thousand steps would add up."""
    weight, bias = torch.ones(2, 3), torch.zeros(2)
    inputs, targets = torch.zeros(1000, 2, 3, dtype=torch.uint8), torch.zeros(1000, 2, dtype=torch.int64)
    minibatch_steps(weight, bias, inputs, targets, learning_rate=0.001, l2_penalty=0.01)
    assert weight.double().mean().item() == pytest.approx((1 - 1e-5) ** 1000, rel=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("n", "n_classes", "n_features"), [(1, 2, 1), (7, 5, 5000), (64, 6, 300), (3, 1, 10)])
def test_scores_are_those_of_the_linear_layer(dtype: torch.dtype, n: int, n_classes: int, n_features: int) -> None:
    inputs, _ = pixels(n, n_features, n_classes, seed=5)
    weight, bias = torch.randn(n_classes, n_features, dtype=dtype), torch.randn(n_classes, dtype=dtype)
    expected = inputs.double() * SCALE @ weight.double().T + bias.double()
    scores = class_scores(weight, bias, inputs, SCALE)
    assert scores.dtype == dtype
    torch.testing.assert_close(scores.double(), expected, rtol=0, atol=1e-4 if dtype == torch.float32 else 1e-11)
    assert class_scores(weight, bias, inputs[:0], SCALE).shape == (0, n_classes)


@pytest.mark.parametrize("n", [0, 1, 9, 203])
def test_scores_do_not_depend_on_the_number_of_threads(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hw1_lightning.online.minibatches.PRODUCTS_PER_THREAD", 100)
    (inputs, _), weight, bias = pixels(n, 30, 5, seed=1), torch.randn(5, 30), torch.randn(5)
    before, scores = torch.get_num_threads(), []
    for threads in (1, 2, 7):
        torch.set_num_threads(threads)
        scores.append(class_scores(weight, bias, inputs, SCALE))
    torch.set_num_threads(before)
    assert all(torch.equal(scores[0], other) for other in scores[1:])
    expected = SCALE * inputs.double() @ weight.double().T + bias
    torch.testing.assert_close(scores[0].double(), expected, rtol=0, atol=1e-5)


def test_mistakes_in_arguments_are_named() -> None:
    weight, bias = torch.zeros(2, 3), torch.zeros(2)
    inputs, targets = torch.zeros(1, 2, 3), torch.zeros(1, 2, dtype=torch.int64)
    with pytest.raises(ValueError, match="link must be one of 'softmax', 'one_vs_rest', 'perceptron'"):
        minibatch_steps(weight, bias, inputs, targets, learning_rate=0.1, link="sigmoid")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="learning_rate must be a finite number"):
        minibatch_steps(weight, bias, inputs, targets, learning_rate=-0.1)
    with pytest.raises(ValueError, match=r"targets must be in 0\.\.1"):
        minibatch_steps(weight, bias, inputs, targets + 2, learning_rate=0.1)


@pytest.mark.slow
def test_compilation_is_logged_once(tmp_path: Path) -> None:
    code = (
        "import torch\n"
        "from hw1_lightning.commands.parser.messages import quiet_libraries\n"
        "from hw1_lightning.online.learners import perceptron_steps\n"
        "quiet_libraries()\n"
        "for _ in range(2):\n"
        "    perceptron_steps(torch.zeros(2, 1), torch.zeros(2), torch.ones(3, 1), torch.tensor([0, 1, 1]))\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    for expected in (["hw1: compiling loops for this processor, once; this takes some seconds"], []):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
        assert done.stderr.splitlines() == expected
