"""Runs that take their steps together end where each alone would."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
import torch

from hw1_lightning.cli import main
from hw1_lightning.functional.sgd import sgd_update
from hw1_lightning.functional.softmax_network import SoftmaxNetworkGradient
from hw1_lightning.metrics_file import read_metrics
from hw1_lightning.models import MLP, LogisticRegression, StackModule
from hw1_lightning.study.lockstep import Group, JointSteps, can_step_together

SIZES: dict[str, Any] = {"input_shape": (5,), "num_classes": 3, "input_scale": 0.5}
RATES = [(0.1, 0.0), (0.01, 0.5), (1.0, 0.01)]


def models() -> list[LogisticRegression]:
    torch.manual_seed(0)
    made = [LogisticRegression(**SIZES, learning_rate=rate, weight_decay=decay) for rate, decay in RATES]
    return [model.double() for model in made]


def stack() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return torch.randint(0, 9, (6, 4, 5)), torch.randint(0, 3, (6, 4))


def test_joint_steps_are_each_models_own() -> None:
    together, alone = models(), models()
    inputs, targets = stack()
    losses = JointSteps([*together])(inputs, targets)
    for place, (model, (rate, decay)) in enumerate(zip(alone, RATES, strict=True)):
        optimizer = torch.optim.SGD(model.parameters(), rate, weight_decay=decay)
        gradient = SoftmaxNetworkGradient([model.linear], scale=0.5)
        for step, minibatch in enumerate(zip(inputs.double(), targets, strict=True)):
            assert losses[step, place].item() == pytest.approx(gradient(*minibatch).item(), rel=1e-12)
            sgd_update(optimizer)
        for ours, theirs in zip(together[place].parameters(), model.parameters(), strict=True):
            assert torch.allclose(ours, theirs, rtol=1e-10, atol=1e-13)


def test_a_group_goes_on_without_who_left() -> None:
    group, made, expected = Group(3), models(), models()
    inputs, targets = stack()
    joint = JointSteps([*expected])
    wanted = [joint(inputs, targets), joint(inputs, targets)]
    places = [group.join(model) for model in made]
    seen: dict[int, list[torch.Tensor]] = {place: [] for place in places}

    def take(place: int) -> None:
        for _ in range(1 if place == 1 else 2):
            seen[place].append(group.steps(place, inputs, targets))
        group.leave()

    threads = [threading.Thread(target=take, args=(place,)) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()
    for place, losses in seen.items():
        assert all(torch.equal(ours, theirs[:, place]) for ours, theirs in zip(losses, wanted, strict=False))
    assert [len(losses) for losses in seen.values()] == [2, 1, 2]


@pytest.mark.parametrize(
    ("model", "can"),
    [
        (LogisticRegression(**SIZES), True),
        (LogisticRegression(**SIZES, weight_decay=0.1), True),
        (LogisticRegression(**SIZES, link="one_vs_rest"), False),
        (LogisticRegression(**SIZES, momentum=0.9), False),
        (LogisticRegression(**SIZES, l1_penalty=0.1), False),
        (LogisticRegression(**SIZES, optimizer="Adam"), False),
        (MLP(**SIZES), False),
    ],
)
def test_only_softmax_regressions_by_plain_sgd_step_together(model: StackModule, can: bool) -> None:
    assert can_step_together(model) == can


@pytest.mark.slow
def test_a_study_in_lockstep_is_the_study_without(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = tmp_path / "s.yaml"
    study.write_text(Path("configs/studies/tiny.yaml").read_text().replace("../", f"{Path('configs').resolve()}/"))
    for how in ("on", "off"):
        options = ["--lockstep", how, "--name", how, "--runs_dir", str(tmp_path), "--seeds", "2"]
        assert main(["study", "run", str(study), *options]) == 0
    for condition in ("slow", "fast"):
        for seed in ("seed=01", "seed=02"):
            on, off = (tmp_path / how / condition / seed for how in ("on", "off"))
            for ours, theirs in zip(*(read_metrics(folder / "metrics.csv") for folder in (on, off)), strict=True):
                assert ours == pytest.approx(theirs, rel=2e-4, abs=1e-6)
            ours, theirs = (json.loads((folder / "result.json").read_text()) for folder in (on, off))
            assert ours["test"] == pytest.approx(theirs["test"], rel=1e-4)
            assert (ours["steps"], ours["status"]) == (theirs["steps"], theirs["status"])
            for name in ("config.yaml", "checkpoints/best.ckpt", "checkpoints/last.ckpt"):
                assert (on / name).is_file()
    capsys.readouterr()
