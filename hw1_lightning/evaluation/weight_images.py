"""The weights of a linear model as pictures: what each class looks for."""

import math

import numpy as np
import numpy.typing as npt
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor

from hw1_lightning.evaluation.image_sheets import contact_sheet
from hw1_lightning.models.classifier import Classifier


class WeightTemplates(Callback):
    """Writes the weights of a linear classifier as one labelled picture a class to TensorBoard.

    Args:
        every_n_epochs: after which epochs; the last one is always written.
    """

    def __init__(self, every_n_epochs: int = 10) -> None:
        self.every_n_epochs = every_n_epochs

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the picture if it is time."""
        if (trainer.current_epoch + 1) % self.every_n_epochs == 0:
            self._write(trainer, pl_module, trainer.current_epoch + 1)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the picture of the final weights."""
        if trainer.current_epoch % self.every_n_epochs:
            self._write(trainer, pl_module, trainer.current_epoch)

    def _write(self, trainer: Trainer, pl_module: LightningModule, epoch: int) -> None:
        if not isinstance(pl_module, Classifier) or (weight := pl_module.templates()) is None:
            return
        picture = template_sheet(weight, pl_module.class_names)
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.experiment.add_image("weights/templates", picture, epoch, dataformats="HWC")


def template_sheet(weight: Tensor, class_names: tuple[str, ...]) -> npt.NDArray[np.uint8]:
    """Draw weights as a sheet of pictures, one a class.

    All classes share one symmetric scale: middle grey is 0, and the largest absolute weight of all is black or white
    (for colour images: channel by channel). A NaN is drawn as 0.

    Args:
        weight: shape ``(C, height, width, channels)``, with 1 or 3 channels.
        class_names: a label for each class.

    Returns:
        The sheet, uint8, shape ``(H, W, 3)``.
    """
    weight = torch.nan_to_num(weight.detach().double().cpu())
    scale = weight.abs().max().clamp_min(torch.finfo(torch.float64).tiny)
    tiles = (127.5 * (1 + weight / scale)).round().to(torch.uint8).numpy()
    return np.asarray(contact_sheet(tiles, class_names, math.ceil(math.sqrt(len(tiles)))))
