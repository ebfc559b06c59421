"""How the optimiser steps of a stack are taken: each in the fastest way that its hyperparameters allow."""

from functools import partial
from typing import TYPE_CHECKING

import torch
from lightning.pytorch.utilities import rank_zero_info
from torch import Tensor

from hw1_lightning.functional.inputs import scaled_features
from hw1_lightning.functional.sgd import sgd_update
from hw1_lightning.models.captured import CapturedSteps, why_not_captured

if TYPE_CHECKING:  # it imports this module
    from hw1_lightning.models.base import StackModule

# Precisions in which gradients in closed form are those that autograd would find.
PLAIN_PRECISIONS = ("32-true", "64-true")


class Steps:
    """Takes the steps of a model in training.

    - Single examples with plain SGD go to the model's ``online_steps``.
    - Gradients come from the model's closed form, if it has one, and from autograd otherwise. Several processes and
      reduced precision, which Lightning adds to autograd, use autograd.
    - On a CUDA device, closed-form steps are captured as a CUDA graph and replayed.

    Args:
        model: attached to a trainer that is about to train it.
    """

    def __init__(self, model: "StackModule") -> None:
        self.model = model
        self.trainer = model.trainer
        (self.optimizer,) = self.trainer.optimizers
        self.alone = self.trainer.world_size == 1
        plain = self.alone and self.trainer.precision in PLAIN_PRECISIONS
        self.gradient = model.closed_form_gradient() if plain else None
        self._dtype = next(model.parameters()).dtype
        self._converted: dict[torch.Size, Tensor] = {}
        fast = self.gradient is not None and model.optimization.is_classical_sgd
        self._update = partial(sgd_update, self.optimizer) if fast else self.optimizer.step
        self._captured: CapturedSteps | None = None
        if self.gradient is not None and model.device.type == "cuda":
            reason = why_not_captured(model.optimization)
            if reason:
                rank_zero_info(f"hw1: steps are not captured as a CUDA graph: {reason}")
            else:
                self._captured = CapturedSteps(self._one_by_one)

    def __call__(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Take K steps; see ``StackModule.execute``."""
        optimization = self.model.optimization
        if inputs.shape[1] == 1 and optimization.is_plain_sgd and self.alone:
            l2_penalty = optimization.l2_penalty + optimization.weight_decay  # one of them is 0
            examples = inputs.flatten(0, 1).flatten(1)
            losses = self.model.online_steps(examples, targets.flatten(), self._rate(), l2_penalty)
            if losses is not None:
                return losses
        if self._captured is not None:
            return self._captured(inputs, targets, self._rate())
        return self._one_by_one(inputs, targets)

    def _one_by_one(self, inputs: Tensor, targets: Tensor) -> Tensor:
        return torch.stack([self._step(*minibatch) for minibatch in zip(inputs, targets, strict=True)])

    def _step(self, inputs: Tensor, targets: Tensor) -> Tensor:
        model, rate = self.model, self._rate()
        if self.gradient is None:
            loss = self._autograd(inputs, targets)
        else:
            loss = self.gradient(self._convert(inputs), targets)
        if model.optimization.l2_penalty:
            for parameter in model.parameters():
                parameter.data.mul_(1 - rate * model.optimization.l2_penalty)
        self._update()
        model.after_step(rate)
        model.advance_schedule("step")
        return loss

    def _autograd(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Fill the gradients; of several processes each takes its share of the minibatch, and Lightning averages."""
        self.optimizer.zero_grad()
        weight = 1.0
        if len(inputs) >= self.trainer.world_size > 1:
            whole = len(inputs)
            inputs, targets = (part[self.trainer.global_rank :: self.trainer.world_size] for part in (inputs, targets))
            weight = len(inputs) * self.trainer.world_size / whole
        loss = self.model.loss(self.model(inputs), targets) * weight
        self.model.manual_backward(loss)
        return loss.detach()

    def _convert(self, inputs: Tensor) -> Tensor:
        """Inputs in the dtype of the weights, in memory that is used again: allocation costs as much as filling it."""
        buffer = self._converted.get(inputs.shape)
        self._converted[inputs.shape] = converted = scaled_features(inputs, 1.0, self._dtype, out=buffer)
        return converted

    def _rate(self) -> float:
        return float(self.optimizer.param_groups[0]["lr"])
