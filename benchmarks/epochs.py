"""Seconds an epoch of `hw1 fit`, everything included: logging, evaluation, checkpoints, progress bar."""

import contextlib
import io
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from lightning.pytorch import Callback, LightningModule, Trainer

from benchmarks.data import BenchmarkData
from hw1_lightning.cli import main

CONFIGS = Path(__file__).parent.parent / "configs"


class EpochTimer(Callback):
    """Times epochs from start to start, so that whatever happens between two is counted."""

    last: list[float] = []  # noqa: RUF012 - LightningCLI makes the object, so the class is where to look

    def __init__(self) -> None:
        EpochTimer.last = []

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Note the time."""
        EpochTimer.last.append(time.perf_counter())


class Terminal(io.StringIO):
    """A stream that a progress bar takes for a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def hw1_epoch(config: str, data: BenchmarkData, epochs: int, *options: str) -> float:
    """Run `hw1 fit` for some epochs and return the median seconds of one, the first left out.

    Args:
        config: name of a config.
        data: what to train on.
        epochs: how many to time.
        *options: further options of `hw1 fit`.

    Returns:
        Seconds an epoch.
    """
    timer = f"{EpochTimer.__module__}.{EpochTimer.__qualname__}"
    with tempfile.TemporaryDirectory() as runs, contextlib.redirect_stdout(io.StringIO()):
        stderr, sys.stderr = sys.stderr, Terminal()
        try:
            main(
                [
                    "fit",
                    f"--config={CONFIGS / config}.yaml",
                    *data.options,
                    f"--runs_dir={runs}",
                    "--test_after_fit=false",
                    f"--trainer.max_epochs={epochs + 2}",
                    f"--trainer.callbacks={timer}",
                    *options,
                ]
            )
        finally:
            sys.stderr = stderr
    return statistics.median(after - before for before, after in pairwise(EpochTimer.last[1:]))
