"""The metrics that were logged in one epoch, by the model or by callbacks."""

from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from hw1_lightning.training.two_ways import TwoWayModule


class LoggedInEpoch:
    """Separates the metrics of one epoch from those of earlier epochs, which Lightning keeps in the same dictionary.

    They are complete when the next epoch starts or training ends, since Lightning calls ``on_train_epoch_end`` of
    callbacks before that of the model.
    """

    def __init__(self) -> None:
        self._before: dict[str, Tensor] = {}

    def begin(self, trainer: Trainer) -> None:
        """Store what was logged before this epoch."""
        self._before = dict(trainer.callback_metrics)

    def end(self, trainer: Trainer, pl_module: LightningModule) -> dict[str, float]:
        """Return the metrics logged in the epoch; those of hw1's models in full precision."""
        logged = {
            name: float(value)
            for name, value in trainer.callback_metrics.items()
            if self._before.get(name) is not value and value.numel() == 1
        }
        return logged | (pl_module.epoch.metrics if isinstance(pl_module, TwoWayModule) else {})
