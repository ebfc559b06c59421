"""Time an epoch of `hw1 fit` with everything included: logging, evaluation, checkpoints, progress bar."""

import contextlib
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from lightning.pytorch import Callback, LightningModule, Trainer

from benchmarks.data import BenchmarkData
from hw1_lightning.cli import main

CONFIGS = Path(__file__).parent.parent / "configs"


class EpochTimer(Callback):
    """Times epochs from start to start, so that everything between two epochs counts."""

    last: "EpochTimer"  # LightningCLI makes the object, so the class keeps a reference to it

    def __init__(self) -> None:
        self.starts: list[float] = []
        EpochTimer.last = self

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Store the time."""
        self.starts.append(time.perf_counter())

    def median(self) -> float:
        """Return the median seconds of an epoch, without the first."""
        return statistics.median(after - before for before, after in pairwise(self.starts[1:]))


class Terminal(io.StringIO):
    """A stream that a progress bar takes for a terminal."""

    def isatty(self) -> bool:
        """Return ``True``."""
        return True


@contextlib.contextmanager
def as_on_a_terminal() -> Iterator[str]:
    """Discard what a run prints, with its progress bar enabled, and yield a temporary folder."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(Terminal()):
        stderr, sys.stderr = sys.stderr, Terminal()
        try:
            yield folder
        finally:
            sys.stderr = stderr


def hw1_epoch(config: str, data: BenchmarkData | None, epochs: int, *options: str) -> float:
    """Run `hw1 fit` for some epochs, and return the median seconds of one, without the first.

    Args:
        config: name of a config.
        data: what to train on; ``None`` takes the digits.
        epochs: how many to time.
        *options: further options of `hw1 fit`.

    Returns:
        Seconds per epoch.
    """
    timer = f"{EpochTimer.__module__}.{EpochTimer.__qualname__}"
    with as_on_a_terminal() as runs:
        main(
            [
                "fit",
                "--trust=benchmarks",
                f"--config={CONFIGS / config}.yaml",
                *(data.options if data else ()),
                f"--runs_dir={runs}",
                "--test_after_fit=false",
                f"--trainer.max_epochs={epochs + 2}",
                f"--trainer.callbacks={timer}",
                *options,
            ]
        )
    return EpochTimer.last.median()
