"""Print why the steps of a run are taken one at a time, if they are."""

import sys

from lightning.pytorch import Callback, LightningModule, Trainer

from hw1_lightning.training.two_ways import TwoWayModule


class StepwiseNotice(Callback):
    """Prints a line on standard error that says why steps are taken one at a time, if they are."""

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Print the line."""
        reason = pl_module.why_one_step_at_a_time if isinstance(pl_module, TwoWayModule) else None
        if reason is not None and trainer.is_global_zero:
            print(f"hw1: one step at a time: {reason}", file=sys.stderr)
