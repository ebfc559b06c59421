"""Learning from single examples by a Trainer: blocks learn what single steps learn."""

from typing import Any

import pytest
import torch

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.data.sources import Digits
from hw1_lightning.models import MLP, LogisticRegression, Perceptron, StackModule
from hw1_lightning.training.steps import Steps
from tests.training.test_training import Blobs, fit_in_double, trainer

ModelOptions = dict[str, Any]
SIZES: ModelOptions = {"input_shape": (4,), "num_classes": 3}
EXACT: list[tuple[type[StackModule], ModelOptions]] = [
    (Perceptron, {}),
    (LogisticRegression, {"learning_rate": 0.1}),
    (LogisticRegression, {"learning_rate": 0.1, "link": "one_vs_rest", "init": "zeros"}),
    (LogisticRegression, {"learning_rate": 0.1, "link": "one_vs_rest", "l2_penalty": 0.5}),
    (LogisticRegression, {"learning_rate": 0.1, "weight_decay": 0.5}),
    (LogisticRegression, {"learning_rate": 0.1, "l1_penalty": 0.1}),
    (LogisticRegression, {"learning_rate": 0.1, "l1_penalty": 0.1, "l2_penalty": 0.1}),
    (MLP, {"learning_rate": 0.1, "hidden_sizes": [7]}),
    (MLP, {"learning_rate": 0.1, "hidden_sizes": [7, 5], "activation": "tanh", "l2_penalty": 0.1}),
    (MLP, {"learning_rate": 0.01, "hidden_sizes": [7], "init": "normal"}),
]
GENERAL: list[tuple[type[StackModule], ModelOptions]] = [
    (Perceptron, {"learning_rate": 0.5}),
    (Perceptron, {"l2_penalty": 0.1}),
    (LogisticRegression, {"momentum": 0.9}),
    (LogisticRegression, {"optimizer": "Adam"}),
    (LogisticRegression, {"l2_penalty": 0.1, "weight_decay": 0.1}),
    (MLP, {"dropout": 0.5}),
    (MLP, {"lr_scheduler": "ExponentialLR", "lr_scheduler_options": {"gamma": 0.9}, "lr_scheduler_interval": "step"}),
]


def fit(kind: type[StackModule], options: ModelOptions, k: int = 16) -> tuple[StackModule, dict[str, float]]:
    return fit_in_double(kind, SIZES | options, batch_size=1, steps_per_execution=k)


@pytest.mark.parametrize(("kind", "options"), EXACT)
def test_blocks_learn_what_autograd_learns_one_by_one(
    kind: type[StackModule], options: ModelOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked, metrics = fit(kind, options)
    monkeypatch.setattr(kind, "compiled_steps", StackModule.compiled_steps)
    general, expected = fit(kind, options)
    for ours, theirs in zip(blocked.parameters(), general.parameters(), strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-9, atol=1e-12)
        assert torch.equal(ours == 0, theirs == 0)
    assert metrics == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("kind", "options"), EXACT + GENERAL)
def test_blocks_are_used_only_where_they_are_exact(
    kind: type[StackModule], options: ModelOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, take = [], Steps._step

    def counted(self: Steps, *minibatch: torch.Tensor) -> torch.Tensor:
        steps.append(1)
        return take(self, *minibatch)

    monkeypatch.setattr(Steps, "_step", counted)
    fit(kind, options)
    assert len(steps) == (2 * 50 if (kind, options) in GENERAL else 0)


@pytest.mark.parametrize(("kind", "options"), [EXACT[0], EXACT[3], EXACT[5], EXACT[7]])
def test_the_size_of_a_stack_does_not_matter(kind: type[StackModule], options: ModelOptions) -> None:
    by_stack = [fit(kind, options, k)[0] for k in (1, 7, 64)]
    for other in by_stack[1:]:
        for ours, theirs in zip(by_stack[0].parameters(), other.parameters(), strict=True):
            assert torch.allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_max_steps_stops_an_online_learner_exactly_there() -> None:
    torch.manual_seed(0)
    model = Perceptron(**SIZES)
    run = trainer(max_steps=23, max_epochs=-1)
    run.fit(model, datamodule=ArrayDataModule(Blobs(), batch_size=1))
    assert run.global_step == 23
    assert torch.allclose(model.linear.weight.sum(), torch.zeros(()), atol=1e-4), "corrections cancel over classes"


def test_larger_minibatches_average_the_perceptrons_corrections() -> None:
    model = Perceptron(**SIZES)
    scores = torch.tensor([[1.0, 3.0, 2.0], [5.0, 1.0, 1.0], [2.0, 2.0, 0.0]])
    assert model.loss(scores, torch.tensor([0, 0, 1])).item() == pytest.approx((2 + 0 + 0) / 3)


def test_ties_go_to_the_first_class_and_are_corrected() -> None:
    model = Perceptron(input_shape=(2,), num_classes=3)
    scores = model(torch.tensor([[1.0, 2.0]]))
    model.loss(scores, torch.tensor([2])).backward()
    assert model.linear.weight.grad is not None
    assert model.linear.weight.grad.tolist() == [[1.0, 2.0], [0.0, 0.0], [-1.0, -2.0]]


@pytest.mark.gpu
def test_cpu_and_gpu_learn_the_same_perceptron() -> None:
    weights = []
    for accelerator in ("cpu", "gpu"):
        torch.manual_seed(0)
        model = Perceptron(input_shape=(8, 8, 1), num_classes=10)
        run = trainer(accelerator=accelerator)
        run.fit(model, datamodule=ArrayDataModule(Digits(), batch_size=1))
        weights.append(model.linear.weight.detach().cpu())
    assert torch.equal(*weights)
