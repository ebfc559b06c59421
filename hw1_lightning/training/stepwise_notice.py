"""Says which way the steps of a run are taken, if it is not the fast one."""

import sys

from lightning.pytorch import Callback, LightningModule, Trainer

from hw1_lightning.training.two_ways import TwoWayModule


class StepwiseNotice(Callback):
    """Prints one line on standard error if steps are taken one at a time, and why."""

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Print."""
        reason = pl_module.why_one_step_at_a_time if isinstance(pl_module, TwoWayModule) else None
        if reason is not None and trainer.is_global_zero:
            print(f"hw1: one step at a time: {reason}", file=sys.stderr)
