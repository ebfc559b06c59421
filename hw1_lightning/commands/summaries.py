"""What `hw1 fit` says at its end."""

from pathlib import Path
from typing import Any

from lightning.pytorch import Trainer

# What a run is judged by, beside its test: accuracy for classification, the others for regression.
HEADLINES = ("val/accuracy", "val/mse", "val/r2")


def counted(number: int, noun: str) -> str:
    """A number of things, in the plural unless it is 1.

    Example:
        >>> counted(1, "epoch"), counted(2, "epoch"), counted(3, "minibatch")
        ('1 epoch', '2 epochs', '3 minibatches')
    """
    ending = "" if number == 1 else "es" if noun.endswith("tch") else "s"
    return f"{number} {noun}{ending}"


def tried(trainer: Trainer) -> str:
    """What ``fast_dev_run`` has done, in a line.

    Args:
        trainer: after its fit.
    """
    training, validation = trainer.num_training_batches, sum(trainer.num_val_batches)
    metrics = ", ".join(f"{name} {value:.4f}" for name, value in sorted(trainer.callback_metrics.items()))
    done = f"{counted(int(training), 'minibatch')} of training, {validation} of validation"
    return f"fast_dev_run   {done}; nothing written; {metrics}"


def summary(result: dict[str, Any], folder: Path, weights: str, in_mid_epoch: bool = False) -> str:
    """The last lines of a run: how good its model is, where it is and how to look at it.

    Args:
        result: what result.json holds.
        folder: the run's folder.
        weights: which weights met the test split.
        in_mid_epoch: whether training has ended within an epoch.

    Returns:
        The lines.
    """
    final, best = result["final"], result["best"]
    lines = []
    when = counted(result["epochs"], "epoch")
    if in_mid_epoch:
        when = f"{counted(result['steps'], 'step')}, in epoch {result['epochs']}"
    for metric in [name for name in best if name not in {"epoch", "step"}] or [n for n in HEADLINES if n in final]:
        now = f"{final[metric]:.4f} after {when}" if metric in final else "not validated at the end"
        then = f" (best {best[metric]:.4f} at epoch {best['epoch']})" if metric in best else ""
        lines.append(f"{metric:<15}{now}{then}")
    for name in ("test/accuracy", "test/mse", "test/r2"):
        if name in result["test"]:
            lines.append(f"{name:<15}{result['test'][name]:.4f} with the {weights} weights")
    if "train/excess_loss" in final:
        lines.append(f"excess loss    {final['train/excess_loss']:.2g} on the training split, above the optimum")
    lines += [
        f"run            {folder} ({result['seconds']:.1f} s)",
        f"view           tensorboard --logdir {folder.parent.parent}",
    ]
    return "\n".join(lines)
