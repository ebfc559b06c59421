"""What an epoch has seen so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from lightning.pytorch import Trainer
from torch import Tensor


@dataclass
class EpochMetrics:
    """What an epoch has seen so far: the losses of its steps, each before the step, and its metrics by name."""

    losses: list[Tensor] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)

    def mean_loss(self, trainer: Trainer) -> float:
        """Mean of the losses of all steps; of several processes, each of which has its share of every minibatch."""
        mean = torch.cat(self.losses).double().mean()
        return float(trainer.strategy.reduce(mean, reduce_op="mean").item())

    def log(self, metrics: Mapping[str, float], trainer: Trainer) -> None:
        """Keep metrics, and let callbacks see them at once.

        That is what ``log_dict`` does in the end; by itself it takes longer than a short epoch.

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
    """The mean loss of a minibatch, which Lightning has divided by the number of minibatches that share a step.

    Args:
        outputs: what Lightning gives ``on_train_batch_end`` for a single step.
        trainer: Lightning's.
    """
    loss: Tensor = outputs["loss"].detach() * trainer.accumulate_grad_batches
    return loss
