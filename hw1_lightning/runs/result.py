"""What result.json and TensorBoard's table of runs hold of a run."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.metrics import LOSSES
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.models.weights import has_finite_weights
from hw1_lightning.runs.best_checkpoint import BestCheckpoint
from hw1_lightning.runs.checkpoints import read_checkpoint
from hw1_lightning.runs.folder import versions
from hw1_lightning.runs.machine import machine
from hw1_lightning.runs.metrics_file import read_metrics

# The columns of TensorBoard's HPARAMS table with their types. TensorBoard drops what the first run lacks, so every
# run writes all of them; an option that a model does not have is the empty value of its type.
HPARAMS: dict[str, type] = {
    "model": str,
    "link": str,
    "hidden_sizes": str,
    "activation": str,
    "dropout": float,
    "optimizer": str,
    "learning_rate": float,
    "momentum": float,
    "weight_decay": float,
    "l2_penalty": float,
    "l1_penalty": float,
    "hidden_size": int,
    "ridge": float,
    "batch_size": int,
    "epochs": int,
    "seed": int,
    "source": str,
}


def has_diverged(model: LightningModule) -> bool:
    """Whether training has ended with a loss, or weights, that are NaN or infinite."""
    return not has_finite_weights(model) or getattr(model, "diverged", False)


def mark_diverged(result: dict[str, Any]) -> None:
    """Leave a run that has diverged without a value of any metric; that of the best epoch before it stays.

    Args:
        result: what result.json is to hold.
    """
    result.update(status="diverged", final=dict.fromkeys(result["final"], math.nan), test={}, classes={})


def correct_of(model: LightningModule, data: ArrayDataModule) -> dict[str, Tensor]:
    """Which examples of whole splits a classifier got right when they were last evaluated, by the split's name.

    Nothing of a split that was evaluated in part, or by several processes.

    Args:
        model: any.
        data: what it was evaluated on.
    """
    if not isinstance(model, Classifier):
        return {}
    sizes = {name: len(data.arrays.splits[name]) for name in model.evaluation.correct}
    return {name: right for name, right in model.evaluation.correct.items() if len(right) == sizes[name]}


def has_finite_losses(metrics: Mapping[str, float]) -> bool:
    """Whether no loss among the metrics is NaN or infinite.

    Args:
        metrics: by name, such as ``val/loss``.
    """
    return all(math.isfinite(value) for name, value in metrics.items() if name in LOSSES)


def result_of(
    trainer: Trainer, model: LightningModule, data: ArrayDataModule, folder: Path, seed: int, seconds: float
) -> dict[str, Any]:
    """What result.json holds of a run before its test.

    Args:
        trainer: has trained the model.
        model: the model.
        data: what it was trained on.
        folder: the run's, with its metrics.csv.
        seed: what everything random was seeded with.
        seconds: of training.
    """
    table = folder / "metrics.csv"
    rows = read_metrics(table) if table.is_file() else []
    return {
        "name": folder.parent.name,
        "version": folder.name,
        "seed": seed,
        "split_seed": data.split_seed,
        "status": "finished",
        "final": {name: value for name, value in rows[-1].items() if name != "epoch"} if rows else {},
        "best": _best(trainer, model, rows),
        "test": {},
        "classes": {},
        "seconds": round(seconds, 3),
        "epochs": trainer.current_epoch,
        "steps": trainer.global_step,
        "data": {"source": type(data.source).__name__, **data.arrays.summary()},
        "versions": versions(),
        "machine": machine(trainer.strategy.root_device, trainer.world_size),
    }


def _best(trainer: Trainer, model: LightningModule, rows: list[dict[str, float]]) -> dict[str, float]:
    """When the model was best and how good; that is what best.ckpt holds, if there is one."""
    if not isinstance(model, StackModule):
        return {}
    metric, mode = model.best_metric
    for callback in trainer.checkpoint_callbacks:
        if isinstance(callback, BestCheckpoint) and callback.best_model_score is not None:
            saved = read_checkpoint(callback.best_model_path)
            score = callback.best_model_score.item()
            same = [row for row in rows if row["epoch"] == saved["epoch"] + 1]  # the same, in full precision
            exact = [row[metric] for row in same if math.isclose(row.get(metric, math.nan), score, rel_tol=1e-6)]
            return {"epoch": saved["epoch"] + 1, "step": saved["global_step"], metric: exact[0] if exact else score}
    measured = [row for row in rows if math.isfinite(row.get(metric, math.nan))]
    best = best_row(measured, metric, mode) if measured else {}
    return {"epoch": int(best["epoch"]), metric: best[metric]} if best else {}


def hparams_of(trainer: Trainer, model: LightningModule, data: ArrayDataModule, seed: int) -> dict[str, Any]:
    """A run's row in TensorBoard's table of runs.

    Args:
        trainer: has trained the model.
        model: any, with hyperparameters or without.
        data: what it was trained on.
        seed: what everything random was seeded with.
    """
    chosen = [type(each).__name__ for each in trainer.optimizers[:1]]
    defaults = trainer.optimizers[0].defaults if chosen else {}
    known = {
        **model.hparams,
        **{name: defaults.get(name) for name in ("momentum", "weight_decay")},
        "optimizer": chosen[0] if chosen else None,
        "learning_rate": defaults.get("lr"),
        "model": type(model).__name__,
        "batch_size": data.batch_size,
        "epochs": trainer.current_epoch,
        "seed": seed,
        "source": type(data.source).__name__,
    }
    return {name: _as(kind, known.get(name)) for name, kind in HPARAMS.items()}


def _as(kind: type, value: object) -> Any:
    """A value of a type; its empty one for a value, perhaps of the user's own model, that is none."""
    try:
        return kind() if value is None else kind(value)
    except (TypeError, ValueError):
        return kind()


def best_row(rows: list[dict[str, float]], metric: str, mode: Literal["max", "min"]) -> dict[str, float]:
    """The row of the best epoch, the first of several; a NaN is never the best of numbers.

    Args:
        rows: one an epoch, at least one.
        metric: what is compared.
        mode: whether more or less of it is better.
    """
    numbers = [row for row in rows if not math.isnan(row[metric])] or rows
    return (max if mode == "max" else min)(numbers, key=lambda row: row[metric])
