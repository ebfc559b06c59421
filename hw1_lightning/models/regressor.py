"""The base class of all models that predict numbers."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torchmetrics.regression import MeanSquaredError, R2Score

from hw1_lightning.data.loader import Minibatch, Stack, flat
from hw1_lightning.errors import InputError
from hw1_lightning.models.base import StackModule


class Regressor(StackModule):
    """A model that predicts numbers; its loss is the mean squared error, its metrics include R^2.

    Args:
        input_shape: shape of one raw input, without the batch axis; the command line takes it from the data.
        num_outputs: numbers to predict for each example, O; taken from the data, too.
        input_scale: raw inputs are multiplied by this; taken from the data, too.
        **training: the arguments of ``StackModule``.

    Raises:
        InputError: if there are no numbers to predict, as in data for classification.
    """

    best_metric = ("val/loss", "min")

    def __init__(self, input_shape: Sequence[int], num_outputs: int, input_scale: float = 1.0, **training: Any) -> None:
        if num_outputs < 1:
            raise InputError(
                f"{type(self).__name__} predicts numbers, but num_outputs is {num_outputs}: the targets of this "
                "data are classes; choose --data.source Diabetes or Teacher, or a classifier such as "
                "--model QuadraticClassifier"
            )
        super().__init__(input_shape, input_scale, metrics={"mse": MeanSquaredError(), "r2": R2Score()}, **training)
        self.num_outputs = num_outputs

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean squared error of outputs and targets, both ``(B, num_outputs)``."""
        if targets.shape != outputs.shape:  # broadcasting would silently give a wrong number
            raise InputError(
                f"targets have shape {tuple(targets.shape)}, but {type(self).__name__} predicts "
                f"{tuple(outputs.shape)}; they must be numbers of shape (B, {self.num_outputs})"
            )
        return torch.nn.functional.mse_loss(outputs, targets.to(outputs.dtype))

    def predict_step(self, batch: Stack | Minibatch, batch_idx: int) -> Tensor:
        """Return outputs, ``(K * B, num_outputs)``, for one stack or minibatch."""
        return self(flat(batch)[0])  # type: ignore[no-any-return]
