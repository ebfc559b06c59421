"""Advance learning-rate schedules where Lightning does not, or does so too late."""

import sys
from collections.abc import Iterable, Mapping

from lightning.pytorch.utilities.types import LRSchedulerConfig

# The frequency, in epochs, of a scheduler that Lightning must never advance, since hw1 does.
NEVER = sys.maxsize


def advance(configs: Iterable[LRSchedulerConfig]) -> None:
    """Advance the schedulers that do not monitor a metric.

    Args:
        configs: the schedulers, as Lightning keeps them.
    """
    for config in configs:
        if config.frequency != NEVER:
            config.scheduler.step()  # type: ignore[call-arg] # ReduceLROnPlateau's frequency is NEVER


def advance_plateau(configs: Iterable[LRSchedulerConfig], metrics: Mapping[str, float]) -> None:
    """Advance ``ReduceLROnPlateau`` by the epoch's validation loss, if there was a validation.

    Lightning does so after the epoch's checkpoint is written, so a resumed run would miss that step.

    Args:
        configs: the schedulers, as Lightning keeps them.
        metrics: of the epoch, by name.
    """
    for config in configs:
        if config.frequency == NEVER and "val/loss" in metrics:
            config.scheduler.step(metrics["val/loss"])  # type: ignore[arg-type] # ReduceLROnPlateau's
