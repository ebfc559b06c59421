"""What a checkpoint says of its training: on which data it was, and how far it has come."""

from collections.abc import Mapping, Sequence
from typing import Any

from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import BatchSizeFinder, ModelPruning, StochasticWeightAveraging, WeightAveraging

from hw1_lightning.commands.resuming.history import DATA, MAX_EPOCHS, Change, is_harmless
from hw1_lightning.errors import InputError
from hw1_lightning.runs.checkpoints import DATA_SHA256
from hw1_lightning.runs.loading import epochs_in
from hw1_lightning.training.lightning_internals import callbacks_of, is_within_epoch


def change_of_data(checkpoint: Mapping[str, Any], sha256: str) -> Change | None:
    """Compare data with what a checkpoint was trained on.

    Args:
        checkpoint: its content.
        sha256: of the data.

    Returns:
        The change; ``None`` if it is the same data, or the checkpoint, an old one, does not say.
    """
    trained = checkpoint.get(DATA_SHA256)
    return None if trained in {None, sha256} else Change(DATA, str(trained), sha256)


def other_data(path: str, change: Change) -> str:
    """The sentence that says so.

    Args:
        path: of the checkpoint.
        change: from ``change_of_data``.
    """
    return (
        f"{path} was trained on data with SHA-256 {change.old[:12]}..., and this data has {change.new[:12]}...: "
        "examples or splits differ"
    )


def start_of(checkpoint: Mapping[str, Any]) -> Change:
    """Where training resumes, as a change without an option.

    Args:
        checkpoint: the content of last.ckpt.
    """
    done, steps = epochs_in(checkpoint), int(checkpoint["global_step"])
    within = is_within_epoch(checkpoint)
    return Change("", None, None, done if within else done + 1, steps + 1, within)


def is_finished(checkpoint: Mapping[str, Any], trainer: Trainer) -> bool:
    """Whether the limits of a trainer leave nothing to train after a checkpoint.

    Args:
        checkpoint: the content of last.ckpt.
        trainer: about to resume.
    """
    epochs, steps = trainer.max_epochs or -1, trainer.max_steps
    return 0 <= epochs <= epochs_in(checkpoint) or 0 <= steps <= checkpoint["global_step"]


def check_resumable_state(trainer: Trainer, path: str, is_extended: bool) -> None:
    """Refuse to resume a run with callbacks whose state its checkpoint does not hold.

    Args:
        trainer: about to resume.
        path: of the run's last.ckpt.
        is_extended: whether the run has trained all its epochs, and is to train more.

    Raises:
        InputError: saying what is lost, and what to do instead.
    """
    copy = "copy last.ckpt to another place and start a new run from it"
    for callback in callbacks_of(trainer):
        name = type(callback).__name__
        if isinstance(callback, BatchSizeFinder):
            raise InputError(
                f"{name} has chosen the batch size of this run, which {path} does not hold; {copy}, with "
                f"--data.batch_size and without {name}"
            )
        if isinstance(callback, ModelPruning):
            raise InputError(f"{path} does not hold the masks of {name}; {copy}, which prunes anew")
        if is_extended and isinstance(callback, WeightAveraging | StochasticWeightAveraging):
            raise InputError(
                f"{path} holds the weights that {name} averaged at the end of training, not those to resume from; "
                f"start a new run with more epochs, or {copy}, from the averages"
            )


def check_changes_after_training(path: str, checkpoint: Mapping[str, Any], changes: Sequence[Change]) -> None:
    """Refuse changes that would change nothing, since the run is finished.

    Args:
        path: of the run's last.ckpt.
        checkpoint: its content.
        changes: asked for.

    Raises:
        InputError: saying how to train further.
    """
    done = epochs_in(checkpoint)
    for change in changes:
        if change.option == MAX_EPOCHS and isinstance(change.new, int) and 0 <= change.new < done:
            raise InputError(
                f"{path} has {done} epochs done, and {MAX_EPOCHS} is {change.new}; it must be at least {done}"
            )
        if not is_harmless(change.option):
            raise InputError(
                f"{path} has {done} epochs done and its run is finished, so a changed {change.option} would train "
                f"nothing; extend the run with --{MAX_EPOCHS} N as well"
            )
