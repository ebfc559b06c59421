"""What all models share: the stacked training step, the optimiser, and one row of metrics an epoch."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal

import torch
from lightning.pytorch import LightningModule
from torch import Tensor
from torchmetrics import Metric

from hw1_lightning.classes import path_of
from hw1_lightning.data.loader import Stack
from hw1_lightning.functional.inputs import scaled_features
from hw1_lightning.functional.weights import weight_l2_norm
from hw1_lightning.models.evaluation import Evaluation
from hw1_lightning.models.optimization import Optimization, advance
from hw1_lightning.models.steps import Steps


class StackModule(LightningModule, ABC):
    """A model trained by stacks of optimiser steps.

    One call of ``training_step`` executes the K steps of a stack (see ``StackLoader``), with the weights of K calls at
    the framework's cost of one. Metrics are logged once an epoch, with finished epochs as x.

    Args:
        input_shape: shape of one raw input, without the batch axis; the command line takes it from the data.
        input_scale: raw inputs are multiplied with this (1/256 for 8-bit photographs); taken from the data likewise.
        metrics: what is measured beside the loss, by its name after ``val/``.
        learning_rate: step size of the optimiser.
        momentum: share of the last step kept in the next one, 0 to 1.
        weight_decay: the optimiser's own; for SGD it adds ``weight_decay * w`` to the gradient.
        l2_penalty: each step shrinks all weights and biases by ``1 - learning_rate * l2_penalty``, whatever the
            optimiser; for SGD without momentum that is ``weight_decay`` under another name.
        optimizer: name of a class of ``torch.optim``.
        optimizer_options: its further arguments by name.
        lr_scheduler: name of a class of ``torch.optim.lr_scheduler``; ``ReduceLROnPlateau`` watches ``val/loss``.
        lr_scheduler_options: its arguments by name.
        lr_scheduler_interval: whether the scheduler advances after each epoch or each optimiser step.

    Raises:
        InputError: if a hyperparameter is out of its range or an optimiser or scheduler does not exist.

    Attributes:
        best_metric: the metric that says which epoch was best, and whether by its ``max`` or ``min``.
        order_matters: whether the order of the training examples changes the result.
    """

    best_metric: ClassVar[tuple[str, Literal["max", "min"]]]
    order_matters: ClassVar[bool] = True

    def __init__(
        self,
        input_shape: Sequence[int],
        input_scale: float,
        metrics: Mapping[str, Metric],
        learning_rate: float = 0.01,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        l2_penalty: float = 0.0,
        optimizer: str = "SGD",
        optimizer_options: Mapping[str, Any] | None = None,
        lr_scheduler: str | None = None,
        lr_scheduler_options: Mapping[str, Any] | None = None,
        lr_scheduler_interval: Literal["epoch", "step"] = "epoch",
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.input_size = math.prod(input_shape)
        self.input_scale = input_scale
        steps = (learning_rate, momentum, weight_decay, l2_penalty, optimizer, dict(optimizer_options or {}))
        self.optimization = Optimization(*steps, lr_scheduler, dict(lr_scheduler_options or {}), lr_scheduler_interval)
        self.evaluation, self.diverged = Evaluation(metrics), False
        self._step_losses: list[Tensor] = []
        self._epoch_metrics: dict[str, float] = {}

    @abstractmethod
    def outputs(self, features: Tensor) -> Tensor:
        """Map features, ``(B, input_size)``, to outputs, ``(B, num_outputs)``."""

    @abstractmethod
    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Mean loss of a minibatch, a scalar."""

    def online_steps(self, inputs: Tensor, targets: Tensor, learning_rate: float, l2_penalty: float) -> Tensor | None:
        """Learn from single examples, one plain SGD step each, in the exact blocked way of ``functional.online``.

        Args:
            inputs: raw inputs, ``(n, input_size)``.
            targets: ``(n,)``.
            learning_rate: step size.
            l2_penalty: each step shrinks by ``1 - learning_rate * l2_penalty``.

        Returns:
            The loss of each example before its step, ``(n,)``, or ``None``: the model has no such way.
        """
        return None

    def closed_form_gradient(self) -> Callable[[Tensor, Tensor], Tensor] | None:
        """Make what fills all parameters' gradients and gives the loss, from a minibatch of flat, unscaled inputs.

        Returns:
            That function, or ``None``: the model has none, and autograd does it.
        """
        return None

    def after_step(self, learning_rate: float) -> None:
        """Change the weights after each optimiser step."""

    def features(self, inputs: Tensor) -> Tensor:
        """Flatten and scale raw inputs, ``(B, *input_shape)`` of any dtype, to the dtype of the weights."""
        return scaled_features(inputs, self.input_scale, next(self.parameters()).dtype)

    def forward(self, inputs: Tensor) -> Tensor:
        """Outputs, ``(B, num_outputs)``, of raw inputs, ``(B, *input_shape)``."""
        return self.outputs(self.features(inputs))

    def configure_optimizers(self) -> Any:
        """Make the optimiser and, if one is named, the scheduler."""
        return self.optimization.build(self.parameters())

    def training_step(self, batch: Stack, batch_idx: int) -> None:
        """Execute the steps of one stack, or as many of them as ``max_steps`` still allows."""
        inputs, targets = batch
        left = self.trainer.max_steps - self.trainer.global_step
        steps = len(inputs) if self.trainer.max_steps == -1 else min(len(inputs), left)
        self._step_losses.append(self.execute(inputs[:steps], targets[:steps]))
        # The raw optimiser is stepped, since Lightning's wrapper costs as much as a step; so count for it.
        self.trainer.fit_loop.epoch_loop.manual_optimization.optim_step_progress.total.increment_by(steps)

    def execute(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Take K optimiser steps.

        Args:
            inputs: raw inputs, shape ``(K, B, *input_shape)``.
            targets: classes, shape ``(K, B)``, or numbers, ``(K, B, O)``.

        Returns:
            The loss of each minibatch before its step, shape ``(K,)``.
        """
        return self._steps(inputs, targets)

    def take_steps_with(self, steps: Callable[[Tensor, Tensor], Tensor]) -> None:
        """Let something else execute stacks, as ``execute`` does, from now until training ends."""
        self._steps = steps

    def on_fit_start(self) -> None:
        """Choose how steps are taken, and forget what an evaluation before has recorded."""
        if self.trainer.optimizers:  # what is computed in one pass has none
            self.take_steps_with(Steps(self))
        self._epoch_metrics.clear()

    def on_train_epoch_end(self) -> None:
        """Log the epoch, notice divergence and advance an epoch-wise schedule."""
        # Of several processes each has its share of every minibatch; alone, this changes nothing.
        loss = self.trainer.strategy.reduce(torch.cat(self._step_losses).double().mean(), reduce_op="mean").item()
        self.record({"train/loss": loss, **self.weight_metrics()})
        self.diverged = not math.isfinite(loss)
        self.trainer.should_stop |= self.diverged
        self.advance_schedule("epoch")
        for logger in self.loggers:
            logger.log_metrics(dict(sorted(self._epoch_metrics.items())), step=self.current_epoch + 1)
        self._step_losses, self._epoch_metrics = [], {}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Say what class the weights are for, so that a checkpoint tells all that predicting needs."""
        checkpoint["class_path"] = path_of(type(self))

    def advance_schedule(self, interval: str) -> None:
        """Advance the scheduler if it does so after each of these, ``epoch`` or ``step``."""
        if interval == self.optimization.lr_scheduler_interval:
            advance((config.scheduler for config in self.trainer.lr_scheduler_configs), self.trainer.callback_metrics)

    def validation_step(self, batch: Stack, batch_idx: int) -> None:
        """Gather loss and metrics of one stack."""
        outputs, targets = torch.cat([self(minibatch) for minibatch in batch[0]]), batch[1].flatten(0, 1)
        self.evaluation.update(self.loss(outputs, targets), outputs, targets)

    test_step = validation_step

    def on_validation_epoch_end(self) -> None:
        """Log ``val/loss`` and the metrics."""
        self.record(self.evaluation.finish("val"))

    def on_test_epoch_end(self) -> None:
        """Log ``test/loss`` and the metrics."""
        self.record(self.evaluation.finish("test"))

    def weight_metrics(self) -> dict[str, float]:
        """What is logged of the weights after an epoch."""
        return {"weights/l2_norm": weight_l2_norm(self).item()}

    def record(self, metrics: dict[str, float]) -> None:
        """Log metrics: callbacks see them at once, loggers get one row an epoch with the epoch as its step."""
        # What log_dict would do in the end; by itself it takes longer than a short epoch.
        self.trainer.callback_metrics.update({name: torch.tensor(value) for name, value in metrics.items()})
        self._epoch_metrics.update(metrics)
