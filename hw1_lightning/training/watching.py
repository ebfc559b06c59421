"""Decide whether something needs to see single optimiser steps; if so, Lightning takes them one at a time."""

from collections.abc import Iterator
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer, callbacks
from lightning.pytorch.profilers import PassThroughProfiler
from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy

from hw1_lightning.training import lightning_internals as internals

# Hooks that Lightning calls for each batch, backward pass or optimiser step.
STEP_HOOKS = (
    *(f"on_{stage}_batch_{end}" for stage in ("train", "validation", "test", "predict") for end in ("start", "end")),
    *("on_before_zero_grad", "on_before_backward", "on_after_backward", "on_before_optimizer_step"),
)
MODEL_STEPS = (
    *("training_step", "validation_step", "test_step", "predict_step", "backward", "manual_backward"),
    *("optimizer_step", "optimizer_zero_grad", "lr_scheduler_step", "configure_gradient_clipping"),
    *("configure_optimizers", "on_before_batch_transfer", "transfer_batch_to_device", "on_after_batch_transfer"),
)
# These change the steps, or what takes them, without such a hook.
STEPPING_CALLBACKS = (
    *(callbacks.BaseFinetuning, callbacks.ModelPruning, callbacks.StochasticWeightAveraging),
    *(callbacks.BatchSizeFinder, callbacks.LearningRateFinder, callbacks.GradientAccumulationScheduler),
    callbacks.OnExceptionCheckpoint,  # in the middle of an epoch
)
# Options of the Trainer that concern single steps or count minibatches, with the values that have no effect.
# overfit_batches and fast_dev_run set others of them, so they come first.
IDLE_OPTIONS: dict[str, tuple[Any, ...]] = {
    "fast_dev_run": (False, 0),
    "overfit_batches": (0, 0.0),
    "precision": ("32-true", "64-true"),
    "gradient_clip_val": (None, 0, 0.0),
    "accumulate_grad_batches": (1,),
    "max_steps": (-1,),
    "min_steps": (None,),
    "val_check_interval": (1.0,),
    **{f"limit_{stage}_batches": (1.0,) for stage in ("train", "val", "test", "predict")},
}
# Packages whose hooks also work with stacks, or do nothing.
OWN = ("hw1_lightning", "lightning")


def why_one_step_at_a_time(trainer: Trainer, model: LightningModule, data: object) -> str | None:
    """Return what in a run requires single optimiser steps, each taken by Lightning's own loop.

    Args:
        trainer: about to train or evaluate the model.
        model: one of hw1's.
        data: the data module, or ``None`` if minibatches come from another loader.

    Returns:
        The first reason found, or ``None`` if stacks of steps give the same numbers.
    """
    return next(_reasons(trainer, model, data), None)


def _reasons(trainer: Trainer, model: LightningModule, data: object) -> Iterator[str]:
    if not hasattr(data, "steps_per_execution"):
        yield "the minibatches come from another loader"
    elif data.steps_per_execution == 1:
        yield "data.steps_per_execution is 1"
    for name, idle in IDLE_OPTIONS.items():
        value = getattr(trainer, name)
        if (type(value), value) not in [(type(harmless), harmless) for harmless in idle]:  # 1 is one minibatch, 1.0 all
            yield f"trainer.{name} is {value}"
    profiler = internals.profiler_of(trainer)
    if not isinstance(profiler, PassThroughProfiler):
        yield f"{type(profiler).__name__} measures each step"
    if internals.detects_anomalies(trainer):
        yield "trainer.detect_anomaly checks each backward pass"
    if not isinstance(trainer.strategy, DDPStrategy | SingleDeviceStrategy):
        yield f"{type(trainer.strategy).__name__} takes the steps"
    yield from filter(None, map(_why_it_sees_steps, internals.callbacks_of(trainer)))
    yield from _reasons_in(model)
    for name in MODEL_STEPS:
        if _overrides(data, name):
            yield f"{type(data).__name__}.{name} sees each minibatch"


def _reasons_in(model: LightningModule) -> Iterator[str]:
    if "configure_optimizers" in vars(model):
        yield "--optimizer chooses the optimiser and its options, in place of the model's own"
    if getattr(getattr(model, "optimization", None), "optimizer", None) == "LBFGS":
        yield "LBFGS evaluates the loss several times in a step"
    for name in (*MODEL_STEPS, *STEP_HOOKS):
        if _overrides(model, name):
            yield f"{type(model).__name__}.{name} sees each step"
    if internals.is_compiled(model):
        yield "torch.compile has compiled the model"
    for name, module in model.named_modules():
        hooks = (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks, module._backward_pre_hooks)
        if any(hooks):
            yield f"a hook is registered on {name or 'the model'}"
        if hasattr(module, "parametrizations"):
            yield f"{name} is parametrized"
        if not module.training and model.training:
            yield f"{name} stays in evaluation mode"
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            yield f"{name} is frozen"
        if parameter._backward_hooks or getattr(parameter, "_post_accumulate_grad_hooks", None):
            yield f"a hook is registered on {name}"


def _why_it_sees_steps(callback: Callback) -> str | None:
    """Return why a callback needs to see single steps, or ``None``."""
    sees = isinstance(callback, STEPPING_CALLBACKS)
    sees |= isinstance(callback, callbacks.ModelCheckpoint) and internals.saves_within_epochs(callback)
    base = None if isinstance(callback, callbacks.ModelCheckpoint) else Callback
    sees |= any(_overrides(callback, name, base) for name in STEP_HOOKS)
    return getattr(callback, "needs_steps", f"{type(callback).__name__} needs to see each step" if sees else None)


def _overrides(owner: object, name: str, base: type | None = None) -> bool:
    """Return whether an object has its own method: not that of ``base`` or, without a base, of hw1 or Lightning."""
    if name in getattr(owner, "__dict__", {}):
        return True
    definer = next((kind for kind in type(owner).__mro__ if name in vars(kind)), None)
    if definer is None or definer is base:
        return False
    root = definer.__module__.partition(".")[0]
    return root != "hw1_lightning" if base is not None else root not in OWN
