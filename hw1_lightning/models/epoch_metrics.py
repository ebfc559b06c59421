"""What an epoch has seen so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lightning.pytorch import Trainer
from torch import Tensor


@dataclass
class EpochMetrics:
    """What an epoch has seen so far: the losses of its steps, each before the step, and its metrics by name."""

    losses: list[Tensor] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)


def loss_of_step(outputs: Mapping[str, Any], trainer: Trainer) -> Tensor:
    """The mean loss of a minibatch, which Lightning has divided by the number of minibatches that share a step.

    Args:
        outputs: what Lightning gives ``on_train_batch_end`` for a single step.
        trainer: Lightning's.
    """
    loss: Tensor = outputs["loss"].detach() * trainer.accumulate_grad_batches
    return loss
