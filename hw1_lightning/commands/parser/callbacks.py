"""The callbacks of each subcommand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule

from hw1_lightning.errors import InputError
from hw1_lightning.evaluation.excess_loss import ExcessLoss
from hw1_lightning.evaluation.train_accuracy import TrainAccuracy
from hw1_lightning.evaluation.weight_images import WeightTemplates
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.runs.best_checkpoint import BestCheckpoint
from hw1_lightning.runs.last_checkpoint import LastCheckpoint
from hw1_lightning.runs.metrics_writer import EpochTable
from hw1_lightning.runs.run_state import RunState
from hw1_lightning.training.final_validation import FinalValidation
from hw1_lightning.training.progress import EpochProgressBar
from hw1_lightning.training.step_losses import StepLosses
from hw1_lightning.training.stepwise_notice import StepwiseNotice


def callbacks_for(
    command: str, model: LightningModule, option: Callable[[str], Any], checkpoints: Path | None, has_progress_bar: bool
) -> list[Callback]:
    """Return the callbacks that the options of a subcommand ask for.

    Args:
        command: the subcommand.
        model: the model; some options require a classifier.
        option: returns an option's value by its name.
        checkpoints: the folder of the checkpoint that is read; ``None`` for a run whose folder does not exist yet.
        has_progress_bar: whether the user has chosen another progress bar.
    """
    trainer = option("trainer")
    # The first are there for every subcommand: Lightning expects the callbacks that a checkpoint was written with.
    callbacks: list[Callback] = [RunState(), EpochTable(), FinalValidation(), StepwiseNotice()]
    if trainer["enable_progress_bar"] is not False and not has_progress_bar:
        callbacks.append(EpochProgressBar())
    if trainer["enable_checkpointing"] is not False:
        if isinstance(model, StackModule) and trainer["limit_val_batches"] != 0:
            callbacks.append(BestCheckpoint(checkpoints, *model.best_metric))
        callbacks.append(LastCheckpoint())
    if trainer["log_every_n_steps"]:
        callbacks.append(StepLosses(trainer["log_every_n_steps"]))
    if command == "fit" and option("train_accuracy"):
        if not isinstance(model, Classifier):
            raise InputError(f"train_accuracy is true, but {type(model).__name__} is not a classifier; leave it out")
        callbacks.append(TrainAccuracy())
    if command == "fit" and option("excess_loss"):
        callbacks.append(ExcessLoss())
    if command == "fit" and option("templates_every_n_epochs") > 0:
        callbacks.append(WeightTemplates(option("templates_every_n_epochs")))
    return callbacks
