"""Ctrl-C and SIGTERM end a run so that it can be resumed, and every finished epoch is saved."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from hw1_lightning import cli
from hw1_lightning.cli import main
from hw1_lightning.runs.checkpoints import read_checkpoint
from hw1_lightning.runs.loading import epochs_in
from hw1_lightning.runs.metrics_reader import read_metrics

OPTIONS = ["fit", "--config=configs/dropout.yaml", "--model.hidden_sizes=[16]", "--name=run"]


def signal_when(path: Path, rows: int, number: int) -> threading.Thread:
    """Send this process a signal when a run has a number of epochs in its metrics.csv."""

    def wait() -> None:
        while not path.exists() or path.read_bytes().count(b"\n") <= rows:
            time.sleep(0.002)
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("number", "status", "name"), [(signal.SIGINT, 130, "Ctrl-C"), (signal.SIGTERM, 143, "SIGTERM")]
)
def test_a_signal_ends_training_with_everything_saved(
    number: int, status: int, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    folder = tmp_path / "stopped" / "run" / "version_0"
    thread = signal_when(folder / "metrics.csv", 3, number)
    stopped = [*OPTIONS, f"--runs_dir={tmp_path / 'stopped'}"]
    assert main([*stopped, "--trainer.max_epochs=10000"]) == status
    thread.join()
    rows = read_metrics(folder / "metrics.csv")
    assert epochs_in(read_checkpoint(folder / "checkpoints" / "last.ckpt")) == len(rows) >= 3
    error = capsys.readouterr().err
    message = (
        f"hw1: stopped by {name} with {len(rows)} epochs done; the same command with --ckpt_path last resumes there\n"
    )
    assert error.endswith(message)
    assert error.count("\n") == 2, "one line on what is trained, one on why it ended"
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == handlers
    epochs = f"--trainer.max_epochs={len(rows) + 2}"
    main([*stopped, epochs, "--ckpt_path=last"])
    main([*OPTIONS, epochs, f"--runs_dir={tmp_path / 'whole'}"])
    whole = tmp_path / "whole" / "run" / "version_0" / "metrics.csv"
    assert (folder / "metrics.csv").read_bytes() == whole.read_bytes()


def test_a_signal_before_training_ends_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "import_module", lambda _: os.kill(os.getpid(), signal.SIGINT))
    assert main(OPTIONS) == 130
    assert capsys.readouterr().err == "hw1: stopped by Ctrl-C\n"
