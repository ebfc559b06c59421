"""What all models share: the stacked training step, the optimiser, and one row of metrics an epoch."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torchmetrics import MeanMetric, Metric, MetricCollection

from hw1_lightning.data.loader import Stack
from hw1_lightning.errors import InputError
from hw1_lightning.models.optimization import build_optimizer, build_scheduler, check_number


class StackModule(LightningModule, ABC):
    """A model trained by stacks of optimiser steps.

    One call of ``training_step`` executes the K steps of a stack (see ``StackLoader``), so the framework's own
    cost is paid once for K steps; the weights are those of K separate calls. Metrics are gathered as tensors and
    logged once an epoch, with the number of finished epochs on the x axis.

    Args:
        input_shape: shape of one raw input, without the batch axis; the command line takes it from the data.
        input_scale: raw inputs are multiplied with this (1/256 for 8-bit photographs); taken from the data likewise.
        metrics: what is measured beside the loss, by its name after ``val/``.
        learning_rate: step size of the optimiser.
        momentum: share of the last step kept in the next one, 0 to 1.
        weight_decay: the optimiser's own; for SGD it adds ``weight_decay * w`` to the gradient.
        optimizer: name of a class of ``torch.optim``.
        optimizer_options: its further arguments by name.
        lr_scheduler: name of a class of ``torch.optim.lr_scheduler``; ``ReduceLROnPlateau`` watches ``val/loss``.
        lr_scheduler_options: its arguments by name.
        lr_scheduler_interval: whether the scheduler advances after each epoch or each optimiser step.

    Raises:
        InputError: if a hyperparameter is out of its range or an optimiser or scheduler does not exist.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        input_scale: float,
        metrics: Mapping[str, Metric],
        learning_rate: float = 0.01,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
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
        self.learning_rate = check_number("learning_rate", learning_rate)
        self.momentum = check_number("momentum", momentum, high=1.0)
        self.weight_decay = check_number("weight_decay", weight_decay)
        self.optimizer, self.optimizer_options = optimizer, dict(optimizer_options or {})
        self.lr_scheduler, self.lr_scheduler_options = lr_scheduler, dict(lr_scheduler_options or {})
        self.lr_scheduler_interval = lr_scheduler_interval
        if lr_scheduler == "ReduceLROnPlateau" and lr_scheduler_interval == "step":
            raise InputError(
                "lr_scheduler_interval is step, but ReduceLROnPlateau needs the epoch's val/loss; use epoch"
            )
        # A wrong name or option must be told now, not when training starts.
        self._build_optimizer([nn.Parameter(torch.zeros(1))])
        self.diverged = False
        self._step_losses: list[Tensor] = []
        self._epoch_metrics: dict[str, float] = {}
        self._mean_loss = MeanMetric(nan_strategy="disable")  # a NaN must be seen, not left out
        self._metrics = MetricCollection(dict(metrics))

    # ------------------------------------------------------------------ what a model defines

    @abstractmethod
    def outputs(self, features: Tensor) -> Tensor:
        """Map features, ``(B, input_size)``, to outputs, ``(B, num_outputs)``."""

    @abstractmethod
    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Mean loss of a minibatch, a scalar."""

    # ------------------------------------------------------------------ the shared machinery

    def features(self, inputs: Tensor) -> Tensor:
        """Flatten and scale raw inputs, ``(B, *input_shape)`` of any dtype, to the dtype of the weights."""
        features = inputs.flatten(1).to(next(self.parameters()).dtype)
        return features if self.input_scale == 1.0 else features * self.input_scale

    def forward(self, inputs: Tensor) -> Tensor:
        """Outputs, ``(B, num_outputs)``, of raw inputs, ``(B, *input_shape)``."""
        return self.outputs(self.features(inputs))

    def configure_optimizers(self) -> Any:
        """Make the optimiser and, if one is named, the scheduler."""
        return self._build_optimizer(self.parameters())

    def _build_optimizer(self, parameters: Iterable[nn.Parameter]) -> Any:
        optimizer = build_optimizer(
            self.optimizer, parameters, self.learning_rate, self.momentum, self.weight_decay, self.optimizer_options
        )
        if self.lr_scheduler is None:
            return optimizer
        return [optimizer], [build_scheduler(self.lr_scheduler, optimizer, self.lr_scheduler_options)]

    def training_step(self, batch: Stack, batch_idx: int) -> None:
        """Execute the steps of one stack, or as many of them as ``max_steps`` still allows."""
        inputs, targets = batch
        steps = len(inputs)
        if self.trainer.max_steps != -1:
            steps = min(steps, self.trainer.max_steps - self.trainer.global_step)
        self._step_losses.append(self.execute(inputs[:steps], targets[:steps]))
        # The raw optimiser is stepped, since Lightning's wrapper costs as much as a step; so count for it.
        self.trainer.fit_loop.epoch_loop.manual_optimization.optim_step_progress.total.increment_by(steps)

    def execute(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Take K optimiser steps.

        Args:
            inputs: raw inputs, shape ``(K, B, *input_shape)``.
            targets: classes, shape ``(K, B)``.

        Returns:
            The loss of each minibatch before its step, shape ``(K,)``.
        """
        optimizer = self.trainer.optimizers[0]
        losses = []
        for minibatch, classes in zip(inputs, targets, strict=True):
            optimizer.zero_grad()
            loss = self.loss(self(minibatch), classes)
            self.manual_backward(loss)
            optimizer.step()
            self._advance_schedule("step")
            losses.append(loss.detach())
        return torch.stack(losses)

    def on_train_epoch_end(self) -> None:
        """Log the epoch, notice divergence and advance an epoch-wise schedule."""
        loss = torch.cat(self._step_losses).double().mean().item()
        self._step_losses.clear()
        self._record({"train/loss": loss})
        if not math.isfinite(loss):
            self.diverged = self.trainer.should_stop = True
        self._advance_schedule("epoch")
        for logger in self.loggers:
            logger.log_metrics(dict(sorted(self._epoch_metrics.items())), step=self.current_epoch + 1)
        self._epoch_metrics = {}

    def _advance_schedule(self, interval: str) -> None:
        if interval != self.lr_scheduler_interval:
            return
        for config in self.trainer.lr_scheduler_configs:
            if isinstance(config.scheduler, ReduceLROnPlateau):
                config.scheduler.step(self.trainer.callback_metrics["val/loss"])
            else:
                config.scheduler.step()

    def validation_step(self, batch: Stack, batch_idx: int) -> None:
        """Gather loss and metrics of one stack."""
        self._evaluate(batch)

    def test_step(self, batch: Stack, batch_idx: int) -> None:
        """Gather loss and metrics of one stack."""
        self._evaluate(batch)

    def on_validation_epoch_end(self) -> None:
        """Log ``val/loss`` and the metrics."""
        self._record(self._evaluation("val"))

    def on_test_epoch_end(self) -> None:
        """Log ``test/loss`` and the metrics."""
        self._record(self._evaluation("test"))

    def _evaluate(self, batch: Stack) -> None:
        inputs, targets = batch[0].flatten(0, 1), batch[1].flatten(0, 1)
        outputs = self(inputs)
        self._mean_loss.update(self.loss(outputs, targets), len(targets))
        self._metrics.update(outputs, targets)

    def _evaluation(self, split: str) -> dict[str, float]:
        values = {"loss": self._mean_loss.compute(), **self._metrics.compute()}
        self._mean_loss.reset()
        self._metrics.reset()
        return {f"{split}/{name}": value.item() for name, value in values.items()}

    def _record(self, metrics: dict[str, float]) -> None:
        # Callbacks read the logged values; loggers get one row an epoch, with the epoch as its step.
        self.log_dict(metrics, logger=False)
        self._epoch_metrics.update(metrics)
