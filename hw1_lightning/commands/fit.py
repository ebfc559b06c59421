"""One run of `hw1 fit`: train, test, and leave a folder that tells all of it."""

import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import ModelCheckpoint

from hw1_lightning.callbacks.last_checkpoint import LastCheckpoint
from hw1_lightning.callbacks.run_state import RunState
from hw1_lightning.checkpoints import AtomicCheckpointIO, read_checkpoint, remove_unfinished
from hw1_lightning.commands.examination import Examined
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.loggers import MetricsCSV, RunTensorBoard, read_metrics
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.models.loading import epochs_in
from hw1_lightning.runs import versions, write_result

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

# What a run is judged by, beside its test: accuracy for classification, the others for regression.
HEADLINES = ("val/accuracy", "val/mse", "val/r2")


@dataclass(frozen=True)
class Fit:
    """What a run needs beside its trainer, model and data.

    Args:
        folder: the run's own folder.
        seed: what everything random was seeded with.
        test_weights: which weights meet the test split; ``None`` leaves the test out.
        ckpt_path: a checkpoint to go on from.
        resumes: whether that is this run's own, whose curves go on after the epochs it has done.
        dropout_seed: what dropout is seeded with; ``None`` goes on with the numbers after those of ``seed``.
    """

    folder: Path
    seed: int
    test_weights: Literal["final", "best"] | None
    ckpt_path: str | None = None
    resumes: bool = False
    dropout_seed: int | None = None

    def run(self, trainer: Trainer, model: StackModule, datamodule: ArrayDataModule) -> dict[str, Any]:
        """Train and test the model, and record it.

        Returns:
            What result.json holds; nothing in any but the first of several processes.
        """
        tensorboard = self._prepare(trainer, model)
        if self.dropout_seed is not None:
            torch.manual_seed(self.dropout_seed)
        with warnings.catch_warnings():
            if self.resumes:  # its folder holds checkpoints already, which is why
                warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not empty")
            trainer.fit(model, datamodule=datamodule, ckpt_path=self.ckpt_path, weights_only=True)
        result = self._result(trainer, model, datamodule) if trainer.is_global_zero else {}
        if self.test_weights and not model.diverged:
            self._test(trainer, model, datamodule, result, tensorboard)
        if trainer.is_global_zero:
            headlines = {name: result["final"][name] for name in HEADLINES if name in result["final"]}
            hparams = self._hparams(trainer, model, datamodule)
            tensorboard.log_hyperparams(hparams, headlines | result["test"], step=result["epochs"])
            tensorboard.experiment.close()
            write_result(self.folder, result)
        return result

    def _prepare(self, trainer: Trainer, model: StackModule) -> RunTensorBoard:
        """Let loggers and checkpoints write into the run's folder."""
        # In a folder of its own, a run has no curves yet.
        epochs = epochs_in(read_checkpoint(self.ckpt_path)) if self.ckpt_path and self.resumes else 0
        tensorboard = RunTensorBoard(self.folder, epochs)
        tensorboard.log_layout(map(str, model.evaluation.metrics))
        trainer.loggers = [*trainer.loggers, tensorboard, MetricsCSV(self.folder / "metrics.csv", epochs)]
        for callback in trainer.checkpoint_callbacks:
            if isinstance(callback, LastCheckpoint):
                callback.path = self.folder / "checkpoints" / "last.ckpt"
            elif isinstance(callback, ModelCheckpoint):
                callback.dirpath = callback.dirpath or str(self.folder / "checkpoints")
        trainer.strategy.checkpoint_io = AtomicCheckpointIO()
        remove_unfinished(self.folder / "checkpoints")
        return tensorboard

    def _test(
        self,
        trainer: Trainer,
        model: StackModule,
        datamodule: ArrayDataModule,
        result: dict[str, Any],
        tensorboard: RunTensorBoard,
    ) -> None:
        """Meet the test split, and add to the result what it shows."""
        ckpt_path = self.folder / "checkpoints" / "best.ckpt" if self.test_weights == "best" else None
        trainer.test(model, datamodule=datamodule, ckpt_path=ckpt_path, verbose=False)
        metrics = trainer.callback_metrics
        result["test"] = {name: value.item() for name, value in metrics.items() if name.startswith("test/")}
        if trainer.is_global_zero and isinstance(model, Classifier):
            examined = Examined(model, datamodule.arrays.test)
            result["classes"] = examined.classes()
            examined.write(self.folder, tensorboard.experiment, result["epochs"])

    def _result(self, trainer: Trainer, model: StackModule, data: ArrayDataModule) -> dict[str, Any]:
        rows = read_metrics(self.folder / "metrics.csv")
        (state,) = (callback for callback in trainer.callbacks if isinstance(callback, RunState))  # type: ignore[attr-defined] # Lightning sets it, undeclared
        monitor, best = model.best_metric[0], best_row(rows, *model.best_metric)
        return {
            "name": self.folder.parent.name,
            "version": self.folder.name,
            "seed": self.seed,
            "status": "diverged" if model.diverged else "finished",
            "final": {name: value for name, value in rows[-1].items() if name != "epoch"},
            "best": {"epoch": int(best["epoch"]), monitor: best[monitor]},
            "test": {},
            "classes": {},
            "seconds": round(state.seconds, 3),
            "epochs": trainer.current_epoch,
            "steps": trainer.global_step,
            "data": {"source": type(data.source).__name__, **data.arrays.summary()},
            "versions": versions(),
        }

    def _hparams(self, trainer: Trainer, model: StackModule, data: ArrayDataModule) -> dict[str, Any]:
        known = {
            **model.hparams,
            **(vars(model.optimization) if trainer.optimizers else {}),
            "model": type(model).__name__,
            "batch_size": data.batch_size,
            "epochs": trainer.current_epoch,
            "seed": self.seed,
            "source": type(data.source).__name__,
        }
        return {name: kind(known[name]) if name in known else kind() for name, kind in HPARAMS.items()}


def best_row(rows: list[dict[str, float]], metric: str, mode: Literal["max", "min"]) -> dict[str, float]:
    """The row of the best epoch, the first of several; a NaN is never the best of numbers.

    Args:
        rows: one an epoch, at least one.
        metric: what is compared.
        mode: whether more or less of it is better.
    """
    numbers = [row for row in rows if not math.isnan(row[metric])] or rows
    return (max if mode == "max" else min)(numbers, key=lambda row: row[metric])


def summary(result: dict[str, Any], folder: Path, weights: str) -> str:
    """The last lines of a run: how good its model is, where it is and how to look at it.

    Args:
        result: what result.json holds.
        folder: the run's folder.
        weights: which weights met the test split.

    Returns:
        The lines.
    """
    final, best = result["final"], result["best"]
    metric = next(name for name in best if name != "epoch")
    lines = [
        f"{metric:<15}{final[metric]:.4f} after {result['epochs']} epochs "
        f"(best {best[metric]:.4f} at epoch {best['epoch']})"
    ]
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
