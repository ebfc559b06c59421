"""Progress of a run: a bar on a terminal, otherwise a line every ten seconds."""

import math
import sys
import time
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ProgressBar, Timer
from tqdm import tqdm

from hw1_lightning.metrics import BY_NAME, VALIDATED
from hw1_lightning.training.lightning_internals import callbacks_of
from hw1_lightning.training.logged_metrics import LoggedInEpoch

SHOWN = ("train/loss", *(name for name in VALIDATED if BY_NAME[name].share))
# Seconds between two drawings of the bar, and between two lines where standard error is not a terminal.
BAR_SECONDS, LINE_SECONDS = 0.1, 10.0
BAR_FORMAT = "{desc}|{bar:20}| {elapsed}<{remaining}{postfix}"


class EpochProgressBar(ProgressBar):
    """Finished epochs, the loss and accuracy (or R^2) of the last of them, and the time left.

    On a terminal this is a bar, which also moves within an epoch and is drawn at most ten times a second. Elsewhere it
    is a line at most every ten seconds; a shorter run prints none.
    """

    def __init__(self) -> None:
        super().__init__()
        self._enabled = True
        self._bar: tqdm[Any] | None = None
        self._logged = LoggedInEpoch()
        self._metrics = ""
        self._finished, self._printed, self._first, self._started, self._shown = 0, 0, 0.0, 0.0, 0.0

    def disable(self) -> None:
        """Hide progress."""
        self._enabled = False

    def enable(self) -> None:
        """Show progress again."""
        self._enabled = True

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock and, on a terminal, the bar."""
        self._enabled = self._enabled and trainer.is_global_zero
        self._finished = self._printed = trainer.current_epoch
        self._first = _share_done(trainer, self._finished)
        self._started = self._shown = time.monotonic()
        if self._enabled and sys.stderr.isatty():
            limited = _limits(trainer) or any(timer.time_remaining() is not None for timer in _timers(trainer))
            total = 1.0 if limited else None
            self._bar = tqdm(total=total, initial=self._first, dynamic_ncols=True, bar_format=BAR_FORMAT)
            self._show(trainer, 0.0)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Read the metrics of the previous epoch, which are complete only now."""
        self._end_epoch(trainer, pl_module, trainer.current_epoch)
        self._logged.begin(trainer)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Advance by the share that one stack or minibatch is of the epoch."""
        if self._enabled and self._is_time():
            self._show(trainer, (batch_idx + 1) / trainer.num_training_batches)

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        """Close the bar, so that the error message is printed below it."""
        self._close()

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave the finished bar on the screen."""
        self._end_epoch(trainer, pl_module, trainer.current_epoch)
        if self._bar is not None:
            self._show(trainer, 0.0)
        self._close()

    def _end_epoch(self, trainer: Trainer, pl_module: LightningModule, finished: int) -> None:
        if not self._enabled or finished == self._finished:
            return
        self._finished = finished
        logged = self._logged.end(trainer, pl_module)
        names = [name for name in SHOWN if name in logged] or [n for n in trainer.progress_bar_metrics if n in logged]
        self._metrics = "".join(f", {name}={logged[name]:.4f}" for name in names)
        if self._is_time():
            self._show(trainer, 0.0)

    def _is_time(self) -> bool:
        seconds = LINE_SECONDS if self._bar is None else BAR_SECONDS
        return time.monotonic() - self._shown >= seconds

    def _show(self, trainer: Trainer, of_epoch: float) -> None:
        """Show the finished epochs and the share of the current one."""
        self._shown = time.monotonic()
        total = trainer.max_epochs if trainer.max_epochs not in (None, -1) else "?"
        share = min(1.0, _share_done(trainer, self._finished + of_epoch))
        epochs = f"epoch {self._finished}/{total}"
        if self._bar is not None:
            self._bar.n = share
            self._bar.set_description_str(f"{epochs} ", refresh=False)
            self._bar.set_postfix_str(self._metrics.removeprefix(", "))  # draws the bar
        else:
            # Printed only if an epoch takes longer than the time between two lines.
            within = f" and {of_epoch:.0%} of the next" if self._finished == self._printed else ""
            self._printed = self._finished
            print(f"hw1: {epochs}{within}{self._metrics}{self._left(share)}", file=sys.stderr, flush=True)

    def _left(self, share: float) -> str:
        """Return the time left, estimated from the time that the finished share took."""
        done = share - self._first
        if done <= 0:
            return ""
        seconds = (time.monotonic() - self._started) / done * (1 - share)
        return f", {tqdm.format_interval(seconds)} left"

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _timers(trainer: Trainer) -> list[Timer]:
    return [callback for callback in callbacks_of(trainer) if isinstance(callback, Timer)]


def _limits(trainer: Trainer) -> list[float]:
    """Return how many epochs each limit of a trainer allows; ``max_time`` is not one of them."""
    epochs = [float(trainer.max_epochs)] if trainer.max_epochs is not None and trainer.max_epochs > 0 else []
    steps = trainer.num_training_batches / trainer.accumulate_grad_batches
    return epochs + ([trainer.max_steps / steps] if trainer.max_steps > 0 and 0 < steps < math.inf else [])


def _share_done(trainer: Trainer, epochs: float) -> float:
    """Return the finished share of the training, by epochs or by ``max_time``; 0 without limits."""
    limits = _limits(trainer)
    shares = [epochs / min(limits)] if limits else []
    for timer in _timers(trainer):
        elapsed, remaining = timer.time_elapsed(), timer.time_remaining()
        shares += [elapsed / (elapsed + remaining)] if remaining is not None and elapsed > 0 else []
    return max(shares, default=0.0)
