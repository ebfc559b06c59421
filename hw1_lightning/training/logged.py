"""What one epoch has logged, whoever has logged it."""

from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from hw1_lightning.training.two_ways import TwoWayModule


class LoggedInEpoch:
    """The metrics of one epoch alone: Lightning keeps those of earlier epochs among them.

    They are complete when the next epoch starts, or training ends: callbacks hear of the end of an epoch before the
    model does.
    """

    def __init__(self) -> None:
        self._before: dict[str, Tensor] = {}

    def begin(self, trainer: Trainer) -> None:
        """Note what was logged before this epoch."""
        self._before = dict(trainer.callback_metrics)

    def end(self, trainer: Trainer, pl_module: LightningModule) -> dict[str, float]:
        """What the epoch has logged; hw1's own metrics in full precision."""
        logged = {
            name: float(value)
            for name, value in trainer.callback_metrics.items()
            if self._before.get(name) is not value and value.numel() == 1
        }
        return logged | (pl_module.epoch.metrics if isinstance(pl_module, TwoWayModule) else {})
