"""The execution of one run, correct or mistaken, in a process of its own."""

import os
import shutil
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from hw1_lightning.commands.fitting.training_cli import TrainingCLI
from hw1_lightning.commands.parser.messages import quiet_libraries
from hw1_lightning.diagnosis.mistaken.wrapper import Wrapper, apply_mistakes
from hw1_lightning.diagnosis.outcome import Limit, Outcome, exceeds, write_outcome
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.runs.metrics_reader import read_metrics
from hw1_lightning.study.jobs import Job, read_mapping


@dataclass(frozen=True)
class MistakenJob(Job):
    """One run of a diagnosis; its outcome is in a file next to its folder, which is removed at the end.

    Args:
        wrappers: mistakes in code.
        limits: numbers by which it is excluded before its end.
    """

    wrappers: tuple[Wrapper, ...] = ()
    limits: tuple[Limit, ...] = ()

    @property
    def outcome(self) -> Path:
        """Return the file of the outcome."""
        return self.folder.with_suffix(".json")


class StopWhenExcluded(Callback):
    """Stops training once a number of an epoch is outside its limits.

    Args:
        limits: of numbers by epoch.

    Attributes:
        stopped: whether that happened.
    """

    def __init__(self, limits: Sequence[Limit]) -> None:
        self._limits, self.stopped = limits, False

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Look at the numbers of the epoch; the mean loss is computed later, so it does not count."""
        epoch = trainer.current_epoch + 1
        metrics = pl_module.epoch.metrics if isinstance(pl_module, Classifier) else {}
        if any(limit.epoch == epoch and exceeds(metrics.get(limit.metric), limit) for limit in self._limits):
            self.stopped = trainer.should_stop = True


class MistakenFit(TrainingCLI):
    """`hw1 fit` with mistakes in its code.

    Args:
        job: the run.
    """

    def __init__(self, job: MistakenJob) -> None:
        self._job, self._stop = job, StopWhenExcluded(job.limits)
        super().__init__(["fit", "--trainer.enable_progress_bar=false", *job.arguments], job.folder, [self._stop])

    def fit(self, **further: Any) -> None:
        """Break the model and its data, train, and write the outcome."""
        apply_mistakes(self._job.wrappers, self.model, self.datamodule)
        super().fit(**further)
        write_outcome(self._outcome(), self._job.outcome)

    def _outcome(self) -> Outcome:
        rows = read_metrics(self._job.folder / "metrics.csv")
        result = read_mapping(self._job.folder / "result.json") or {}
        names = {name for row in rows for name in row} - {"epoch"}
        curves = {name: tuple(row.get(name, float("nan")) for row in rows) for name in sorted(names)}
        if result.get("status") == "diverged":
            return self._diverged(curves, result["seconds"])
        return Outcome(curves, result["test"], not self._stop.stopped, result["seconds"])

    def _diverged(self, curves: dict[str, tuple[float, ...]], seconds: float) -> Outcome:
        """Return the accuracies that a program prints whose scores are NaN: argmax gives the first class."""
        model, test = self.model, dict[str, float]()
        if isinstance(model, Classifier):
            for name, split in self.datamodule.arrays.splits.items():
                share = float((split.targets == 0).float().mean())
                epochs, curve = self.trainer.max_epochs or 0, curves.get(f"{name}/accuracy", ())
                whole = (*curve, *[float("nan")] * (epochs - len(curve)))
                curves[f"{name}/accuracy"] = tuple(share if each != each else each for each in whole)
                test = {"test/accuracy": share} if name == "test" else test
        return Outcome(curves, test, seconds=seconds)


def execute(job: Job) -> None:
    """Execute a run; if it fails, its traceback goes to failure.txt in its folder, and the process exits with 1."""
    assert isinstance(job, MistakenJob)
    quiet_libraries()
    shutil.rmtree(job.folder, ignore_errors=True)
    job.folder.mkdir(parents=True)
    with (job.folder / "log.txt").open("a", encoding="utf-8") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    try:
        MistakenFit(job)
    except BaseException as error:  # of any kind: the other runs continue
        (job.folder / "failure.txt").write_text(traceback.format_exc(), encoding="utf-8")
        raise SystemExit(1) from error
    shutil.rmtree(job.folder)
