"""A run that was killed and goes on ends like one that was not."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from hw1_lightning.checkpoints import read_checkpoint
from hw1_lightning.cli import main

CASES = {
    "logistic regression": ["--config=configs/learning_rate.yaml", "--trainer.max_epochs=200"],
    "MLP with dropout and momentum": [
        "--config=configs/dropout.yaml",
        "--model.momentum=0.9",
        "--trainer.max_epochs=80",
        "--model.lr_scheduler=ReduceLROnPlateau",
    ],
    "one example at a time": ["--config=configs/l2.yaml", "--trainer.max_epochs=80"],
}


def command(runs: Path, options: Sequence[str]) -> list[str]:
    return ["fit", "--name=run", f"--runs_dir={runs}", *options]


def left(folder: Path) -> dict[str, Any]:
    """Everything of a run that must not depend on interruptions."""
    result = json.loads((folder / "result.json").read_text())
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    events.Reload()
    curves = {
        tag: {(event.step, event.value) for event in events.Scalars(tag)}  # the end may be told twice
        for tag in events.Tags()["scalars"]
        if "/" in tag
    }
    weights = {
        name: {
            key: value.tolist() for key, value in read_checkpoint(folder / "checkpoints" / name)["state_dict"].items()
        }
        for name in ("best.ckpt", "last.ckpt")
    }
    metrics = (folder / "metrics.csv").read_bytes()
    return {"result": {**result, "seconds": 0}, "curves": curves, "weights": weights, "metrics": metrics}


def without_ends(run: dict[str, Any]) -> dict[str, Any]:
    """Without what TensorBoard was told of the test split at an end that was none."""
    return {**run, "curves": {tag: points for tag, points in run["curves"].items() if not tag.startswith("test/")}}


def kill_after(seconds: float, arguments: list[str], folder: Path) -> None:
    """Start hw1 and kill it some seconds after its first epoch, if it still runs then."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "hw1_lightning", *arguments], env=environment, stdout=subprocess.DEVNULL
    )
    while process.poll() is None and not (folder / "metrics.csv").exists():
        time.sleep(0.01)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("name", CASES)
def test_killed_runs_end_as_if_nothing_had_happened(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    main(command(whole, CASES[name]))
    folder = killed / "run" / "version_0"
    kill_after(random.Random(name).uniform(0.5, 2.0), command(killed, CASES[name]), folder)
    again = [] if not (folder / "checkpoints" / "last.ckpt").exists() else ["--ckpt_path=last"]
    main([*command(killed, CASES[name]), *again])
    folder = folder if again else folder.with_name("version_1")
    expected, found = left(whole / "run" / "version_0"), left(folder)
    found["result"]["version"] = expected["result"]["version"]
    assert found == expected


def test_going_on_with_more_epochs_is_one_longer_run(tmp_path: Path) -> None:
    options = ["--config=configs/dropout.yaml", "--model.momentum=0.9"]
    main(command(tmp_path / "whole", [*options, "--trainer.max_epochs=6"]))
    main(command(tmp_path / "parts", [*options, "--trainer.max_epochs=4"]))
    torch.rand(7)  # whatever happens in between
    main(command(tmp_path / "parts", [*options, "--trainer.max_epochs=6", "--ckpt_path=last"]))
    expected, found = (without_ends(left(tmp_path / name / "run" / "version_0")) for name in ("whole", "parts"))
    assert found == expected


def test_a_finished_run_goes_on_to_the_same_end(tmp_path: Path) -> None:
    options = ["--config=configs/learning_rate.yaml", "--trainer.max_epochs=3"]
    main(command(tmp_path, options))
    before = without_ends(left(tmp_path / "run" / "version_0"))
    main(command(tmp_path, [*options, "--ckpt_path=last"]))
    assert without_ends(left(tmp_path / "run" / "version_0")) == before
    assert not (tmp_path / "run" / "version_1").exists()


@pytest.mark.parametrize("name", ["best.ckpt", "nothing"])
def test_what_cannot_be_gone_on_with_is_told(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--config=configs/learning_rate.yaml", "--trainer.max_epochs=2"]
    if name == "best.ckpt":
        main(command(tmp_path, options))
        path = str(tmp_path / "run" / "version_0" / "checkpoints" / "best.ckpt")
    else:
        path = "last"
    with pytest.raises(SystemExit) as exit_:
        main(command(tmp_path, [*options, f"--ckpt_path={path}"]))
    assert exit_.value.code == 2
    message = capsys.readouterr().err.splitlines()[-1]
    assert message.startswith("hw1: error: ")
    assert "last" in message
