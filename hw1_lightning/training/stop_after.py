"""Ends training after some epochs, and leaves everything that depends on the planned number as it is."""

from lightning.pytorch import Callback, LightningModule, Trainer


class StopAfter(Callback):
    """Stops training after an epoch; a lower ``max_epochs`` could change schedules that end with training.

    Args:
        epochs: how many epochs to train.
    """

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Stop if it is time."""
        trainer.should_stop |= trainer.current_epoch + 1 >= self.epochs
