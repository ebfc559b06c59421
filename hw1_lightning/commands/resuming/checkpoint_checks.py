"""What a checkpoint records of its training: the data, the epochs done, and state that it lacks."""

from collections.abc import Mapping, Sequence
from typing import Any

from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import BatchSizeFinder, ModelPruning, StochasticWeightAveraging, WeightAveraging

from hw1_lightning.commands.resuming.history import DATA, Change
from hw1_lightning.errors import InputError
from hw1_lightning.runs.checkpoints import DATA_SHA256
from hw1_lightning.runs.loading import epochs_in
from hw1_lightning.runs.option_effects import MAX_EPOCHS, is_harmless
from hw1_lightning.training.lightning_internals import callbacks_of, is_within_epoch


def data_change(checkpoint: Mapping[str, Any], sha256: str) -> Change | None:
    """Return the change of the data's SHA-256 since a checkpoint; ``None`` if equal or not recorded, as in old ones."""
    trained = checkpoint.get(DATA_SHA256)
    return None if trained in {None, sha256} else Change(DATA, str(trained), sha256)


def data_change_text(path: str, change: Change) -> str:
    """Return the sentence that reports a change from ``data_change``."""
    sums = f"SHA-256 {change.old[:12]}..., and this data has {change.new[:12]}..."
    return f"{path} was trained on data with {sums}: examples or splits differ"


def resume_point(checkpoint: Mapping[str, Any]) -> Change:
    """Return where training resumes from a checkpoint, as a change without an option."""
    done, steps = epochs_in(checkpoint), int(checkpoint["global_step"])
    within = is_within_epoch(checkpoint)
    return Change("", None, None, done if within else done + 1, steps + 1, within)


def is_finished(checkpoint: Mapping[str, Any], trainer: Trainer) -> bool:
    """Return whether the limits of a trainer leave nothing to train after a checkpoint."""
    epochs, steps = trainer.max_epochs or -1, trainer.max_steps
    return 0 <= epochs <= epochs_in(checkpoint) or 0 <= steps <= checkpoint["global_step"]


def check_resumable_state(trainer: Trainer, path: str, is_extended: bool) -> None:
    """Refuse to resume a run with callbacks whose state its checkpoint does not hold.

    Args:
        trainer: the trainer, before training.
        path: the run's last.ckpt.
        is_extended: whether the run has trained all its epochs, and is to train more.
    """
    copy = "copy last.ckpt to another folder and start a new run from it"
    for callback in callbacks_of(trainer):
        name = type(callback).__name__
        if isinstance(callback, BatchSizeFinder):
            problem = f"{name} has chosen the batch size of this run, which {path} does not hold"
            raise InputError(f"{problem}; {copy}, with --data.batch_size and without {name}")
        if isinstance(callback, ModelPruning):
            raise InputError(f"{path} does not hold the masks of {name}; {copy}, which prunes again")
        if is_extended and isinstance(callback, WeightAveraging | StochasticWeightAveraging):
            problem = f"{path} holds the weights that {name} averaged at the end of training, not those to resume from"
            raise InputError(f"{problem}; start a new run with more epochs, or {copy}, from the averages")


def check_changes_after_training(path: str, checkpoint: Mapping[str, Any], changes: Sequence[Change]) -> None:
    """Refuse changes that would have no effect, because the run is finished."""
    done = epochs_in(checkpoint)
    state = f"{path} has {done} epochs done"
    for change in changes:
        if change.option == MAX_EPOCHS and isinstance(change.new, int) and 0 <= change.new < done:
            raise InputError(f"{state}, and {MAX_EPOCHS} is {change.new}; it must be at least {done}")
        if not is_harmless(change.option):
            idle = f"{state} and its run is finished, so a changed {change.option} would have no effect"
            raise InputError(f"{idle}; extend the run with --{MAX_EPOCHS} N as well")
