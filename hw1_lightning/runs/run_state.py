"""Adds to checkpoints what Lightning does not save and an exact resumption needs."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch.optim import Optimizer

from hw1_lightning.imports import path_of
from hw1_lightning.training.optimization import Optimization
from hw1_lightning.training.two_ways import TwoWayModule

# The hyperparameters of an Optimization that may change when a run is resumed.
OPTIMIZATION = ("learning_rate", "momentum", "weight_decay", "optimizer_options")


class RunState(Callback):
    """Saves in checkpoints the number of finished epochs, the seconds they took, and torch's random states.

    With these, dropout in a resumed run draws the numbers that would have come next. The order of the examples has a
    generator of its own, which the data module saves.

    Attributes:
        epochs: finished epochs.
        trained_with: the ``OPTIMIZATION`` hyperparameters in the checkpoint that training resumes from.
    """

    def __init__(self) -> None:
        self.epochs = 0
        self.trained_with: dict[str, Any] = {}
        self._seconds_before, self._start = 0.0, time.perf_counter()
        self._random: dict[str, Any] = {}

    @property
    def seconds(self) -> float:
        """Seconds of training, including those before an interruption."""
        return self._seconds_before + time.perf_counter() - self._start

    def state_dict(self) -> dict[str, Any]:
        """Return the state to save."""
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
        return {"epochs": self.epochs, "seconds": self.seconds, "cpu": torch.get_rng_state(), "cuda": cuda}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore a state; random states only when training starts, since Lightning draws numbers before it."""
        self.epochs, self._seconds_before, self._random = state_dict["epochs"], state_dict["seconds"], state_dict

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Start the clock."""
        self._start = time.perf_counter()

    def on_save_checkpoint(self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]) -> None:
        """Save the model's class, which a user's own model may not save, and how it is trained."""
        checkpoint.setdefault("class_path", path_of(type(pl_module)))
        if isinstance(pl_module, TwoWayModule):
            checkpoint["optimization"] = {name: getattr(pl_module.optimization, name) for name in OPTIMIZATION}

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Restore the random states, and apply hyperparameters that the user has changed."""
        if self.trained_with and isinstance(pl_module, TwoWayModule):
            schedulers = [config.scheduler for config in trainer.lr_scheduler_configs]
            for optimizer in trainer.optimizers:
                apply_changes(optimizer, schedulers, pl_module.optimization, self.trained_with)
        if self._random:
            torch.set_rng_state(self._random["cpu"].cpu())
            for device, state in enumerate(self._random["cuda"][: torch.cuda.device_count()]):
                torch.cuda.set_rng_state(state.cpu(), device)
            self._random = {}

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Count the epoch; checkpoints are written after this."""
        self.epochs = trainer.current_epoch + 1


def apply_changes(
    optimizer: Optimizer, schedulers: Iterable[Any], given: Optimization, stored: Mapping[str, Any]
) -> None:
    """Overwrite restored hyperparameters with those that the user has changed.

    A changed learning rate keeps the schedule: it is multiplied by the same factor.

    Args:
        optimizer: restored from the checkpoint.
        schedulers: restored from the checkpoint.
        given: the model's hyperparameters.
        stored: those in the checkpoint.
    """
    stored_options = stored.get("optimizer_options") or {}
    options = {name: optimizer.defaults[name] for name in stored_options if name in optimizer.defaults}
    options |= {"momentum": given.momentum, "weight_decay": given.weight_decay, **given.optimizer_options}
    before = {**stored, **stored_options}
    for group in optimizer.param_groups:
        group.update({name: value for name, value in options.items() if name in group and before.get(name) != value})
    rate, old = given.learning_rate, stored.get("learning_rate")
    if old is None or rate == old:
        return

    def changed(value: float) -> float:
        return float(value / old * rate if old else rate)

    for group in optimizer.param_groups:
        group.update({name: changed(group[name]) for name in ("lr", "initial_lr") if name in group})
    for scheduler in schedulers:
        if hasattr(scheduler, "base_lrs"):
            scheduler.base_lrs = [changed(value) for value in scheduler.base_lrs]
