"""How steps are taken, and that every way takes the same steps."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.data.sources import Digits
from hw1_lightning.models import MLP, LogisticRegression, StackModule
from hw1_lightning.training.captured import CapturedSteps, why_not_captured
from hw1_lightning.training.steps import Steps
from tests.training.test_training import fit_in_double, trainer

ModelOptions = dict[str, Any]
SIZES: ModelOptions = {"input_shape": (4,), "num_classes": 3, "learning_rate": 0.1}
CLOSED: list[tuple[type[StackModule], ModelOptions]] = [
    (LogisticRegression, {}),
    (LogisticRegression, {"weight_decay": 0.1, "l1_penalty": 0.01}),
    (LogisticRegression, {"momentum": 0.9, "optimizer_options": {"nesterov": True}}),
    (LogisticRegression, {"lr_scheduler": "ExponentialLR", "lr_scheduler_options": {"gamma": 0.5}}),
    (MLP, {"hidden_sizes": [7], "dropout": 0.3, "momentum": 0.9}),
    (MLP, {"hidden_sizes": [7, 5], "activation": "tanh", "l2_penalty": 0.1}),
    (MLP, {"hidden_sizes": [7], "optimizer": "Adam", "learning_rate": 0.01}),
]
AUTOGRAD: list[tuple[type[StackModule], ModelOptions]] = [
    (LogisticRegression, {"link": "one_vs_rest"}),
    (MLP, {"dropout": 1.0}),
]


def fit(kind: type[StackModule], options: ModelOptions) -> tuple[StackModule, dict[str, float]]:
    return fit_in_double(kind, SIZES | options, batch_size=8, steps_per_execution=2)


@pytest.mark.parametrize(("kind", "options"), CLOSED)
def test_closed_form_takes_autograds_steps(
    kind: type[StackModule], options: ModelOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, metrics = fit(kind, options)
    monkeypatch.setattr(kind, "closed_form_gradient", StackModule.closed_form_gradient)
    general, expected = fit(kind, options)
    for ours, theirs in zip(closed.parameters(), general.parameters(), strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-10, atol=1e-13)
    assert metrics == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("kind", "options", "count"),
    [(kind, options, 0) for kind, options in CLOSED] + [(kind, options, 2 * 7) for kind, options in AUTOGRAD],
)
def test_autograd_is_used_only_where_there_is_no_closed_form(
    kind: type[StackModule],
    options: ModelOptions,
    count: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls, autograd = [], Steps._autograd

    def counted(self: Steps, *minibatch: Tensor) -> Tensor:
        calls.append(1)
        return autograd(self, *minibatch)

    monkeypatch.setattr(Steps, "_autograd", counted)
    fit(kind, options)
    assert len(calls) == count


class Tape:
    """A graph without a GPU: a replay runs the work again on the same memory."""

    def __init__(self, work: Callable[[], Tensor]) -> None:
        self.work, self.losses = work, torch.empty(0)

    def replay(self) -> None:
        self.losses.copy_(self.work())


class Recorder:
    """Captures as CUDA does, without executing the work."""

    def __init__(self) -> None:
        self.tapes: list[Tape] = []

    def __call__(self, work: Callable[[], Tensor]) -> tuple[Tape, Tensor]:
        tape = Tape(work)
        tape.losses = torch.full((self.steps,), torch.nan, dtype=torch.float64)
        self.tapes.append(tape)
        return tape, tape.losses

    steps = 0


@pytest.mark.parametrize(("kind", "options"), [CLOSED[0], CLOSED[3], CLOSED[4]])
def test_replayed_steps_are_the_eager_ones(
    kind: type[StackModule], options: ModelOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    eager, expected = fit(kind, options)
    recorder, make = Recorder(), Steps.__init__

    def captured(self: Steps, model: StackModule) -> None:
        make(self, model)
        self._captured = CapturedSteps(self._one_by_one, recorder)

    def call(self: Steps, inputs: Tensor, targets: Tensor) -> Tensor:
        recorder.steps = len(inputs)
        return take(self, inputs, targets)

    take = Steps.__call__
    monkeypatch.setattr(Steps, "__init__", captured)
    monkeypatch.setattr(Steps, "__call__", call)
    replayed, metrics = fit(kind, options)
    assert all(map(torch.equal, replayed.parameters(), eager.parameters()))
    assert metrics == expected
    # Stacks of 2x8 (three times) and 1x2 an epoch; the first of a shape runs eagerly; a new rate is a new graph.
    assert len(recorder.tapes) == (2 if "lr_scheduler" not in options else 3)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, None),
        ({"momentum": 0.9, "weight_decay": 0.1, "l2_penalty": 0.1}, None),
        ({"lr_scheduler": "StepLR", "lr_scheduler_options": {"step_size": 1}}, None),
        (
            {
                "lr_scheduler": "StepLR",
                "lr_scheduler_options": {"step_size": 1},
                "lr_scheduler_interval": "step",
            },
            "StepLR changes the rate at each step",
        ),
        ({"optimizer": "Adam"}, "optimizer Adam changes numbers from step to step"),
    ],
)
def test_steps_that_cannot_be_captured_say_why(options: ModelOptions, reason: str | None) -> None:
    assert why_not_captured(LogisticRegression(**SIZES | options).optimization) == reason


@pytest.mark.gpu
@pytest.mark.parametrize(("kind", "options"), [CLOSED[0], CLOSED[3], (MLP, {"hidden_sizes": [50], "dropout": 0.3})])
def test_a_cuda_graph_takes_the_eager_steps(
    kind: type[StackModule], options: ModelOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run() -> tuple[StackModule, dict[str, float]]:
        torch.manual_seed(0)
        sizes: ModelOptions = {"input_shape": (8, 8, 1), "num_classes": 10, "learning_rate": 0.002}
        model = kind(**sizes | options)
        gpu = trainer(accelerator="gpu", max_epochs=5)
        gpu.fit(model, datamodule=ArrayDataModule(Digits(), batch_size=64, steps_per_execution=4))
        return model, {name: value.item() for name, value in gpu.callback_metrics.items()}

    replayed, metrics = run()
    monkeypatch.setattr("hw1_lightning.training.steps.why_not_captured", lambda _: "this test runs eager steps")
    eager, expected = run()
    for ours, theirs in zip(replayed.parameters(), eager.parameters(), strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    assert metrics == pytest.approx(expected, rel=1e-5)
