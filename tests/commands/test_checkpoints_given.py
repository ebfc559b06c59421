"""The user's options win over those of a checkpoint, and a checkpoint that does not fit is refused."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from hw1_lightning.cli import main
from hw1_lightning.runs.checkpoints import read_checkpoint
from hw1_lightning.runs.metrics_reader import read_metrics
from tests.conftest import Capture, Fit, Refused

BASE = ("--config=configs/dropout.yaml", "--model.hidden_sizes=[16]", "--model.momentum=0.5")
SCHEDULE = ("--model.lr_scheduler=StepLR", '--model.lr_scheduler_options={"step_size": 2, "gamma": 0.5}')


def last_of(run: dict[str, Any]) -> Path:
    path: Path = run["folder"] / "checkpoints" / "last.ckpt"
    return path


def copy_of(run: dict[str, Any]) -> Path:
    """last.ckpt outside of the run's folder, to start new runs from it."""
    return Path(shutil.copy(last_of(run), run["folder"] / "copy.ckpt"))


def group_of(run: dict[str, Any]) -> dict[str, Any]:
    """The optimiser's options at the end of a run."""
    group: dict[str, Any] = read_checkpoint(last_of(run))["optimizer_states"][0]["param_groups"][0]
    return group


def test_a_changed_rate_and_momentum_win_over_the_optimisers_state(fit: Fit) -> None:
    first = fit(*BASE, "--trainer.max_epochs=2")
    more = ("--trainer.max_epochs=3", f"--ckpt_path={copy_of(first)}")
    group = group_of(fit(*BASE, *more, "--model.learning_rate=0.01", "--model.momentum=0.25", "--name=a"))
    assert (group["lr"], group["momentum"], group["weight_decay"]) == (0.01, 0.25, 0)
    same = fit(*BASE, *more, "--name=b")
    assert (group_of(same)["lr"], group_of(same)["momentum"]) == (0.002, 0.5)
    assert same["final"] == fit(*BASE, "--trainer.max_epochs=3", "--name=whole")["final"]


def test_a_changed_rate_keeps_its_schedule(fit: Fit) -> None:
    first = fit(*BASE, *SCHEDULE, "--model.learning_rate=0.08", "--trainer.max_epochs=3")
    assert group_of(first)["lr"] == pytest.approx(0.04)
    more = ("--trainer.max_epochs=5", f"--ckpt_path={copy_of(first)}", "--name=second")
    assert group_of(fit(*BASE, *SCHEDULE, *more, "--model.learning_rate=0.8"))["lr"] == pytest.approx(0.8 * 0.25)


def test_changed_dropout_and_penalty_win(fit: Fit) -> None:
    first = fit(*BASE, "--trainer.max_epochs=1")
    more = (*BASE, "--trainer.max_epochs=3", f"--ckpt_path={copy_of(first)}")
    plain = fit(*more, "--name=plain")["final"]
    assert fit(*more, "--model.dropout=0.9", "--name=dropout")["final"]["train/loss"] > plain["train/loss"] + 0.1
    shrunk = fit(*more, "--model.l2_penalty=20", "--name=penalty")["final"]
    assert shrunk["weights/l2_norm"] < 0.9 * plain["weights/l2_norm"]


def test_options_win_in_evaluation_too(fit: Fit, tmp_path: Path, capsys: Capture, refused: Refused) -> None:
    run = fit(*BASE, "--trainer.max_epochs=1")
    alone = shutil.copy(last_of(run), tmp_path / "alone.ckpt")
    for path in (last_of(run), alone):
        error = refused("test", f"--ckpt_path={path}", "--model.hidden_sizes=[8]")
        assert "does not fit this MLP: layers.0.bias has shape (16,), not (8,)" in error
        main(["test", f"--ckpt_path={path}", "--model.dropout=1"])  # without effect in evaluation
        assert f"test/accuracy  {run['test']['test/accuracy']:.4f}" in capsys.readouterr().out


def test_unsupported_changes_are_refused_before_a_folder_is_made(fit: Fit, tmp_path: Path, refused: Refused) -> None:
    first = fit(*BASE, "--trainer.max_epochs=2")
    path = copy_of(first)
    new = ["fit", *BASE, f"--ckpt_path={path}", f"--runs_dir={tmp_path / 'new'}"]
    assert "holds the state of optimizer SGD, from which Adam" in refused(
        *new, "--model.momentum=0", "--model.optimizer=Adam"
    )
    assert "holds the state of lr_scheduler None, from which StepLR" in refused(*new, *SCHEDULE)
    assert "has 2 epochs done, and trainer.max_epochs is 2" in refused(*new, "--trainer.max_epochs=2")
    assert "holds no state to resume from" in refused(*new, f"--ckpt_path={last_of(first).with_name('best.ckpt')}")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("command", ["fit", "test", "validate", "predict"])
def test_data_of_another_kind_is_refused(command: str, fit: Fit, npz: Path, tmp_path: Path, refused: Refused) -> None:
    path = copy_of(fit(*BASE, "--trainer.max_epochs=1"))
    source = ["--data.source=Landscapes", f"--data.source.path={npz}", f"--runs_dir={tmp_path / 'new'}"]
    error = refused(command, *BASE, f"--ckpt_path={path}", *source)
    assert "was trained on data with inputs of shape 8, 8, 1, but this data has 48, 48, 3" in error
    assert not (tmp_path / "new").exists()


def test_a_moved_run_keeps_its_best_epoch_when_resumed(fit: Fit, tmp_path: Path, capsys: Capture) -> None:
    options = ("--config=configs/learning_rate.yaml", "--model.learning_rate=0.1")
    first = fit(*options, "--trainer.max_epochs=4", "--name=run")
    moved = tmp_path / "elsewhere"
    shutil.move(first["folder"].parents[1], moved)
    whole = fit(*options, "--trainer.max_epochs=6", "--name=whole")
    assert whole["best"]["epoch"] <= 4, "otherwise the test proves nothing"
    main(["fit", *options, "--trainer.max_epochs=6", "--name=run", f"--runs_dir={moved}", "--ckpt_path=last"])
    folder = moved / "run" / "version_0"
    assert json.loads((folder / "result.json").read_text())["best"] == whole["best"]
    assert read_metrics(folder / "metrics.csv") == read_metrics(whole["folder"] / "metrics.csv")
    best = [read_checkpoint(path / "checkpoints" / "best.ckpt")["state_dict"] for path in (folder, whole["folder"])]
    assert all(torch.equal(best[0][name], best[1][name]) for name in best[0])
