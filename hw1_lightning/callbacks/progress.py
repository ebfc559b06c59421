"""A progress bar whose cost does not grow with the number of steps."""

import sys
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ProgressBar
from tqdm import tqdm


class EpochProgressBar(ProgressBar):
    """One bar for the whole run: stacks done, with the epoch, training loss and validation accuracy or R^2.

    tqdm redraws it at most ten times a second, whatever the length of an epoch. It draws nothing where standard
    error is no terminal.
    """

    def __init__(self) -> None:
        super().__init__()
        self._enabled = True
        self._bar: tqdm[Any] | None = None

    def disable(self) -> None:
        """Draw nothing."""
        self._enabled = False

    def enable(self) -> None:
        """Draw again."""
        self._enabled = True

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the bar."""
        epochs = trainer.max_epochs if trainer.max_epochs not in (None, -1) else None
        self._bar = tqdm(
            total=epochs,
            initial=trainer.current_epoch,
            unit="epoch",
            disable=not (self._enabled and trainer.is_global_zero and sys.stderr.isatty()),
            dynamic_ncols=True,
            bar_format="{desc}epoch {n:.0f}/{total_fmt} |{bar:20}| {elapsed}<{remaining}{postfix}",
        )

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *args: Any) -> None:
        """Move on by the share of the epoch that one stack is."""
        if self._bar is not None:
            self._bar.update(1 / trainer.num_training_batches)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Show the newest metrics."""
        if self._bar is not None and not self._bar.disable:
            metrics = trainer.callback_metrics
            shown: dict[str, object] = {
                key: f"{metrics[key]:.4f}" for key in ("train/loss", "val/accuracy", "val/r2") if key in metrics
            }
            self._bar.set_postfix(shown, refresh=False)

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        """Leave the bar where it stands, so that the message comes below it."""
        self.on_train_end(trainer, pl_module)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave the finished bar on the screen."""
        if self._bar is not None:
            self._bar.close()
