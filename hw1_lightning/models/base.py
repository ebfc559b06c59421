"""The base class of all models: hyperparameters, features from raw inputs, and evaluation."""

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal

import torch
from lightning.pytorch.trainer.states import TrainerFn
from lightning.pytorch.utilities import rank_zero_info
from torch import Tensor
from torchmetrics import Metric

from hw1_lightning.data.loader import Minibatch, Stack
from hw1_lightning.imports import path_of
from hw1_lightning.models.split_metrics import Evaluation
from hw1_lightning.models.weights import weight_l2_norm
from hw1_lightning.training.inputs import scaled_features
from hw1_lightning.training.lightning_internals import convert_step_counts, is_attached
from hw1_lightning.training.optimization import Optimization
from hw1_lightning.training.steps import Steps
from hw1_lightning.training.two_ways import TwoWayModule


class StackModule(TwoWayModule):
    """A model of raw inputs, trained by stacks of optimiser steps or by Lightning's own loop, one step at a time.

    Metrics are logged once per epoch, with the number of finished epochs as the step. The arguments of a model are
    saved as its hyperparameters, without a call of ``save_hyperparameters``.

    Args:
        input_shape: shape of one raw input, without the batch axis; the command line takes it from the data.
        input_scale: raw inputs are multiplied by this (1/256 for 8-bit photographs); taken from the data, too.
        metrics: what is measured in addition to the loss, by its name after ``val/``.
        learning_rate: step size of the optimiser.
        momentum: share of the last step that is kept in the next one, 0 to 1; the default is the optimiser's.
        weight_decay: the optimiser's own; for SGD it adds ``weight_decay * w`` to the gradient. The default is the
            optimiser's: 0 for SGD, 0.01 for AdamW.
        l2_penalty: each step shrinks all weights and biases by ``1 - learning_rate * l2_penalty``, with any optimiser;
            for SGD without momentum this is the same as ``weight_decay``.
        optimizer: name of a class of ``torch.optim``.
        optimizer_options: its further arguments by name.
        lr_scheduler: name of a class of ``torch.optim.lr_scheduler``; ``ReduceLROnPlateau`` watches ``val/loss``.
        lr_scheduler_options: its arguments by name.
        lr_scheduler_interval: whether the scheduler advances after each epoch or each optimiser step.

    Raises:
        InputError: if a hyperparameter is out of range, or an optimiser or scheduler is unknown.

    Attributes:
        best_metric: the metric by which the best epoch is chosen, and whether by its ``max`` or ``min``.
        order_matters: whether the order of the training examples changes the result.
        numpy_draws: how many numbers its initial weights took from NumPy's generator; ``order: numpy`` follows them.
    """

    best_metric: ClassVar[tuple[str, Literal["max", "min"]]]
    order_matters: ClassVar[bool] = True
    numpy_draws: int = 0

    def __init__(
        self,
        input_shape: Sequence[int],
        input_scale: float,
        metrics: Mapping[str, Metric],
        learning_rate: float = 0.01,
        momentum: float | None = None,
        weight_decay: float | None = None,
        l2_penalty: float = 0.0,
        optimizer: str = "SGD",
        optimizer_options: Mapping[str, Any] | None = None,
        lr_scheduler: str | None = None,
        lr_scheduler_options: Mapping[str, Any] | None = None,
        lr_scheduler_interval: Literal["epoch", "step"] = "epoch",
    ) -> None:
        steps = (learning_rate, momentum, weight_decay, l2_penalty, optimizer, dict(optimizer_options or {}))
        schedule = (lr_scheduler, dict(lr_scheduler_options or {}), lr_scheduler_interval)
        super().__init__(Optimization(*steps, *schedule))
        self.save_hyperparameters(self.take_arguments(), logger=False)
        self.input_shape, self.input_size = tuple(input_shape), math.prod(input_shape)
        self.input_scale = input_scale
        self.evaluation = Evaluation(metrics)

    @property
    def learning_rate(self) -> float:
        """Step size of the optimiser; ``LearningRateFinder`` sets it before training."""
        return self.optimization.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: float) -> None:
        self.optimization = replace(self.optimization, learning_rate=learning_rate)
        self.hparams["learning_rate"] = learning_rate

    @abstractmethod
    def outputs(self, features: Tensor) -> Tensor:
        """Map features, ``(B, input_size)``, to outputs, ``(B, num_outputs)``."""

    def features(self, inputs: Tensor) -> Tensor:
        """Flatten and scale raw inputs, ``(B, *input_shape)`` of any dtype, to the dtype of the weights."""
        return scaled_features(inputs, self.input_scale, next(self.parameters()).dtype)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map raw inputs, ``(B, *input_shape)``, to outputs, ``(B, num_outputs)``."""
        return self.outputs(self.features(inputs))

    def on_fit_start(self) -> None:
        """Choose how steps are taken, and log why if they are taken one at a time."""
        reason = self.why_one_step_at_a_time
        if reason is not None:
            rank_zero_info(f"one step at a time: {reason}")
        elif self.trainer.optimizers:  # QuadraticRegression has none
            self.take_steps = Steps(self)

    def validation_step(self, batch: Stack | Minibatch, batch_idx: int) -> None:
        """Add one stack or minibatch to the loss and the metrics of its split."""
        inputs, targets = batch
        if isinstance(batch, Stack):
            outputs, targets = torch.cat([self(minibatch) for minibatch in inputs]), targets.flatten(0, 1)
        else:
            outputs = self(inputs)
        self.evaluation.update(self.loss(outputs, targets), outputs, targets)

    test_step = validation_step

    def on_validation_epoch_end(self) -> None:
        """Log ``val/loss`` and the metrics."""
        self.record(self.evaluation.finish("val"))

    def on_test_epoch_end(self) -> None:
        """Log ``test/loss`` and the metrics."""
        self.record(self.evaluation.finish("test"))

    def weight_metrics(self) -> dict[str, float]:
        """Return the metrics of the weights that are logged after each epoch."""
        return {"weights/l2_norm": weight_l2_norm(self).item()}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add the class of the model, so that a checkpoint alone is enough to predict."""
        checkpoint["class_path"] = path_of(type(self))

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Convert the counted steps if they were taken in the other way."""
        if is_attached(self) and self.trainer.state.fn == TrainerFn.FITTING:
            convert_step_counts(checkpoint, stacks=self.why_one_step_at_a_time is None)
