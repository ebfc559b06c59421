"""What Lightning's checkpoints lack for going on exactly where a run stood."""

import time
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer


class RunState(Callback):
    """Keeps in checkpoints how many epochs are done, in how many seconds, and torch's random states.

    So dropout goes on with the draws that would have come next. The order of examples has a generator of its own,
    which the data module keeps.

    Attributes:
        epochs: finished epochs.
    """

    def __init__(self) -> None:
        self.epochs = 0
        self._seconds_before, self._start = 0.0, time.perf_counter()
        self._random: dict[str, Any] = {}

    @property
    def seconds(self) -> float:
        """Seconds of training, those before an interruption included."""
        return self._seconds_before + time.perf_counter() - self._start

    def state_dict(self) -> dict[str, Any]:
        """The state now."""
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
        return {"epochs": self.epochs, "seconds": self.seconds, "cpu": torch.get_rng_state(), "cuda": cuda}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state; random ones wait until training starts, since what comes before it draws numbers too."""
        self.epochs, self._seconds_before, self._random = state_dict["epochs"], state_dict["seconds"], state_dict

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Start the clock."""
        self._start = time.perf_counter()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Set random states that were restored."""
        if self._random:
            torch.set_rng_state(self._random["cpu"].cpu())
            for device, state in enumerate(self._random["cuda"][: torch.cuda.device_count()]):
                torch.cuda.set_rng_state(state.cpu(), device)
            self._random = {}

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Count; checkpoints are written after this."""
        self.epochs = trainer.current_epoch + 1
