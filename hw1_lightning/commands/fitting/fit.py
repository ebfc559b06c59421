"""One run of `hw1 fit`: train, test, and record both in the run's folder."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import BatchSizeFinder, LearningRateFinder, ModelCheckpoint
from lightning.pytorch.utilities.model_helpers import is_overridden

from hw1_lightning.commands.fitting.measured import metrics_of, tested_part
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.errors import InputError
from hw1_lightning.evaluation.mistakes import ClassificationReport
from hw1_lightning.metrics import VALIDATED
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.runs import result as results
from hw1_lightning.runs.checkpoints import AtomicCheckpointIO, read_checkpoint, remove_unfinished
from hw1_lightning.runs.correct_examples import write_correct
from hw1_lightning.runs.folder import write_result
from hw1_lightning.runs.last_checkpoint import LastCheckpoint
from hw1_lightning.runs.loading import epochs_in
from hw1_lightning.runs.loggers import RunTensorBoard
from hw1_lightning.runs.metrics_writer import EpochTable
from hw1_lightning.runs.run_state import RunState
from hw1_lightning.training.final_validation import FinalValidation
from hw1_lightning.training.lightning_internals import callbacks_of, load_progress, spawns_processes

OwnCallback = TypeVar("OwnCallback", bound=Callback)  # type parameters need Python 3.12


@dataclass(frozen=True)
class Fit:
    """One run: its trainer, its model, its data and where it is recorded.

    Args:
        folder: the run's folder.
        seed: the seed of all random numbers.
        dropout_seed: the seed of dropout; ``None`` continues the random numbers of ``seed``.
        test_weights: which weights to test; ``None`` for no test.
        ckpt_path: a checkpoint to start from.
        resumes: whether that is this run's own, whose curves continue after the epochs it has done.
        rate_given: whether the learning rate of a resumed run was changed, so that a rate found before is not used.
    """

    trainer: Trainer
    model: LightningModule
    data: ArrayDataModule
    folder: Path
    seed: int
    dropout_seed: int | None
    test_weights: Literal["final", "best"] | None
    ckpt_path: str | None
    resumes: bool
    rate_given: bool

    def run(self) -> dict[str, Any]:
        """Train, test and record the model; return the content of result.json, in the first of several processes."""
        trainer = self.trainer
        tensorboard = self._prepare()
        self._train()
        if spawns_processes(trainer):  # the processes that trained have ended
            load_progress(trainer, read_checkpoint(self.folder / "checkpoints" / "last.ckpt"))
        result = {}
        if trainer.is_global_zero:
            seconds = callback_of(trainer, RunState).seconds
            result = results.collect_result(trainer, self.model, self.data, self.folder, self.seed, seconds)
        trainer.loggers = [logger for logger in trainer.loggers if logger is not tensorboard]  # its x axis is epochs
        remove_finders(trainer)
        final, test, diverged = self._evaluate()
        if trainer.is_global_zero:
            result["final"] |= final
            result["test"] = test
            if diverged:
                results.mark_diverged(result)
            write_correct(self.folder, {} if diverged else results.correct_predictions(self.model, self.data))
            self._record(result, tensorboard)
        return result

    def _prepare(self) -> RunTensorBoard:
        """Let loggers and checkpoints write into the run's folder."""
        trainer, model = self.trainer, self.model
        before = read_checkpoint(self.ckpt_path) if self.ckpt_path else {}
        # Checkpoints of older versions have only the model's hyperparameters.
        callback_of(trainer, RunState).trained_with = before.get("optimization") or before.get("hyper_parameters") or {}
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
            callback_of(trainer, EpochTable).begin(self.folder / "metrics.csv", epochs)
        for callback in trainer.checkpoint_callbacks:
            if isinstance(callback, LastCheckpoint):
                callback.path = self.folder / "checkpoints" / "last.ckpt"
            elif isinstance(callback, ModelCheckpoint):
                callback.dirpath = callback.dirpath or str(self.folder / "checkpoints")
        trainer.strategy.checkpoint_io = AtomicCheckpointIO(self.data.arrays.sha256)
        remove_unfinished(self.folder / "checkpoints")
        return tensorboard

    def _train(self) -> None:
        if self.dropout_seed is not None:
            torch.manual_seed(self.dropout_seed)
        with warnings.catch_warnings():
            if self.resumes:  # the folder holds the checkpoints of this run
                warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not empty")
            if self.ckpt_path is None:  # with OnExceptionCheckpoint, Lightning looks for a checkpoint and finds none
                warnings.filterwarnings("ignore", message=r".*\.fit\(ckpt_path=")
            self.trainer.fit(self.model, datamodule=self.data, ckpt_path=self.ckpt_path, weights_only=True)

    def _evaluate(self) -> tuple[dict[str, float], dict[str, float], bool]:
        """Return the metrics of the final validation and of the test, and whether the run has diverged."""
        last = metrics_of(self.trainer)
        if results.has_diverged(self.model):
            return {}, {}, True
        final = self._validate()
        if not results.has_finite_losses(last | final):
            return final, {}, True
        test = self._test()
        return final, test, not results.has_finite_losses(test)

    def _validate(self) -> dict[str, float]:
        """Validate the final weights, unless they were validated last."""
        if not callback_of(self.trainer, FinalValidation).is_due(self.trainer, self.model):
            return {}
        self.trainer.callback_metrics.clear()  # spawned processes do not
        self.trainer.validate(self.model, datamodule=self.data, verbose=False)
        return metrics_of(self.trainer)

    def _test(self) -> dict[str, float]:
        """Return the metrics of the test split; none if no test is wanted or the model has no ``test_step``."""
        if self.test_weights is None or not is_overridden("test_step", self.model):
            return {}
        path = self.folder / "checkpoints" / "best.ckpt" if self.test_weights == "best" else None
        if path is not None and not path.is_file():
            raise InputError(f"test_weights is best, but no validation has written {path}; test last.ckpt")
        self.trainer.callback_metrics.clear()
        self.trainer.test(self.model, datamodule=self.data, ckpt_path=path, verbose=False, weights_only=True)
        return metrics_of(self.trainer)

    def _record(self, result: dict[str, Any], tensorboard: RunTensorBoard) -> None:
        """Write what the test shows of a classifier, TensorBoard's table of runs and result.json."""
        if result["test"] and isinstance(self.model, Classifier):
            tested = tested_part(self.trainer, self.model, self.data)
            if tested is not None:
                report = ClassificationReport(self.model, tested)
                result["classes"] = report.classes()
                report.write(self.folder, tensorboard.experiment, result["epochs"])
        headlines = {name: result["final"][name] for name in VALIDATED if name in result["final"]}
        hparams = results.collect_hparams(self.trainer, self.model, self.data, self.seed)
        tensorboard.log_hyperparams(hparams, headlines | result["test"], step=result["epochs"])
        tensorboard.experiment.close()
        write_result(self.folder, result)


def callback_of(trainer: Trainer, kind: type[OwnCallback]) -> OwnCallback:
    """Return the trainer's only callback of a class."""
    (found,) = (callback for callback in callbacks_of(trainer) if isinstance(callback, kind))
    return found


def remove_finders(trainer: Trainer) -> bool:
    """Remove the callbacks that search for an option before training; return whether one searched for a rate."""
    finders = [each for each in callbacks_of(trainer) if isinstance(each, LearningRateFinder | BatchSizeFinder)]
    for finder in finders:
        callbacks_of(trainer).remove(finder)
    return any(isinstance(finder, LearningRateFinder) for finder in finders)
