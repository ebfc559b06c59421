"""Mistakes in the evaluation."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import nn

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.diagnosis.mistaken.layers import linear_layers
from hw1_lightning.diagnosis.mistaken.wrapper import Wrapper
from hw1_lightning.models.classifier import Classifier


@dataclass(frozen=True)
class DropoutInEvaluation(Wrapper):
    """Dropout stays on when a split is evaluated."""

    def evaluates(self, model: Classifier) -> None:
        """Turn dropout on again."""
        for layer in model.modules():
            if isinstance(layer, nn.Dropout):
                layer.train()


@dataclass(frozen=True)
class Rounded(Wrapper):
    """No mistake: numbers are rounded as on another machine.

    The first weights and the scale of the inputs are changed by about one unit of their last digit. Where training is
    stable nothing changes; where it is chaotic, everything does.

    Args:
        seed: of the changes, from 1.
    """

    in_closed_form: ClassVar[bool] = True
    seed: int

    def prepare(self, model: Classifier, data: ArrayDataModule) -> None:
        """Change weights and scale."""
        generator = torch.Generator().manual_seed(self.seed)
        for layer in linear_layers(model):
            unit = torch.finfo(layer.weight.dtype).eps
            signs = torch.randint(-1, 2, layer.weight.shape, generator=generator)
            layer.weight.data.mul_(1 + unit * signs)
        model.input_scale *= 1 + torch.finfo(next(model.parameters()).dtype).eps * (2 * (self.seed % 2) - 1) * self.seed
