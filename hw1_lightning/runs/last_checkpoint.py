"""last.ckpt: the state to resume a run from."""

import time
from pathlib import Path

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint


class LastCheckpoint(Checkpoint):
    """Saves the state after an epoch, at most once per interval, and always the final state.

    ``ModelCheckpoint(save_last=True)`` saves only together with a new best, so its file may be older than the last
    epoch. Saving after every epoch takes longer than a short epoch itself.

    Args:
        path: the file; ``None`` saves nothing until it is set.
        seconds: least time between two saves.

    Attributes:
        epochs: finished epochs in the file; 0 before it is written.
    """

    def __init__(self, path: Path | None = None, seconds: float = 1.0) -> None:
        self.path, self.seconds = path, seconds
        self.epochs, self._written = 0, 0.0

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock."""
        self._written = time.monotonic()
        self.epochs = trainer.current_epoch if self.path is not None and self.path.is_file() else 0

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save if the interval is over."""
        if time.monotonic() - self._written >= self.seconds:
            self._save(trainer, trainer.current_epoch + 1)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save the final state."""
        self._save(trainer, trainer.current_epoch)

    def _save(self, trainer: Trainer, epochs: int) -> None:
        if self.path is not None:
            trainer.save_checkpoint(self.path)
            self._written, self.epochs = time.monotonic(), epochs
