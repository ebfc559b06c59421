"""All that hw1 uses of Lightning's private or undeclared attributes: the place to adapt to a new release."""

import warnings
from collections.abc import Mapping
from typing import Any

from jsonargparse import Namespace
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import DeviceStatsMonitor, ModelCheckpoint
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI
from lightning.pytorch.strategies.launchers.multiprocessing import _MultiProcessingLauncher
from lightning.pytorch.utilities import rank_zero_only

from hw1_lightning.errors import InputError

# mypy: disable-error-code="attr-defined, no-any-return"
# Lightning sets these attributes without declaring them.


def callbacks_of(trainer: Trainer) -> list[Callback]:
    """Return the callbacks of a trainer; what is added to the list is called too."""
    return trainer.callbacks


def datamodule_of(trainer: Trainer) -> object:
    """Return the data module that a trainer was given, or ``None``."""
    return getattr(trainer, "datamodule", None)


def profiler_of(trainer: Trainer) -> object:
    """Return the profiler of a trainer; by default one that measures nothing."""
    return trainer.profiler


def overfit_batches_of(trainer: Trainer) -> int | float:
    """Return the option ``overfit_batches``."""
    return trainer.overfit_batches


def detects_anomalies(trainer: Trainer) -> bool:
    """Return the option ``detect_anomaly``."""
    return trainer._detect_anomaly


def spawns_processes(trainer: Trainer) -> bool:
    """Return whether training runs in child processes, which end with it."""
    return isinstance(trainer.strategy.launcher, _MultiProcessingLauncher)


def process_rank() -> int:
    """Return the number of this process before there is a trainer; 0 for the first, or the only one."""
    return rank_zero_only.rank


def saves_within_epochs(callback: ModelCheckpoint) -> bool:
    """Return whether a ``ModelCheckpoint`` saves after some steps or some time."""
    return callback._every_n_train_steps > 0 or callback._train_time_interval is not None


def measures_cpu(callback: DeviceStatsMonitor) -> bool:
    """Return whether a ``DeviceStatsMonitor`` measures the CPU, for which it needs psutil."""
    return callback._cpu_stats is not False


def is_attached(model: LightningModule) -> bool:
    """Return whether a model has a trainer; ``model.trainer`` raises an error where it has none."""
    return model._trainer is not None


def is_compiled(model: LightningModule) -> bool:
    """Return whether ``torch.compile`` has compiled a model."""
    return model._compiler_ctx is not None


def set_base_property(model: LightningModule, name: str, value: object) -> None:
    """Set a property as ``LightningModule`` does, from a class that overrides it: ``super()`` only reads properties."""
    getattr(LightningModule, name).fset(model, value)


def set_hyperparameters(model: LightningModule, values: Mapping[str, Any]) -> None:
    """Set the hyperparameters that go into checkpoints, of a model whose ``__init__`` does not save them."""
    model._set_hparams(dict(values))


def count_steps(trainer: Trainer, steps: int) -> None:
    """Add optimiser steps that Lightning did not take to ``trainer.global_step``."""
    trainer.fit_loop.epoch_loop.manual_optimization.optim_step_progress.total.increment_by(steps)


def stopped_within_epoch(trainer: Trainer) -> bool:
    """Return whether training ended before the last minibatch of an epoch."""
    return not trainer.fit_loop.epoch_loop.batch_progress.is_last_batch


def is_within_epoch(checkpoint: Mapping[str, Any]) -> bool:
    """Return whether a checkpoint was saved before the last minibatch of an epoch."""
    return not checkpoint["loops"]["fit_loop"]["epoch_loop.batch_progress"]["is_last_batch"]


def load_progress(trainer: Trainer, checkpoint: Mapping[str, Any]) -> None:
    """Set the epochs and steps that a trainer counts to those of a checkpoint."""
    trainer.fit_loop.load_state_dict(checkpoint["loops"]["fit_loop"])


def convert_step_counts(checkpoint: dict[str, Any], stacks: bool) -> None:
    """Make the counters of a checkpoint agree, whether its steps and the next ones are taken in stacks or one by one.

    Lightning counts the steps of automatic and of manual optimisation separately, and counts batches, which were
    stacks in hw1's own way.

    Args:
        checkpoint: about to be restored; its counters are changed.
        stacks: whether the next steps are taken in stacks.

    Raises:
        InputError: if the checkpoint is from the middle of an epoch, but stacks begin with an epoch.
    """
    loop = checkpoint.get("loops", {}).get("fit_loop")
    if loop is None:
        return
    batches, steps = loop["epoch_loop.batch_progress"], checkpoint["global_step"]
    if stacks and is_within_epoch(checkpoint) and batches["current"]["completed"]:
        raise InputError(
            "this checkpoint is from the middle of an epoch; add --data.steps_per_execution 1, or resume from last.ckpt"
        )
    manual = loop["epoch_loop.manual_optimization.optim_step_progress"]["total"]
    automatic = loop["epoch_loop.automatic_optimization.optim_progress"]["optimizer"]["step"]["total"]
    if manual["completed"] and not stacks:  # what were stacks are now minibatches, one for each step
        batches["total"].update(dict.fromkeys(batches["total"], steps))
        loop["epoch_loop.state_dict"]["_batches_that_stepped"] = steps
    for counter in (manual, automatic):
        counter.update(ready=steps, completed=steps)


class OpenLightningCLI(LightningCLI):
    """LightningCLI with public access to its options and parsers, and with two of its private steps changed."""

    def option_in(self, config: Namespace, name: str) -> Any:
        """Return an option of the subcommand from ``config`` or, as an object, ``config_init``."""
        return self._get(config, name)

    def parser_for(self, subcommand: str) -> LightningArgumentParser:
        """Return the parser of a subcommand's options."""
        return self._parser(subcommand)

    def after_model(self) -> None:
        """Run after the model is made, before its optimiser and the trainer."""

    def _add_configure_optimizers_method_to_model(self, subcommand: str | None) -> None:
        """Let ``--optimizer`` replace the model's own without a warning; hw1 prints a line of its own."""
        self.after_model()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*configure_optimizers` will be overridden by")
            super()._add_configure_optimizers_method_to_model(subcommand)

    def _parse_ckpt_path(self) -> None:
        """Leave the options as given: Lightning would let a checkpoint's hyperparameters override them."""
