"""Learning-rate schedules that hw1 advances itself, where Lightning would be late or is not asked."""

import sys
from collections.abc import Iterable, Mapping

from lightning.pytorch.utilities.types import LRSchedulerConfig

# After so many epochs Lightning advances a scheduler that hw1 advances itself.
NEVER = sys.maxsize


def advance(configs: Iterable[LRSchedulerConfig]) -> None:
    """Let schedules that watch no metric make their next step.

    Args:
        configs: the schedules, as Lightning keeps them.
    """
    for config in configs:
        if config.frequency != NEVER:
            config.scheduler.step()  # type: ignore[call-arg] # ReduceLROnPlateau's frequency is NEVER


def advance_plateau(configs: Iterable[LRSchedulerConfig], metrics: Mapping[str, float]) -> None:
    """Let ``ReduceLROnPlateau`` see the epoch's validation loss, if there was a validation.

    Lightning would do so after the epoch's checkpoint is written, and a resumed run would lack that step.

    Args:
        configs: the schedules, as Lightning keeps them.
        metrics: the epoch's, by name.
    """
    for config in configs:
        if config.frequency == NEVER and "val/loss" in metrics:
            config.scheduler.step(metrics["val/loss"])  # type: ignore[arg-type] # ReduceLROnPlateau's
