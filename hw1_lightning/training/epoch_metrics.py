"""The losses and metrics of the epoch in progress."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from lightning.pytorch import Trainer
from torch import Tensor


@dataclass
class EpochMetrics:
    """The losses of an epoch's steps, each computed before its step, and the epoch's metrics by name."""

    losses: list[Tensor] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)

    def mean_loss(self, trainer: Trainer) -> float:
        """Return the mean loss of all steps, averaged over processes, since each has a share of every minibatch."""
        mean = torch.cat(self.losses).double().mean()
        return float(trainer.strategy.reduce(mean, reduce_op="mean").item())

    def log(self, metrics: Mapping[str, float], trainer: Trainer) -> None:
        """Store metrics, and make them visible to callbacks at once.

        Same effect as ``log_dict``, which takes longer than a short epoch.

        Args:
            metrics: numbers by name.
            trainer: Lightning's.
        """
        tensors = {name: torch.tensor(value) for name, value in metrics.items()}
        trainer.callback_metrics.update(tensors)
        trainer.logged_metrics.update(tensors)
        trainer.progress_bar_metrics.update(metrics)
        self.metrics.update(metrics)


def loss_of_step(outputs: Mapping[str, Any], trainer: Trainer) -> Tensor:
    """Return the mean loss of a minibatch, undoing Lightning's division by the number of minibatches in a step.

    Args:
        outputs: the argument of ``on_train_batch_end`` after a single step.
        trainer: Lightning's.
    """
    return outputs["loss"].detach() * trainer.accumulate_grad_batches  # type: ignore[no-any-return]
