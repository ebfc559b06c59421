"""Optimisers and learning-rate schedules by name, from numbers a checkpoint can hold."""

import inspect
import math
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from hw1_lightning.errors import InputError, nearest

OPTIMIZERS: dict[str, type[Optimizer]] = {
    name: kind
    for name, kind in vars(torch.optim).items()
    if isinstance(kind, type) and issubclass(kind, Optimizer) and kind is not Optimizer
}
# L-BFGS evaluates the loss several times a step; a stack of steps has one evaluation each.
OPTIMIZERS.pop("LBFGS")
SCHEDULERS: dict[str, type[LRScheduler]] = {
    name: kind
    for name, kind in vars(torch.optim.lr_scheduler).items()
    if isinstance(kind, type) and issubclass(kind, LRScheduler) and not name.startswith("_") and kind is not LRScheduler
}


def check_number(name: str, value: float, low: float = 0.0, high: float = math.inf) -> float:
    """Refuse a hyperparameter that is NaN, infinite or out of its range.

    Args:
        name: what the user calls it.
        value: what was given.
        low: the least allowed value.
        high: the greatest allowed value; an infinite value is never allowed.

    Returns:
        The value.

    Raises:
        InputError: naming all of these.
    """
    if not (math.isfinite(value) and low <= value <= high):
        allowed = f"a finite number of at least {low:g}" if math.isinf(high) else f"from {low:g} to {high:g}"
        raise InputError(f"{name} is {value}; it must be {allowed}")
    return value


def build_optimizer(
    name: str,
    parameters: Iterable[nn.Parameter],
    learning_rate: float,
    momentum: float,
    weight_decay: float,
    options: Mapping[str, Any],
) -> Optimizer:
    """Make the torch optimiser of that name.

    Args:
        name: a class of ``torch.optim``, such as ``SGD`` or ``Adam``.
        parameters: what to optimise.
        learning_rate: its ``lr``.
        momentum: passed on where the optimiser has one; must be 0 elsewhere.
        weight_decay: passed on likewise.
        options: its further arguments, such as ``{"nesterov": True}``.

    Returns:
        The optimiser.

    Raises:
        InputError: if there is no such optimiser, or it does not take an argument or its value.
    """
    kind = _look_up(name, OPTIMIZERS, "optimizer")
    known = inspect.signature(kind).parameters
    given = {"lr": learning_rate, "momentum": momentum, "weight_decay": weight_decay, **options}
    for key in ("momentum", "weight_decay"):
        if key not in known and given[key] == 0.0:
            del given[key]
    return _make(kind, known, given, f"optimizer {name}", parameters)  # type: ignore[no-any-return]


def build_scheduler(name: str, optimizer: Optimizer, options: Mapping[str, Any]) -> LRScheduler:
    """Make the torch learning-rate scheduler of that name.

    Args:
        name: a class of ``torch.optim.lr_scheduler``, such as ``StepLR``.
        optimizer: whose rate it sets.
        options: its arguments, such as ``{"step_size": 30}``.

    Returns:
        The scheduler.

    Raises:
        InputError: if there is no such scheduler, or it does not take an argument or its value.
    """
    kind = _look_up(name, SCHEDULERS, "lr_scheduler")
    return _make(kind, inspect.signature(kind).parameters, dict(options), f"lr_scheduler {name}", optimizer)  # type: ignore[no-any-return]


def _look_up(name: str, kinds: Mapping[str, type], role: str) -> Any:
    if name not in kinds:
        raise InputError(f"{role} is '{name}'; allowed are {', '.join(sorted(kinds))}{nearest(name, kinds)}")
    return kinds[name]


def _make(kind: Any, known: Mapping[str, object], given: dict[str, Any], label: str, subject: object) -> Any:
    for key in given:
        if key not in known:
            raise InputError(f"{label} takes no {key}; it takes {', '.join(list(known)[1:])}{nearest(key, known)}")
    try:
        return kind(subject, **given)
    except (TypeError, ValueError) as error:
        raise InputError(f"{label} does not accept {given}: {error}") from error
