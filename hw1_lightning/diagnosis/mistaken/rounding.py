"""Other rounding, which is not a mistake: what the same program gives on another machine."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.diagnosis.mistaken.layers import linear_layers
from hw1_lightning.diagnosis.mistaken.wrapper import Wrapper
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.models.perceptron import Perceptron


@dataclass(frozen=True)
class Rounded(Wrapper):
    """No mistake: numbers are rounded as on another machine.

    The first weights and the scale of the inputs are changed by about one unit of their last digit. Where training is
    stable nothing changes; where it is chaotic, everything does. A perceptron whose sums are exact changes nowhere.

    Args:
        seed: of the changes, from 1.
    """

    in_closed_form: ClassVar[bool] = True
    seed: int

    def prepare(self, model: Classifier, data: ArrayDataModule) -> None:
        """Change weights and scale."""
        if _has_exact_sums(model):
            return
        generator = torch.Generator().manual_seed(self.seed)
        for layer in linear_layers(model):
            unit = torch.finfo(layer.weight.dtype).eps
            signs = torch.randint(-1, 2, layer.weight.shape, generator=generator)
            layer.weight.data.mul_(1 + unit * signs)
        model.input_scale *= 1 + torch.finfo(next(model.parameters()).dtype).eps * (2 * (self.seed % 2) - 1) * self.seed


def _has_exact_sums(model: Classifier) -> bool:
    """Return whether a model adds and subtracts whole multiples of a power of two alone, in float64.

    The perceptron does, if intensities are whole numbers times such a scale, and weights start at zero. Then ties of
    two classes are ties on every machine, while a change of the scale would break them.
    """
    in_float64 = next(model.parameters()).dtype == torch.float64
    powers_of_two = all(math.frexp(factor)[0] == 0.5 for factor in (model.input_scale, model.learning_rate))
    standardised = "shift" in dict(model.named_buffers())
    starts_at_zero = not any(parameter.any() for parameter in model.parameters())
    return isinstance(model, Perceptron) and in_float64 and powers_of_two and starts_at_zero and not standardised
