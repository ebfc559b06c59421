"""Which callbacks a subcommand runs with."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback

from hw1_lightning.callbacks.best_checkpoint import BestCheckpoint
from hw1_lightning.callbacks.excess_loss import ExcessLoss
from hw1_lightning.callbacks.last_checkpoint import LastCheckpoint
from hw1_lightning.callbacks.progress import EpochProgressBar
from hw1_lightning.callbacks.run_state import RunState
from hw1_lightning.callbacks.templates import WeightTemplates
from hw1_lightning.callbacks.train_accuracy import TrainAccuracy
from hw1_lightning.errors import InputError
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.classifier import Classifier


def callbacks_for(
    command: str, model: StackModule, option: Callable[[str], Any], checkpoints: Path | None
) -> list[Callback]:
    """Make the callbacks that the options ask for.

    Args:
        command: the subcommand.
        model: what it is done with.
        option: gives an option's value by its name.
        checkpoints: the folder of the checkpoint that is read; ``None`` for a run whose folder is still to be made.

    Returns:
        The callbacks.

    Raises:
        InputError: if the model cannot have what an option asks for.
    """
    callbacks: list[Callback] = [RunState()]  # also to evaluate: Lightning wants whom a checkpoint knows
    if option("trainer")["enable_progress_bar"] is not False:
        callbacks.append(EpochProgressBar())
    if option("trainer")["enable_checkpointing"] is not False:
        callbacks += [BestCheckpoint(checkpoints, *model.best_metric), LastCheckpoint()]
    if command == "fit" and option("train_accuracy"):
        if not isinstance(model, Classifier):
            raise InputError(f"train_accuracy is true, but {type(model).__name__} predicts numbers; leave it out")
        callbacks.append(TrainAccuracy())
    if command == "fit" and option("excess_loss"):
        callbacks.append(ExcessLoss())
    if command == "fit" and option("templates_every_n_epochs") > 0:
        callbacks.append(WeightTemplates(option("templates_every_n_epochs")))
    return callbacks
