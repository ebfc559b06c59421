"""Ends a run after Ctrl-C or SIGTERM, with everything saved that is needed to resume it."""

from contextlib import ExitStack
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from hw1_lightning.runs.last_checkpoint import LastCheckpoint
from hw1_lightning.signals import Interrupted, signals_to


class Interruption(Callback):
    """Ends training after a signal, as soon as last.ckpt holds the last finished epoch.

    ``LastCheckpoint`` saves at most once a second. If the last finished epoch is already saved when the signal comes,
    the run ends at once. If not, epochs are short: the run finishes the current one, saves it and ends. A second
    signal ends the run at once.
    """

    def __init__(self) -> None:
        self._received = 0
        self._last: LastCheckpoint | None = None
        self._handling = ExitStack()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Handle signals from now on, in place of the handlers that Lightning has just set."""
        lasts = [callback for callback in trainer.checkpoint_callbacks if isinstance(callback, LastCheckpoint)]
        # Several processes would have to agree on the moment; Lightning's handlers end them.
        if lasts and trainer.world_size == 1:
            self._last = lasts[0]
            self._handling.enter_context(signals_to(self._receive))

    def _receive(self, number: int, _: object) -> None:
        again, self._received = self._received, number
        if again:
            self._end()

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """End now if every finished epoch is saved."""
        if self._last is not None and self._last.epochs == trainer.current_epoch:
            self._end()

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: Any) -> None:
        """End now if every finished epoch is saved."""
        self.on_train_epoch_start(trainer, pl_module)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Have this epoch saved; checkpoint callbacks run after all others."""
        if self._last is not None and self._received:
            self._last.seconds = 0.0

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """End now that everything is saved; later signals end the process at once."""
        self._end()
        self._handling.close()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        """Restore the previous signal handlers."""
        self._handling.close()

    def _end(self) -> None:
        if self._received:
            epochs = self._last.epochs if self._last is not None else 0
            done = f" with {epochs} epochs done; the same command with --ckpt_path last resumes there"
            raise Interrupted(self._received, done if epochs else " before the first epoch was done; start it again")
