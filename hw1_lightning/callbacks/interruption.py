"""Ctrl-C and SIGTERM end a run where it can go on."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from hw1_lightning.callbacks.last_checkpoint import LastCheckpoint

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(BaseException):
    """A signal asked the process to end; no Exception, so that nothing takes it for an error.

    Args:
        number: the signal's.
        epochs: finished epochs of training that last.ckpt holds; 0 for none.
    """

    def __init__(self, number: int, epochs: int = 0) -> None:
        super().__init__(number)
        self.number, self.epochs = number, epochs

    @property
    def status(self) -> int:
        """The exit status that shells expect: 130 for Ctrl-C, 143 for SIGTERM."""
        return 128 + self.number


class Interruption(Callback):
    """Ends training after a signal, as soon as last.ckpt holds the last finished epoch.

    ``LastCheckpoint`` writes once a second at most. So an epoch that is already on the disk when the signal comes is
    the end at once; a newer one is short, and the run ends, and is saved, with the one it is in. A second signal ends
    it at once.
    """

    def __init__(self) -> None:
        self._received = 0
        self._last: LastCheckpoint | None = None

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Receive the signals in this block, which must be in the main thread.

        Raises:
            Interrupted: where the block is, if it is not in training.
        """
        before = {number: signal.signal(number, self._receive) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _receive(self, number: int, _: FrameType | None) -> None:
        if self._last is None or self._received:
            raise Interrupted(number, self._last.epochs if self._last else 0)
        self._received = number

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Wait, from now on, for a good moment."""
        lasts = [callback for callback in trainer.checkpoint_callbacks if isinstance(callback, LastCheckpoint)]
        # Several processes would have to agree on the moment: there, Lightning ends them as it does.
        if lasts and trainer.world_size == 1:
            self._last = lasts[0]
            signal.signal(signal.SIGTERM, self._receive)  # Lightning has put one of its own

    def on_train_batch_end(self, trainer: Trainer, *_: Any) -> None:
        """End now if nothing finished would be lost."""
        if self._last is not None and self._last.epochs == trainer.current_epoch:
            self._end()

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Have this epoch saved; checkpoints come after other callbacks."""
        if self._last is not None and self._received:
            self._last.seconds = 0.0

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """End now that the last epoch is saved."""
        if trainer.current_epoch:
            self._end()

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """End now that everything is saved; after this, signals end the process at once."""
        self._end()
        self._last = None

    def _end(self) -> None:
        if self._last is not None and self._received:
            raise Interrupted(self._received, self._last.epochs)
