"""Log the loss of single steps, if ``log_every_n_steps`` asks for it."""

from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from hw1_lightning.training.epoch_metrics import loss_of_step


class StepLosses(Callback):
    """Logs ``train/loss_step``, the loss of every n-th optimiser step, with the step as x; steps are taken one by one.

    Args:
        every_n_steps: n.
    """

    needs_steps = "trainer.log_every_n_steps asks for the loss of single steps"

    def __init__(self, every_n_steps: int) -> None:
        self.every_n_steps = every_n_steps

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: object, batch_idx: int
    ) -> None:
        """Log the loss after every n-th step."""
        if isinstance(outputs, dict) and "loss" in outputs and trainer.global_step % self.every_n_steps == 0:
            for logger in trainer.loggers:
                logger.log_metrics({"train/loss_step": loss_of_step(outputs, trainer).item()}, step=trainer.global_step)
