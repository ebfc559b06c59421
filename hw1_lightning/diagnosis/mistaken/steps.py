"""Mistakes in the optimiser's steps and in their penalties."""

from dataclasses import dataclass

from torch import nn
from torch.optim import Optimizer

from hw1_lightning.diagnosis.mistaken.wrapper import Wrapper


@dataclass(frozen=True)
class GradientsKept(Wrapper):
    """Gradients are never set to zero, so each step takes the sum of all gradients so far."""

    def change_optimizer(self, optimizer: Optimizer) -> None:
        """Let ``zero_grad`` do nothing."""
        optimizer.zero_grad = lambda set_to_none=True: None  # type: ignore[method-assign]


@dataclass(frozen=True)
class PenaltyGrows(Wrapper):
    """The penalty has the wrong sign: each step makes the weights larger."""

    def change_optimizer(self, optimizer: Optimizer) -> None:
        """Turn the sign of weight decay."""
        for group in optimizer.param_groups:
            group["weight_decay"] = -group["weight_decay"]

    def penalty_of(self, parameter: nn.Parameter, penalty: float) -> float:
        """Turn the sign of the l2 penalty."""
        return -penalty


@dataclass(frozen=True)
class BiasesNotPenalised(Wrapper):
    """The penalty does not apply to biases."""

    def change_optimizer(self, optimizer: Optimizer) -> None:
        """Give biases a group without weight decay."""
        (group,) = optimizer.param_groups
        biases = [parameter for parameter in group["params"] if parameter.ndim < 2]
        group["params"] = [parameter for parameter in group["params"] if parameter.ndim >= 2]
        optimizer.add_param_group({"params": biases, "weight_decay": 0.0})

    def penalty_of(self, parameter: nn.Parameter, penalty: float) -> float:
        """Return no penalty for a bias."""
        return penalty if parameter.ndim >= 2 else 0.0
