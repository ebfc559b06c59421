"""Divide a minibatch among several processes."""

from lightning.pytorch import Trainer
from torch import Tensor


def share_of(inputs: Tensor, targets: Tensor, trainer: Trainer) -> tuple[Tensor, Tensor, float]:
    """Return this process's share of a minibatch.

    Args:
        inputs: of the whole minibatch, ``(B, ...)``.
        targets: of the whole minibatch, ``(B, ...)``.
        trainer: knows the number of processes and the rank of this one.

    Returns:
        The share of inputs and targets, and a factor: multiplied with it, the mean losses of the shares average to the
        mean loss of the minibatch. A minibatch with fewer examples than processes is not divided.
    """
    processes, whole = trainer.world_size, len(inputs)
    if not whole >= processes > 1:
        return inputs, targets, 1.0
    inputs, targets = inputs[trainer.global_rank :: processes], targets[trainer.global_rank :: processes]
    return inputs, targets, len(inputs) * processes / whole
