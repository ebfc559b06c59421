"""Take the optimiser steps of a stack, in the fastest way that the hyperparameters allow."""

from functools import partial

import torch
from lightning.pytorch.utilities import rank_zero_info
from torch import Tensor

from hw1_lightning.training.captured import CapturedSteps, why_not_captured
from hw1_lightning.training.inputs import scaled_features
from hw1_lightning.training.processes import share_of
from hw1_lightning.training.sgd import sgd_update
from hw1_lightning.training.two_ways import TwoWayModule

# The methods that a closed-form gradient or blocked learning replaces.
COMPUTED = ("forward", "features", "outputs", "loss")


class Steps:
    """Takes the steps of a model in training.

    - Steps of plain SGD are taken by the model's ``compiled_steps``, if it has them for minibatches of that size.
    - Gradients come from the model's closed form if it has one, otherwise from autograd. Several processes always use
      autograd, since Lightning averages its gradients.
    - On a CUDA device, steps with closed-form gradients are captured as a CUDA graph and replayed.

    Args:
        model: attached to the trainer that is about to train it.
    """

    def __init__(self, model: TwoWayModule) -> None:
        self.model = model
        self.trainer = model.trainer
        (self.optimizer,) = self.trainer.optimizers
        self.alone = self.trainer.world_size == 1
        closed = self.alone and _describes(model, "closed_form_gradient", COMPUTED)
        self.gradient = model.closed_form_gradient() if closed else None
        plain = self.alone and model.optimization.is_plain_sgd
        self.compiled = plain and _describes(model, "compiled_steps", (*COMPUTED, "after_step"))
        self._dtype = next(model.parameters()).dtype
        fast = self.gradient is not None and model.optimization.is_classical_sgd
        self._update = partial(sgd_update, self.optimizer) if fast else self.optimizer.step
        self._captured: CapturedSteps | None = None
        if self.gradient is not None and model.device.type == "cuda":
            if reason := why_not_captured(model.optimization):
                rank_zero_info(f"hw1: steps are not captured as a CUDA graph: {reason}")
            else:
                self._captured = CapturedSteps(self._one_by_one)

    def __call__(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Take the steps of one stack.

        Args:
            inputs: shape ``(K, B, *input_shape)``.
            targets: shape ``(K, B)``.

        Returns:
            The loss of each minibatch before its step, shape ``(K,)``.
        """
        try:
            losses = self._take(inputs, targets)
        except BaseException:
            self._restore_layout()
            raise
        if self.trainer.is_last_batch:
            self._restore_layout()
        return losses

    def _take(self, inputs: Tensor, targets: Tensor) -> Tensor:
        optimization = self.model.optimization
        if self.compiled:
            l2_penalty = optimization.l2_penalty + (optimization.weight_decay or 0.0)  # at most one of them is not 0
            losses = self.model.compiled_steps(inputs.flatten(2), targets, self._rate(), l2_penalty)
            if losses is not None:
                return losses
        if self.gradient is not None:
            self.gradient.begin()
        if self._captured is not None:
            return self._captured(inputs, targets, self._rate())
        return self._one_by_one(inputs, targets)

    def _restore_layout(self) -> None:
        """Leave the weights in the ordinary memory layout for whatever comes after an epoch or an error."""
        if self.gradient is not None:
            self.gradient.end()

    def _one_by_one(self, inputs: Tensor, targets: Tensor) -> Tensor:
        return torch.stack([self._step(*minibatch) for minibatch in zip(inputs, targets, strict=True)])

    def _step(self, inputs: Tensor, targets: Tensor) -> Tensor:
        model, rate = self.model, self._rate()
        if self.gradient is None:
            loss = self._autograd(inputs, targets)
        else:
            loss = self.gradient(scaled_features(inputs, 1.0, self._dtype), targets)  # it scales the products
        if model.optimization.l2_penalty:  # the call alone costs as much as a small update
            model.shrink(rate)
        self._update()
        model.after_step(rate)
        model.advance_schedule("step")
        return loss

    def _autograd(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Compute the gradients; each of several processes takes its share of the minibatch, and Lightning averages."""
        self.optimizer.zero_grad()
        inputs, targets, weight = share_of(inputs, targets, self.trainer)
        loss = self.model.loss(self.model(inputs), targets) * weight
        self.model.manual_backward(loss)
        return loss.detach()

    def _rate(self) -> float:
        return float(self.optimizer.param_groups[0]["lr"])


def _describes(model: TwoWayModule, method: str, computed: tuple[str, ...]) -> bool:
    """Return whether a fast method still describes a model, since a subclass may have changed what it replaces."""
    kinds = type(model).__mro__
    place = {name: next(i for i, kind in enumerate(kinds) if name in vars(kind)) for name in (method, *computed)}
    return all(place[name] >= place[method] for name in computed)
