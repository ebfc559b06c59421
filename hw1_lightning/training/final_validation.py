"""Whether the final weights still have to be validated."""

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from hw1_lightning.training.two_ways import TwoWayModule


class FinalValidation(Callback):
    """Remembers which weights were validated last, since they may change afterwards.

    Training may end between two validations, and ``StochasticWeightAveraging``, for example, replaces the weights by
    their averages after the last validation.
    """

    def __init__(self) -> None:
        self._step = -1
        self._weights: list[Tensor] = []

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Store the step, and the weights unless steps are taken in stacks: then no callback changes them."""
        self._step = trainer.global_step
        unwatched = isinstance(pl_module, TwoWayModule) and pl_module.why_one_step_at_a_time is None
        self._weights = [] if unwatched else [value.detach().clone() for value in pl_module.parameters()]

    def is_due(self, trainer: Trainer, pl_module: LightningModule) -> bool:
        """Return whether the final weights still have to be validated."""
        changed = self._weights and not all(map(torch.equal, self._weights, pl_module.parameters()))
        return bool(trainer.enable_validation and (changed or self._step != trainer.global_step))
