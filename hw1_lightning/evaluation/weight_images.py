"""Draws the weights of a linear classifier as images, one per class."""

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
    """Writes the weights of a linear classifier to TensorBoard, as one labelled image per class.

    Args:
        every_n_epochs: epochs between two images; the final weights are always written.
    """

    def __init__(self, every_n_epochs: int = 10) -> None:
        self.every_n_epochs = every_n_epochs

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the image every ``every_n_epochs`` epochs."""
        if (trainer.current_epoch + 1) % self.every_n_epochs == 0:
            self._write(trainer, pl_module, trainer.current_epoch + 1)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the image of the final weights."""
        if trainer.current_epoch % self.every_n_epochs:
            self._write(trainer, pl_module, trainer.current_epoch)

    def _write(self, trainer: Trainer, pl_module: LightningModule, epoch: int) -> None:
        if not isinstance(pl_module, Classifier) or (weight := pl_module.templates()) is None:
            return
        sheet = template_sheet(weight, pl_module.class_names)
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.experiment.add_image("weights/templates", sheet, epoch, dataformats="HWC")


def template_sheet(weight: Tensor, class_names: tuple[str, ...]) -> npt.NDArray[np.uint8]:
    """Draw weights as a sheet of images, one per class.

    All classes share one symmetric scale: 0 is mid-grey, and the largest absolute weight of all is black or white, in
    colour images for each channel. NaN is drawn as 0.

    Args:
        weight: shape ``(C, height, width, channels)``, with 1 or 3 channels.
        class_names: C captions.

    Returns:
        The sheet, uint8, shape ``(H, W, 3)``.
    """
    weight = torch.nan_to_num(weight.detach().double().cpu())
    scale = weight.abs().max().clamp_min(torch.finfo(torch.float64).tiny)
    tiles = (127.5 * (1 + weight / scale)).round().to(torch.uint8).numpy()
    return np.asarray(contact_sheet(tiles, class_names, math.ceil(math.sqrt(len(tiles)))))
