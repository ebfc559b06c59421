"""last.ckpt: where a run stands."""

import time
from pathlib import Path

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint


class LastCheckpoint(Checkpoint):
    """Saves the state after an epoch, at most once in so many seconds, and always the final one.

    ``ModelCheckpoint(save_last=True)`` writes only when it has found a new best, so its last is not the last; and
    writing after every epoch costs more than a short epoch itself.

    Args:
        path: the file; ``None`` saves nothing until it is set.
        seconds: least time between two writes.

    Attributes:
        epochs: finished epochs that the file holds; 0 before there is one.
    """

    def __init__(self, path: Path | None = None, seconds: float = 1.0) -> None:
        self.path = path
        self.seconds = seconds
        self.epochs = 0
        self._written = 0.0

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock."""
        self._written = time.monotonic()
        self.epochs = trainer.current_epoch if self.path is not None and self.path.is_file() else 0

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save if it is time."""
        if time.monotonic() - self._written >= self.seconds:
            self._save(trainer, trainer.current_epoch + 1)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save the final state."""
        self._save(trainer, trainer.current_epoch)

    def _save(self, trainer: Trainer, epochs: int) -> None:
        if self.path is not None:
            trainer.save_checkpoint(self.path)
            self._written, self.epochs = time.monotonic(), epochs
