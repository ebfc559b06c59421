"""What one of several processes does of a minibatch."""

from lightning.pytorch import Trainer
from torch import Tensor


def share_of(inputs: Tensor, targets: Tensor, trainer: Trainer) -> tuple[Tensor, Tensor, float]:
    """One process's share of a minibatch.

    Args:
        inputs: of the whole minibatch, ``(B, ...)``.
        targets: likewise.
        trainer: tells how many processes there are.

    Returns:
        The share, and the factor for its mean loss with which the mean over processes is that of the minibatch. A
        minibatch of fewer examples than processes is not divided.
    """
    processes, whole = trainer.world_size, len(inputs)
    if not whole >= processes > 1:
        return inputs, targets, 1.0
    inputs, targets = inputs[trainer.global_rank :: processes], targets[trainer.global_rank :: processes]
    return inputs, targets, len(inputs) * processes / whole
