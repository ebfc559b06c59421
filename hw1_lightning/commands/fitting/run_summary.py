"""The lines that `hw1 fit` prints when a run starts and ends."""

import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import nn

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.metrics import TESTED, VALIDATED
from hw1_lightning.models.base import StackModule

# The validation metrics of the summary: accuracy for classification, the others for regression.
HEADLINES = ("val/accuracy", "val/mse", "val/r2")


def finished_run_text(epochs: int) -> str:
    """Return what the line of a finished run says in place of ``training_text``."""
    return f"after {counted(epochs, 'epoch')} leaves nothing to train (--trainer.max_epochs N extends a run),"


def training_text(trainer: Trainer, model: LightningModule, data: ArrayDataModule, threads: int, done: int) -> str:
    """Return what is trained, on which data, device and threads, and after how many epochs.

    As in "MLP 64-9-10 (685 parameters) on 1,257 examples of Digits, on the CPU with 1 thread, after 7 epochs,".
    """
    count = sum(parameter.numel() for parameter in model.parameters())
    examples = f"{len(data.arrays.train):,} examples of {type(data.source).__name__}"
    device = trainer.strategy.root_device
    where = "the CPU" if device.type == "cpu" else str(device)
    if device.type == "cuda":
        where += f" ({torch.cuda.get_device_name(device)})"
    if trainer.world_size > 1:
        where = f"{trainer.world_size} processes on {where}"
    work = f"with {threads} thread{'s' if threads > 1 else ''}"
    after = f" after {counted(done, 'epoch')}," if done else ""
    return f"{type(model).__name__}{_sizes(model)} ({count:,} parameters) on {examples}, on {where} {work},{after}"


def _sizes(model: LightningModule) -> str:
    """Return the widths of consecutive linear layers, as in " 64-200-10"; nothing for other models."""
    layers = [(each.in_features, each.out_features) for each in model.modules() if isinstance(each, nn.Linear)]
    if not layers or any(before[1] != after[0] for before, after in pairwise(layers)):
        return ""
    return f" {'-'.join(map(str, [layers[0][0], *(fan_out for _, fan_out in layers)]))}"


def counted(number: int, noun: str) -> str:
    """Return a number and its noun, in the plural unless the number is 1.

    Example:
        >>> counted(1, "epoch"), counted(2, "epoch"), counted(3, "minibatch")
        ('1 epoch', '2 epochs', '3 minibatches')
    """
    ending = "" if number == 1 else "es" if noun.endswith("tch") else "s"
    return f"{number} {noun}{ending}"


def dev_run_text(trainer: Trainer) -> str:
    """Return the line that ``fast_dev_run`` prints after its fit."""
    training, validation = trainer.num_training_batches, sum(trainer.num_val_batches)
    metrics = ", ".join(f"{name} {value:.4f}" for name, value in sorted(trainer.callback_metrics.items()))
    done = f"{counted(int(training), 'minibatch')} of training, {validation} of validation"
    return f"fast_dev_run   {done}; nothing written; {metrics}"


def divergence(epochs: int, model: LightningModule) -> str:
    """Return the message about training that diverged in an epoch."""
    rate = model.learning_rate if isinstance(model, StackModule) else None
    lower = "the learning rate" if rate is None else f"--model.learning_rate (now {rate:g})"
    return f"training diverged in epoch {epochs}: the loss or a weight is NaN or infinite; lower {lower}"


def summary(result: dict[str, Any], folder: Path, weights: str, in_mid_epoch: bool = False) -> str:
    """Return the last lines of a run: how good its model is, where it is and how to look at it.

    Args:
        result: the content of result.json.
        folder: the run's folder.
        weights: which weights were tested.
        in_mid_epoch: whether training has ended within an epoch.
    """
    final, best, test = result["final"], result["best"], result["test"]
    lines = []
    within = f"{counted(result['steps'], 'step')}, in epoch {result['epochs']}"
    when = within if in_mid_epoch else counted(result["epochs"], "epoch")
    for metric in [name for name in best if name not in {"epoch", "step"}] or [n for n in VALIDATED if n in final]:
        now = f"{final[metric]:.4f} after {when}" if metric in final else "not validated at the end"
        if result["status"] == "diverged":
            now = f"no value: training diverged after {when}"
        then = f" (best {best[metric]:.4f} at epoch {best['epoch']})" if metric in best else ""
        lines.append(f"{metric:<15}{now}{then}")
    lines += [f"{name:<15}{test[name]:.4f} with the {weights} weights" for name in TESTED if name in test]
    if "train/excess_loss" in final and result["status"] != "diverged":
        lines.append(f"excess loss    {final['train/excess_loss']:.2g} on the training split, above the optimum")
    run = f"run            {folder} ({result['seconds']:.1f} s)"
    view = f"view           {shlex.join(['tensorboard', '--logdir', str(folder.parent.parent)])}"
    return "\n".join([*lines, run, view])
