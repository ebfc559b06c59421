"""The progress bar, drawn on a pseudo-terminal."""

import io
from typing import Any

import pytest

from hw1_lightning.cli import main


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_bar_shows_epoch_loss_and_accuracy_on_a_terminal(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    main(["fit", "--config=configs/mlp.yaml", "--trainer.max_epochs=3", f"--runs_dir={tmp_path}"])
    last = terminal.getvalue().rstrip().rpartition("\r")[2]
    assert "epoch 3/3" in last
    assert "train/loss=" in last
    assert "val/accuracy=" in last


def test_bar_can_be_switched_off(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    options = ["--trainer.max_epochs=1", "--trainer.enable_progress_bar=false"]
    main(["fit", "--config=configs/mlp.yaml", *options, f"--runs_dir={tmp_path}"])
    (line,) = terminal.getvalue().splitlines()
    assert line.startswith("hw1: training MLP 64-200-200-10 (55,210 parameters) on 1,257 examples of Digits, on the CPU")
