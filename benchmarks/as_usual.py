"""A LightningModule as Lightning's tutorials write it."""

from collections.abc import Callable

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn

Split = tuple[Tensor, Tensor]


class AsUsual(LightningModule):
    """A LightningModule as tutorials write it: automatic optimisation and ``self.log``.

    Args:
        network: the model.
        optimizer: makes its optimiser.
    """

    def __init__(self, network: nn.Module, optimizer: Callable[[nn.Module], torch.optim.Optimizer]) -> None:
        super().__init__()
        self.network, self.make_optimizer = network, optimizer

    def training_step(self, batch: Split, batch_idx: int) -> Tensor:
        """Return the loss of a minibatch."""
        loss = nn.functional.cross_entropy(self.network(batch[0]), batch[1])
        self.log("train/loss", loss, prog_bar=True, on_step=True, on_epoch=True)
        return loss

    def validation_step(self, batch: Split, batch_idx: int) -> None:
        """Log loss and accuracy of a minibatch."""
        scores = self.network(batch[0])
        self.log("val/loss", nn.functional.cross_entropy(scores, batch[1]), prog_bar=True)
        self.log("val/accuracy", (scores.argmax(1) == batch[1]).float().mean(), prog_bar=True)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Make the optimiser."""
        return self.make_optimizer(self.network)
