"""Ctrl-C and SIGTERM end a run where it can go on."""

from contextlib import ExitStack
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from hw1_lightning.runs.last_checkpoint import LastCheckpoint
from hw1_lightning.signals import Interrupted, signals_to


class Interruption(Callback):
    """Ends training after a signal, as soon as last.ckpt holds the last finished epoch.

    ``LastCheckpoint`` writes once a second at most. So an epoch that is already on the disk when the signal comes is
    the end at once; a newer one is short, and the run ends, and is saved, with the one it is in. A second signal ends
    it at once.
    """

    def __init__(self) -> None:
        self._received = 0
        self._last: LastCheckpoint | None = None
        self._handling = ExitStack()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Wait, from now on, for a good moment; Lightning has put a handler of its own by now."""
        lasts = [callback for callback in trainer.checkpoint_callbacks if isinstance(callback, LastCheckpoint)]
        # Several processes would have to agree on the moment: there, Lightning ends them as it does.
        if lasts and trainer.world_size == 1:
            self._last = lasts[0]
            self._handling.enter_context(signals_to(self._receive))

    def _receive(self, number: int, _: object) -> None:
        again, self._received = self._received, number
        if again:
            self._end()

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """End now if nothing finished would be lost."""
        if self._last is not None and self._last.epochs == trainer.current_epoch:
            self._end()

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: Any) -> None:
        """Likewise."""
        self.on_train_epoch_start(trainer, pl_module)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Have this epoch saved; checkpoints come after other callbacks."""
        if self._last is not None and self._received:
            self._last.seconds = 0.0

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """End now that everything is saved; from now on, signals end the process at once."""
        self._end()
        self._handling.close()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        """Leave signals to whom they were before."""
        self._handling.close()

    def _end(self) -> None:
        if self._received:
            epochs = self._last.epochs if self._last is not None else 0
            done = f" with {epochs} epochs done; the same command with --ckpt_path last resumes there"
            raise Interrupted(self._received, done if epochs else " before the first epoch was done; start again")
