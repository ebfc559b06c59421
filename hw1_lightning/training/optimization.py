"""Make optimisers and learning-rate schedulers by name, from values that a checkpoint can hold."""

import inspect
import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from hw1_lightning.errors import InputError, nearest
from hw1_lightning.training.schedules import NEVER


def _subclasses(module: ModuleType, base: type) -> dict[str, Any]:
    """Return the public subclasses of a class in a module, by name."""
    kinds = {name: kind for name, kind in vars(module).items() if isinstance(kind, type) and issubclass(kind, base)}
    return {name: kind for name, kind in kinds.items() if kind is not base and not name.startswith("_")}


OPTIMIZERS = _subclasses(torch.optim, Optimizer)
del OPTIMIZERS["SparseAdam"]  # it takes sparse gradients only, which dense layers do not have
SCHEDULERS = _subclasses(torch.optim.lr_scheduler, LRScheduler)


@dataclass(frozen=True)
class Optimization:
    """The optimiser, its schedule and their options; the arguments are documented in ``StackModule``.

    Raises:
        InputError: if a number is out of range, or an optimiser or scheduler is unknown or does not accept an option.
    """

    learning_rate: float
    momentum: float | None
    weight_decay: float | None
    l2_penalty: float
    optimizer: str
    optimizer_options: Mapping[str, Any]
    lr_scheduler: str | None
    lr_scheduler_options: Mapping[str, Any]
    lr_scheduler_interval: str

    def __post_init__(self) -> None:
        """Check everything when the model is made, not when training starts."""
        for name in ("learning_rate", "l2_penalty"):
            check_number(name, getattr(self, name))
        if self.weight_decay is not None:
            check_number("weight_decay", self.weight_decay)
        if self.momentum is not None:
            check_number("momentum", self.momentum, high=1.0)
        if self.lr_scheduler == "ReduceLROnPlateau" and self.lr_scheduler_interval == "step":
            raise InputError(
                "lr_scheduler_interval is step, but ReduceLROnPlateau requires the val/loss of an epoch; use epoch"
            )
        ((optimizer,), _) = self.build([nn.Parameter(torch.zeros(1, 1))], single_steps=True)
        for name in ("momentum", "weight_decay"):  # replaces None by the optimiser's default; the dataclass is frozen
            object.__setattr__(self, name, optimizer.defaults.get(name, 0.0))

    @property
    def is_plain_sgd(self) -> bool:
        """Whether all steps of an epoch are ``w <- s w - learning_rate * gradient`` with one constant s."""
        two_penalties = self.l2_penalty and self.weight_decay  # they shrink one after the other: not a single s
        changing_rate = self.lr_scheduler and self.lr_scheduler_interval == "step"
        plain = self.optimizer == "SGD" and self.momentum == 0 and not self.optimizer_options
        return plain and not two_penalties and not changing_rate

    @property
    def is_classical_sgd(self) -> bool:
        """Whether ``sgd_update`` takes the optimiser's steps."""
        return self.optimizer == "SGD" and not self.optimizer_options and self.lr_scheduler is None

    def build(
        self, parameters: Iterable[nn.Parameter], single_steps: bool
    ) -> tuple[list[Optimizer], list[dict[str, Any]]]:
        """Make the optimiser and its scheduler, if there is one.

        Args:
            parameters: what to optimise.
            single_steps: whether Lightning takes the steps, and so advances the scheduler.

        Returns:
            Both in the form that ``configure_optimizers`` returns.
        """
        own = {"lr": self.learning_rate, "momentum": self.momentum, "weight_decay": self.weight_decay}
        given = {name: value for name, value in own.items() if value is not None} | {**self.optimizer_options}
        optimizer = _make("optimizer", self.optimizer, OPTIMIZERS, parameters, given, own.keys() - {"lr"})
        if self.lr_scheduler is None:
            return [optimizer], []
        options = dict(self.lr_scheduler_options)
        scheduler = _make("lr_scheduler", self.lr_scheduler, SCHEDULERS, optimizer, options, set())
        config = {"scheduler": scheduler, "interval": self.lr_scheduler_interval}
        if isinstance(scheduler, ReduceLROnPlateau):
            config |= {"frequency": NEVER, **({"monitor": "val/loss"} if single_steps else {})}
        return [optimizer], [config]


def check_number(name: str, value: float, low: float = 0.0, high: float = math.inf) -> float:
    """Check that a hyperparameter is a finite number in its range.

    Args:
        name: of the option.
        value: as given.
        low: the least allowed value.
        high: the greatest allowed value; infinity allows all finite values.

    Returns:
        The value.

    Raises:
        InputError: if it is not; the message names the option, the value and the range.
    """
    if not (isinstance(value, int | float) and math.isfinite(value) and low <= value <= high):
        allowed = f"a finite number of at least {low:g}" if math.isinf(high) else f"from {low:g} to {high:g}"
        raise InputError(f"{name} is {value}; it must be {allowed}")
    return value


def _make(
    role: str, name: str, kinds: Mapping[str, Any], subject: object, given: dict[str, Any], droppable: Set[str]
) -> Any:
    """Make an optimiser or a scheduler; zeros of ``droppable`` options are dropped if it has no such option."""
    if name not in kinds:
        raise InputError(f"{role} is '{name}'; allowed are {', '.join(sorted(kinds))}{nearest(name, kinds)}")
    known = inspect.signature(kinds[name]).parameters
    given = {key: value for key, value in given.items() if key not in droppable - known.keys() or value != 0}
    unknown = next((key for key in given if key not in known), None)
    if unknown is not None:
        allowed = f"{', '.join(list(known)[1:])}{nearest(unknown, known)}"
        raise InputError(f"{role} {name} has no option {unknown}; allowed are {allowed}")
    try:
        return kinds[name](subject, **given)
    except (TypeError, ValueError) as error:
        raise InputError(f"{role} {name} does not accept {given}: {error}") from error
