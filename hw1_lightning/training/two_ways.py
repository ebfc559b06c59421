"""Two ways to train with the same result: in stacks of steps, or by Lightning's loop, one step at a time."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.trainer.states import TrainerFn
from torch import Tensor
from torch.optim import Optimizer

from hw1_lightning.data.loader import Minibatch, Stack
from hw1_lightning.errors import InputError
from hw1_lightning.training.epoch_metrics import EpochMetrics, loss_of_step
from hw1_lightning.training.hyperparameters import ArgumentsKept
from hw1_lightning.training.lightning_internals import count_steps, datamodule_of, is_attached, set_base_property
from hw1_lightning.training.optimization import Optimization
from hw1_lightning.training.processes import share_of
from hw1_lightning.training.schedules import advance, advance_plateau
from hw1_lightning.training.softmax_network import SoftmaxNetworkGradient
from hw1_lightning.training.watching import why_one_step_at_a_time

UNDECIDED = "undecided"


class TwoWayModule(ArgumentsKept, ABC):
    """A LightningModule that takes its optimiser steps in stacks unless something needs to see single steps.

    If something does (see ``why_one_step_at_a_time``), ``training_step`` gets single minibatches and returns their loss
    to Lightning's automatic optimisation. Both ways give the same weights: bit-identical where the same operations run
    on the same memory layout, equal to six digits otherwise.

    Args:
        optimization: the optimiser, its schedule and their options.

    Attributes:
        diverged: whether training stopped because the loss was NaN or infinite.
        take_steps: takes the steps of a stack, from inputs ``(K, B, *input_shape)`` and targets ``(K, B)`` to the
            losses before each step, ``(K,)``; set when training starts.
    """

    def __init__(self, optimization: Optimization) -> None:
        self._reason: str | None = UNDECIDED
        super().__init__()
        self.optimization = optimization
        self.epoch, self.diverged = EpochMetrics(), False
        self.take_steps: Callable[[Tensor, Tensor], Tensor]

    @abstractmethod
    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss of a minibatch, a scalar."""

    @abstractmethod
    def weight_metrics(self) -> dict[str, float]:
        """Return the metrics of the weights that are logged after each epoch."""

    def compiled_steps(self, inputs: Tensor, targets: Tensor, learning_rate: float, l2_penalty: float) -> Tensor | None:
        """Take steps of plain SGD in compiled loops; single examples by the exact blocked algorithm of ``online/``.

        Args:
            inputs: raw inputs, ``(K, B, input_size)``.
            targets: ``(K, B)``.
            learning_rate: step size.
            l2_penalty: each step shrinks the weights by ``1 - learning_rate * l2_penalty``.

        Returns:
            The mean loss of each minibatch before its step, ``(K,)``, or ``None`` if the model has no such loops.
        """
        return None

    def closed_form_gradient(self) -> SoftmaxNetworkGradient | None:
        """Make the function that computes loss and gradients of a minibatch of flat, unscaled inputs in closed form.

        Returns:
            The function, or ``None`` if the model has no closed form; autograd is used then.
        """
        return None

    def after_step(self, learning_rate: float) -> None:
        """Change the weights after each optimiser step."""

    def configure_optimizers(self) -> Any:
        """Make the optimiser and, if one is named, the scheduler."""
        return self.optimization.build(self.parameters(), self.automatic_optimization)

    @property
    def why_one_step_at_a_time(self) -> str | None:
        """Why Lightning takes the steps of this run one at a time, or ``None`` if they are taken in stacks."""
        if not is_attached(self):
            return None
        if self._reason is UNDECIDED:
            self._reason = why_one_step_at_a_time(self.trainer, self, datamodule_of(self.trainer))
        return self._reason

    @property
    def automatic_optimization(self) -> bool:
        """Whether Lightning takes the steps."""
        return super().automatic_optimization and self.why_one_step_at_a_time is not None

    @automatic_optimization.setter
    def automatic_optimization(self, automatic_optimization: bool) -> None:
        set_base_property(self, "automatic_optimization", automatic_optimization)

    @property
    def trainer(self) -> Trainer:
        """The trainer. Setting it, as each fit, validation or test does, resets how steps are taken."""
        return super().trainer

    @trainer.setter
    def trainer(self, trainer: Trainer | None) -> None:
        self._reason = UNDECIDED
        set_base_property(self, "trainer", trainer)

    def training_step(self, batch: Stack | Minibatch, batch_idx: int) -> Tensor | None:
        """Take the steps of a stack, or return the loss of one minibatch, whose step Lightning takes.

        Args:
            batch: a ``Stack`` of shapes ``(K, B, *input_shape)`` and ``(K, B)``, or inputs ``(B, *input_shape)`` and
                targets ``(B,)``.
            batch_idx: position in the epoch.

        Returns:
            The minibatch's mean loss, a scalar; ``None`` for a stack.
        """
        if not isinstance(batch, Stack):
            whole = datamodule_of(self.trainer) is not None  # otherwise Lightning has divided the data
            inputs, targets, weight = share_of(*batch, self.trainer) if whole else (*batch, 1.0)
            return self.loss(self(inputs), targets) * weight
        if self.why_one_step_at_a_time is not None:
            raise InputError(
                f"this run takes single steps ({self.why_one_step_at_a_time}), but the loader gives stacks; "
                "use ArrayDataModule, or StackLoader(stacked=False)"
            )
        self.epoch.losses.append(self.take_steps(*batch))
        count_steps(self.trainer, len(batch.inputs))  # Lightning's wrapper of the optimiser costs as much as a step
        return None

    def on_train_batch_end(self, outputs: Any, batch: object, batch_idx: int) -> None:
        """Store the loss of a single step."""
        if isinstance(outputs, dict) and "loss" in outputs:
            self.epoch.losses.append(loss_of_step(outputs, self.trainer).reshape(1))

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        """Apply the l2 penalty before a single step."""
        self.shrink(optimizer.param_groups[0]["lr"])

    def optimizer_step(self, epoch: int, batch_idx: int, optimizer: Any, optimizer_closure: Any = None) -> None:
        """Take a single step as Lightning does, then call ``after_step``."""
        rate = float(optimizer.param_groups[0]["lr"])
        super().optimizer_step(epoch, batch_idx, optimizer, optimizer_closure)
        self.after_step(rate)

    @torch.no_grad()
    def shrink(self, learning_rate: float) -> None:
        """Apply the l2 penalty of one step to all weights and biases."""
        if self.optimization.l2_penalty:
            for parameter in self.parameters():
                parameter.data.mul_(1 - learning_rate * self.optimization.l2_penalty)

    def on_train_epoch_start(self) -> None:
        """Clear what an evaluation or a search for a learning rate has recorded before."""
        self.epoch = EpochMetrics()

    def on_train_epoch_end(self) -> None:
        """Log the epoch's metrics, stop if the loss diverged, and advance an epoch-wise schedule."""
        if self.epoch.losses:
            loss = self.epoch.mean_loss(self.trainer)
            self.record({"train/loss": loss})
            self.diverged = not math.isfinite(loss)
            self.trainer.should_stop |= self.diverged
        self.record(self.weight_metrics())
        if not self.automatic_optimization:
            self.advance_schedule("epoch")
        advance_plateau(self.trainer.lr_scheduler_configs, self.epoch.metrics)
        for logger in self.loggers:
            logger.log_metrics(dict(sorted(self.epoch.metrics.items())), step=self.current_epoch + 1)

    def advance_schedule(self, interval: str) -> None:
        """Advance the scheduler of stacked steps if its interval is this one, ``epoch`` or ``step``."""
        if interval == self.optimization.lr_scheduler_interval:
            advance(self.trainer.lr_scheduler_configs)

    def record(self, metrics: dict[str, float]) -> None:
        """Log metrics: callbacks see them at once, loggers get one row for each epoch, with the epoch as the step.

        Args:
            metrics: numbers by name.
        """
        if self.trainer.state.fn != TrainerFn.FITTING:
            self.log_dict(metrics, sync_dist=self.trainer.world_size > 1)
        elif not self.trainer.sanity_checking:
            self.epoch.log(metrics, self.trainer)
