"""Stop training after some epochs without changing ``max_epochs``, on which schedules may depend."""

from lightning.pytorch import Callback, LightningModule, Trainer


class StopAfter(Callback):
    """Stops training after some epochs. A lower ``max_epochs`` could change schedules that end with training.

    Args:
        epochs: how many, from the first epoch of the run.
    """

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Stop after the last of these epochs."""
        trainer.should_stop |= trainer.current_epoch + 1 >= self.epochs
