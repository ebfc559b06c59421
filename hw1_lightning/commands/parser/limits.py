"""Checks before a run's folder is made: training that would be empty, end too early or fail."""

from importlib.util import find_spec
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import BackboneFinetuning, DeviceStatsMonitor, LearningRateFinder, ModelCheckpoint
from torch.optim.lr_scheduler import OneCycleLR

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.errors import InputError
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.quadratic_regression import QuadraticRegression
from hw1_lightning.training.lightning_internals import callbacks_of, measures_cpu, overfit_batches_of, spawns_processes


def check_training_not_empty(trainer: Trainer, data: ArrayDataModule) -> None:
    """Refuse limits that leave nothing to train on, and a share of a split that is less than one minibatch."""
    for name in ("max_epochs", "max_steps", "limit_train_batches"):
        if getattr(trainer, name) == 0:
            raise InputError(f"trainer.{name} is 0: there is nothing to train; choose a number above 0, or `hw1 test`")
    for split, title in {"train": "train", "val": "validation"}.items():
        limit = getattr(trainer, f"limit_{split}_batches")
        count = data.count_minibatches(split)
        if isinstance(limit, float) and 0 < limit < 1 and int(limit * count) == 0:
            name = "overfit_batches" if overfit_batches_of(trainer) else f"limit_{split}_batches"
            problem = f"trainer.{name} is {limit}, less than one of the {count} {title} minibatches"
            raise InputError(f"{problem}; choose at least {1 / count:.2g}, or a whole number of minibatches")
    _check_validation_interval(trainer, _training_batches(trainer, data))


def check_requirements(trainer: Trainer, model: LightningModule, test_weights: str | None) -> None:
    """Refuse options that would fail after the run's folder is made, because something they require is missing."""
    _check_best_exists(trainer, model, test_weights)
    _check_optimiser_options(trainer, model)
    if spawns_processes(trainer) and not trainer.checkpoint_callbacks:
        raise InputError("trainer.enable_checkpointing is false, but spawned processes need last.ckpt; leave it out")
    for callback in callbacks_of(trainer):
        if isinstance(callback, BackboneFinetuning) and not hasattr(model, "backbone"):
            raise InputError(f"BackboneFinetuning requires a model with a `backbone`; {type(model).__name__} has none")
        if isinstance(callback, DeviceStatsMonitor) and measures_cpu(callback) and find_spec("psutil") is None:
            raise InputError("DeviceStatsMonitor requires the package psutil; run `pip install psutil`")


def _check_best_exists(trainer: Trainer, model: LightningModule, test_weights: str | None) -> None:
    if test_weights != "best":
        return
    if trainer.limit_val_batches == 0:
        problem = "test_weights is best, but trainer.limit_val_batches is 0, so no epoch is validated"
        raise InputError(f"{problem}; choose final")
    writers = [each for each in trainer.checkpoint_callbacks if isinstance(each, ModelCheckpoint)]
    if not any(each.filename == "best" for each in writers):
        off = not trainer.checkpoint_callbacks
        reason = "trainer.enable_checkpointing is false" if off else f"{type(model).__name__} has no best metric"
        raise InputError(f"test_weights is best, but {reason}, so that no best.ckpt is written; choose final")
    every, last = trainer.check_val_every_n_epoch, trainer.max_epochs
    if every is not None and last is not None and 0 <= last < every:
        problem = f"trainer.check_val_every_n_epoch is {every} and training ends after epoch {last}"
        raise InputError(f"test_weights is best, but {problem}, before the first validation; choose final")


def _check_optimiser_options(trainer: Trainer, model: LightningModule) -> None:
    """Refuse options of optimiser steps for a model that does not use Lightning's."""
    in_stacks = isinstance(model, StackModule) and not isinstance(model, QuadraticRegression)
    if model.automatic_optimization or in_stacks:
        return
    name = type(model).__name__
    for option, idle in {"gradient_clip_val": None, "accumulate_grad_batches": 1}.items():
        if (value := getattr(trainer, option)) != idle:
            problem = f"trainer.{option} is {value}, but {name} does not use Lightning's optimiser steps"
            raise InputError(f"{problem}; leave it out")
    if any(isinstance(each, LearningRateFinder) for each in callbacks_of(trainer)):
        raise InputError(f"LearningRateFinder requires Lightning's optimiser steps; {name} has none")


def _check_validation_interval(trainer: Trainer, batches: int) -> None:
    interval = trainer.val_check_interval
    within_epochs = trainer.check_val_every_n_epoch is not None and trainer.limit_val_batches != 0
    if within_epochs and isinstance(interval, int) and interval > batches:
        problem = f"trainer.val_check_interval is {interval}, but an epoch has {batches} minibatches"
        across = "add --trainer.check_val_every_n_epoch null to count minibatches across epochs"
        raise InputError(f"{problem}; choose at most {batches}, or {across}")


def check_schedule_length(trainer: Trainer, model: LightningModule, data: ArrayDataModule) -> None:
    """Refuse a OneCycleLR that ends before training does, and a ReduceLROnPlateau without validation."""
    plateau = isinstance(model, StackModule) and model.optimization.lr_scheduler == "ReduceLROnPlateau"
    if plateau and trainer.limit_val_batches == 0:
        problem = "lr_scheduler ReduceLROnPlateau watches val/loss, but trainer.limit_val_batches is 0"
        raise InputError(f"{problem}; choose another one")
    made: Any = model.configure_optimizers()
    for config in made[1] if isinstance(made, tuple) and len(made) == 2 and isinstance(made[1], list) else []:
        entry = config if isinstance(config, dict) else {"scheduler": config}
        scheduler = entry["scheduler"]
        by_step = entry.get("interval") == "step"
        planned = _scheduler_steps(trainer, data, by_step)
        if isinstance(scheduler, OneCycleLR) and planned is not None and planned > scheduler.total_steps:
            every = "optimiser steps" if by_step else "epochs"
            problem = f"OneCycleLR ends after {scheduler.total_steps} {every}, and training takes {planned}"
            raise InputError(f"{problem}; set its total_steps to {planned}, or train less")


def _scheduler_steps(trainer: Trainer, data: ArrayDataModule, by_step: bool) -> int | None:
    """Return how often a schedule advances in the whole training; ``None`` if training has no limit."""
    per_epoch = -(-_training_batches(trainer, data) // trainer.accumulate_grad_batches)
    epochs = trainer.max_epochs if trainer.max_epochs is not None and trainer.max_epochs >= 0 else None
    steps = [] if epochs is None else [epochs * per_epoch]
    steps += [trainer.max_steps] if trainer.max_steps >= 0 else []
    least = min(steps, default=None)
    return least if by_step or least is None else least // max(1, per_epoch)


def _training_batches(trainer: Trainer, data: ArrayDataModule) -> int:
    limit, count = trainer.limit_train_batches, data.count_minibatches("train")
    return min(count, limit) if isinstance(limit, int) else int(count * limit)
