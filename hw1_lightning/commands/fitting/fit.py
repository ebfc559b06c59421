"""One run of `hw1 fit`: train, test, and leave a folder that tells all of it."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import BatchSizeFinder, LearningRateFinder, ModelCheckpoint
from lightning.pytorch.strategies.launchers.multiprocessing import _MultiProcessingLauncher
from lightning.pytorch.utilities.model_helpers import is_overridden

from hw1_lightning.data.arrays import Examples, Split
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.errors import InputError
from hw1_lightning.evaluation.test_files import ClassificationReport
from hw1_lightning.metrics import VALIDATED
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.runs.checkpoints import AtomicCheckpointIO, read_checkpoint, remove_unfinished
from hw1_lightning.runs.correct_examples import write_correct
from hw1_lightning.runs.epoch_table import EpochTable
from hw1_lightning.runs.folder import write_result
from hw1_lightning.runs.last_checkpoint import LastCheckpoint
from hw1_lightning.runs.loading import epochs_in
from hw1_lightning.runs.loggers import RunTensorBoard
from hw1_lightning.runs.result import (
    collect_hparams,
    collect_result,
    correct_predictions,
    has_diverged,
    has_finite_losses,
    mark_diverged,
)
from hw1_lightning.runs.run_state import RunState
from hw1_lightning.training.final_validation import FinalValidation

OwnCallback = TypeVar("OwnCallback", bound=Callback)  # type parameters need Python 3.12


@dataclass(frozen=True)
class Fit:
    """What a run needs beside its trainer, model and data.

    Args:
        folder: the run's own folder.
        seed: what everything random was seeded with.
        test_weights: which weights meet the test split; ``None`` leaves the test out.
        ckpt_path: a checkpoint to go on from.
        resumes: whether that is this run's own, whose curves go on after the epochs it has done.
        rate_given: whether the learning rate of a run that is resumed was changed, after one was found.
        dropout_seed: what dropout is seeded with; ``None`` goes on with the numbers after those of ``seed``.
    """

    folder: Path
    seed: int
    test_weights: Literal["final", "best"] | None
    ckpt_path: str | None = None
    resumes: bool = False
    dropout_seed: int | None = None
    rate_given: bool = False

    def run(self, trainer: Trainer, model: LightningModule, datamodule: ArrayDataModule) -> dict[str, Any]:
        """Train and test the model, and record it.

        Returns:
            What result.json holds; nothing in any but the first of several processes.
        """
        tensorboard = self._prepare(trainer, model, datamodule.arrays.sha256)
        if self.dropout_seed is not None:
            torch.manual_seed(self.dropout_seed)
        with warnings.catch_warnings():
            if self.resumes:  # its folder holds checkpoints already, which is why
                warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not empty")
            if self.ckpt_path is None:  # OnExceptionCheckpoint lets Lightning look for what it might go on from
                warnings.filterwarnings("ignore", message=r".*\.fit\(ckpt_path=")
            trainer.fit(model, datamodule=datamodule, ckpt_path=self.ckpt_path, weights_only=True)
        if isinstance(trainer.strategy.launcher, _MultiProcessingLauncher):  # the processes that trained have ended
            last = read_checkpoint(self.folder / "checkpoints" / "last.ckpt")
            trainer.fit_loop.load_state_dict(last["loops"]["fit_loop"])
        result = {}
        if trainer.is_global_zero:
            seconds = own(trainer, RunState).seconds
            result = collect_result(trainer, model, datamodule, self.folder, self.seed, seconds)
        trainer.loggers = [logger for logger in trainer.loggers if logger is not tensorboard]  # its x axis is epochs
        remove_finders(trainer)  # they have found
        final, test, diverged = self._evaluate(trainer, model, datamodule)
        if trainer.is_global_zero:
            result["final"] |= final
            result["test"] = test
            if diverged:
                mark_diverged(result)
            self._examine(trainer, model, datamodule, result, tensorboard)
            write_correct(self.folder, {} if diverged else correct_predictions(model, datamodule))
            headlines = {name: result["final"][name] for name in VALIDATED if name in result["final"]}
            hparams = collect_hparams(trainer, model, datamodule, self.seed)
            tensorboard.log_hyperparams(hparams, headlines | result["test"], step=result["epochs"])
            tensorboard.experiment.close()
            write_result(self.folder, result)
        return result

    def _prepare(self, trainer: Trainer, model: LightningModule, data_sha256: str) -> RunTensorBoard:
        """Let loggers and checkpoints write into the run's folder."""
        # In a folder of its own, a run has no curves yet.
        before = read_checkpoint(self.ckpt_path) if self.ckpt_path else {}
        # Checkpoints of older versions have only the model's hyperparameters.
        own(trainer, RunState).trained_with = before.get("optimization") or before.get("hyper_parameters") or {}
        epochs = epochs_in(before) if self.resumes else 0
        if self.resumes:
            found = remove_finders(trainer) and isinstance(model, StackModule) and not self.rate_given
            if found and "optimization" in before:
                model.learning_rate = before["optimization"]["learning_rate"]
        tensorboard = RunTensorBoard(self.folder, epochs)
        if isinstance(model, StackModule):
            tensorboard.log_layout(map(str, model.evaluation.metrics))
        trainer.loggers = [*trainer.loggers, tensorboard]
        if trainer.is_global_zero:
            own(trainer, EpochTable).begin(self.folder / "metrics.csv", epochs)
        for callback in trainer.checkpoint_callbacks:
            if isinstance(callback, LastCheckpoint):
                callback.path = self.folder / "checkpoints" / "last.ckpt"
            elif isinstance(callback, ModelCheckpoint):
                callback.dirpath = callback.dirpath or str(self.folder / "checkpoints")
        trainer.strategy.checkpoint_io = AtomicCheckpointIO(data_sha256)
        remove_unfinished(self.folder / "checkpoints")
        return tensorboard

    def _evaluate(
        self, trainer: Trainer, model: LightningModule, datamodule: ArrayDataModule
    ) -> tuple[dict[str, float], dict[str, float], bool]:
        """What the final validation and the test add, and whether the run has diverged: then nothing is evaluated."""
        last = {name: value.item() for name, value in trainer.callback_metrics.items() if value.numel() == 1}
        if has_diverged(model):
            return {}, {}, True
        final = self._validate(trainer, model, datamodule)
        if not has_finite_losses(last | final):
            return final, {}, True
        test = self._test(trainer, model, datamodule)
        return final, test, not has_finite_losses(test)

    def _validate(self, trainer: Trainer, model: LightningModule, datamodule: ArrayDataModule) -> dict[str, float]:
        """Validate the final weights, unless they were validated last."""
        if not own(trainer, FinalValidation).is_due(trainer, model):
            return {}
        trainer.callback_metrics.clear()  # spawned processes do not
        trainer.validate(model, datamodule=datamodule, verbose=False)
        return {name: value.item() for name, value in trainer.callback_metrics.items()}

    def _test(self, trainer: Trainer, model: LightningModule, datamodule: ArrayDataModule) -> dict[str, float]:
        """Meet the test split; nothing if that was not asked for, or the model does not know how."""
        if self.test_weights is None or not is_overridden("test_step", model):
            return {}
        ckpt_path = self.folder / "checkpoints" / "best.ckpt" if self.test_weights == "best" else None
        if ckpt_path is not None and not ckpt_path.is_file():
            raise InputError(f"test_weights is best, but no validation has chosen a {ckpt_path}; test last.ckpt")
        trainer.callback_metrics.clear()
        trainer.test(model, datamodule=datamodule, ckpt_path=ckpt_path, verbose=False, weights_only=True)
        return {name: value.item() for name, value in trainer.callback_metrics.items()}

    def _examine(
        self,
        trainer: Trainer,
        model: LightningModule,
        datamodule: ArrayDataModule,
        result: dict[str, Any],
        tensorboard: RunTensorBoard,
    ) -> None:
        """Add to the result what the test shows of a classifier."""
        if not result["test"] or not isinstance(model, Classifier):
            return
        tested = tested_part(trainer, model, datamodule)
        if tested is not None:
            report = ClassificationReport(model, tested)
            result["classes"] = report.classes()
            report.write(self.folder, tensorboard.experiment, result["epochs"])


def own(trainer: Trainer, kind: type[OwnCallback]) -> OwnCallback:
    """The trainer's callback of a class of which it has one."""
    (found,) = (callback for callback in trainer.callbacks if isinstance(callback, kind))  # type: ignore[attr-defined] # Lightning sets it, undeclared
    return found


def remove_finders(trainer: Trainer) -> bool:
    """Take out callbacks that search for an option before training.

    Returns:
        Whether one has searched for a learning rate.

    """
    callbacks: list[Callback] = trainer.callbacks  # type: ignore[attr-defined] # Lightning sets it, undeclared
    trainer.callbacks = [each for each in callbacks if not isinstance(each, LearningRateFinder | BatchSizeFinder)]  # type: ignore[attr-defined] # as above
    return any(isinstance(each, LearningRateFinder) for each in callbacks)


def tested_part(trainer: Trainer, model: StackModule, data: ArrayDataModule) -> Split | None:
    """The examples of the test split that were tested, fewer with ``limit_test_batches``.

    Args:
        trainer: has tested the model.
        model: the model.
        data: the data.

    Returns:
        They; ``None`` if several processes have each tested a part of their part.
    """
    split, count, limit = data.arrays.test, model.evaluation.examples, trainer.limit_test_batches
    if count == len(split) or (isinstance(limit, float) and limit == 1):  # of several processes, each knows its part
        return split
    return Examples(*split.take(slice(0, count))) if trainer.world_size == 1 else None
