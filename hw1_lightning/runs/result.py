"""Collects the content of result.json and the run's row in TensorBoard's HPARAMS table."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
from hw1_lightning.runs.machine import describe_machine
from hw1_lightning.runs.metrics_reader import read_metrics

# The columns of TensorBoard's HPARAMS table with their types. TensorBoard leaves out columns that the first run lacks,
# so every run writes all of them; an option that a model does not have is the empty value of its type.
HPARAMS: dict[str, type] = {
    **{"model": str, "link": str, "hidden_sizes": str, "activation": str, "dropout": float},
    **{"optimizer": str, "learning_rate": float, "momentum": float, "weight_decay": float},
    **{"l2_penalty": float, "l1_penalty": float, "hidden_size": int, "ridge": float},
    **{"batch_size": int, "epochs": int, "seed": int, "source": str},
}


def has_diverged(model: LightningModule) -> bool:
    """Return whether training ended with a loss or a weight that is NaN or infinite."""
    return not has_finite_weights(model) or getattr(model, "diverged", False)


def mark_diverged(result: dict[str, Any]) -> None:
    """Remove the value of every metric from the result of a diverged run, except those of its best epoch."""
    result.update(status="diverged", final=dict.fromkeys(result["final"], math.nan), test={}, classes={})


def correct_predictions(model: LightningModule, data: ArrayDataModule) -> dict[str, Tensor]:
    """Return which examples of each split a classifier predicted correctly when the split was last evaluated.

    A split that was evaluated in part, or by several processes, is left out; a model that is not a classifier has none.
    """
    if not isinstance(model, Classifier):
        return {}
    splits, correct = data.arrays.splits, model.evaluation.correct
    return {name: right for name, right in correct.items() if len(right) == len(splits[name])}


def has_finite_losses(metrics: Mapping[str, float]) -> bool:
    """Return whether no loss among the metrics, such as ``val/loss``, is NaN or infinite."""
    return all(math.isfinite(value) for name, value in metrics.items() if name in LOSSES)


def collect_result(
    trainer: Trainer, model: LightningModule, data: ArrayDataModule, folder: Path, seed: int, seconds: float
) -> dict[str, Any]:
    """Return the content of result.json after training and before the test.

    Args:
        trainer: after training.
        model: the trained model.
        data: the training data.
        folder: the run's folder, with metrics.csv.
        seed: of all random numbers.
        seconds: that training took.
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
        "machine": describe_machine(trainer.strategy.root_device, trainer.world_size),
    }


def _best(trainer: Trainer, model: LightningModule, rows: list[dict[str, float]]) -> dict[str, float]:
    """Return the best epoch and its metric: those of best.ckpt if there is one, else those of the best row."""
    if not isinstance(model, StackModule):
        return {}
    metric, mode = model.best_metric
    for callback in trainer.checkpoint_callbacks:
        if isinstance(callback, BestCheckpoint) and callback.best_model_score is not None:
            saved = read_checkpoint(callback.best_model_path)
            score = callback.best_model_score.item()
            same = [row for row in rows if row["epoch"] == saved["epoch"] + 1]  # the same value in full precision
            exact = [row[metric] for row in same if math.isclose(row.get(metric, math.nan), score, rel_tol=1e-6)]
            return {"epoch": saved["epoch"] + 1, "step": saved["global_step"], metric: exact[0] if exact else score}
    if not (measured := [row for row in rows if math.isfinite(row.get(metric, math.nan))]):
        return {}
    best = (max if mode == "max" else min)(measured, key=lambda row: row[metric])  # the first of several
    return {"epoch": int(best["epoch"]), metric: best[metric]}


def collect_hparams(trainer: Trainer, model: LightningModule, data: ArrayDataModule, seed: int) -> dict[str, Any]:
    """Return a run's row in TensorBoard's HPARAMS table, with the columns of ``HPARAMS``."""
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
    return {name: _converted(kind, known.get(name)) for name, kind in HPARAMS.items()}


def _converted(kind: type, value: object) -> Any:
    """Return a value as a type; the type's empty value if it is missing or, in a user's own model, of another type."""
    try:
        return kind() if value is None else kind(value)
    except (TypeError, ValueError):
        return kind()
