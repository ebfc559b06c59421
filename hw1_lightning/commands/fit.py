"""One run of `hw1 fit`: train, test, and leave a folder that tells all of it."""

import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.utilities.model_helpers import is_overridden

from hw1_lightning.callbacks.best_checkpoint import BestCheckpoint
from hw1_lightning.callbacks.epoch_table import EpochTable
from hw1_lightning.callbacks.final_validation import FinalValidation
from hw1_lightning.callbacks.last_checkpoint import LastCheckpoint
from hw1_lightning.callbacks.run_state import RunState
from hw1_lightning.checkpoints import AtomicCheckpointIO, read_checkpoint, remove_unfinished
from hw1_lightning.commands.examination import Examined
from hw1_lightning.data.arrays import Examples, Split
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.errors import InputError
from hw1_lightning.loggers import RunTensorBoard, read_metrics
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

OwnCallback = TypeVar("OwnCallback", bound=Callback)  # type parameters need Python 3.12

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

    def run(self, trainer: Trainer, model: LightningModule, datamodule: ArrayDataModule) -> dict[str, Any]:
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
        trainer.loggers = [logger for logger in trainer.loggers if logger is not tensorboard]  # its x axis is epochs
        if not has_diverged(model):
            final = self._validate(trainer, model, datamodule)
            test = self._test(trainer, model, datamodule)
            if trainer.is_global_zero:
                result["final"] |= final
                result["test"] = test
                self._examine(trainer, model, datamodule, result, tensorboard)
        if trainer.is_global_zero:
            headlines = {name: result["final"][name] for name in HEADLINES if name in result["final"]}
            hparams = self._hparams(trainer, model, datamodule)
            tensorboard.log_hyperparams(hparams, headlines | result["test"], step=result["epochs"])
            tensorboard.experiment.close()
            write_result(self.folder, result)
        return result

    def _prepare(self, trainer: Trainer, model: LightningModule) -> RunTensorBoard:
        """Let loggers and checkpoints write into the run's folder."""
        # In a folder of its own, a run has no curves yet.
        epochs = epochs_in(read_checkpoint(self.ckpt_path)) if self.ckpt_path and self.resumes else 0
        tensorboard = RunTensorBoard(self.folder, epochs)
        if isinstance(model, StackModule):
            tensorboard.log_layout(map(str, model.evaluation.metrics))
        trainer.loggers = [*trainer.loggers, tensorboard]
        if trainer.is_global_zero:
            own(trainer, EpochTable).begin(self.folder / "metrics.csv", epochs)
        for callback in trainer.checkpoint_callbacks:
            if isinstance(callback, LastCheckpoint):
                callback.path = self.folder / "checkpoints" / "last.ckpt"
            elif isinstance(callback, ModelCheckpoint):
                callback.dirpath = callback.dirpath or str(self.folder / "checkpoints")
        trainer.strategy.checkpoint_io = AtomicCheckpointIO()
        remove_unfinished(self.folder / "checkpoints")
        return tensorboard

    def _validate(self, trainer: Trainer, model: LightningModule, datamodule: ArrayDataModule) -> dict[str, float]:
        """Validate the final weights, unless they were validated last."""
        if not own(trainer, FinalValidation).is_due(trainer, model):
            return {}
        trainer.validate(model, datamodule=datamodule, verbose=False)
        return {name: value.item() for name, value in trainer.callback_metrics.items()}

    def _test(self, trainer: Trainer, model: LightningModule, datamodule: ArrayDataModule) -> dict[str, float]:
        """Meet the test split; nothing if that was not asked for, or the model does not know how."""
        if self.test_weights is None or not is_overridden("test_step", model):
            return {}
        ckpt_path = self.folder / "checkpoints" / "best.ckpt" if self.test_weights == "best" else None
        if ckpt_path is not None and not ckpt_path.is_file():
            raise InputError(f"test_weights is best, but no validation has chosen a {ckpt_path}; test last.ckpt")
        trainer.test(model, datamodule=datamodule, ckpt_path=ckpt_path, verbose=False, weights_only=True)
        return {name: value.item() for name, value in trainer.callback_metrics.items()}

    def _examine(
        self,
        trainer: Trainer,
        model: LightningModule,
        datamodule: ArrayDataModule,
        result: dict[str, Any],
        tensorboard: RunTensorBoard,
    ) -> None:
        """Add to the result what the test shows of a classifier."""
        if not result["test"] or not isinstance(model, Classifier):
            return
        tested = tested_part(trainer, model, datamodule)
        if tested is not None:
            examined = Examined(model, tested)
            result["classes"] = examined.classes()
            examined.write(self.folder, tensorboard.experiment, result["epochs"])

    def _result(self, trainer: Trainer, model: LightningModule, data: ArrayDataModule) -> dict[str, Any]:
        table = self.folder / "metrics.csv"
        rows = read_metrics(table) if table.is_file() else []
        return {
            "name": self.folder.parent.name,
            "version": self.folder.name,
            "seed": self.seed,
            "status": "diverged" if has_diverged(model) else "finished",
            "final": {name: value for name, value in rows[-1].items() if name != "epoch"} if rows else {},
            "best": self._best(trainer, model, rows),
            "test": {},
            "classes": {},
            "seconds": round(own(trainer, RunState).seconds, 3),
            "epochs": trainer.current_epoch,
            "steps": trainer.global_step,
            "data": {"source": type(data.source).__name__, **data.arrays.summary()},
            "versions": versions(),
        }

    def _best(self, trainer: Trainer, model: LightningModule, rows: list[dict[str, float]]) -> dict[str, float]:
        """When the model was best and how good; that is what best.ckpt holds, if there is one."""
        if not isinstance(model, StackModule):
            return {}
        metric, mode = model.best_metric
        for callback in trainer.checkpoint_callbacks:
            if isinstance(callback, BestCheckpoint) and callback.best_model_score is not None:
                saved = read_checkpoint(callback.best_model_path)
                score = callback.best_model_score.item()
                step = saved["global_step"]
                same = [row for row in rows if row["epoch"] == saved["epoch"] + 1]  # the same, in full precision
                exact = [row[metric] for row in same if math.isclose(row.get(metric, math.nan), score, rel_tol=1e-6)]
                return {"epoch": saved["epoch"] + 1, "step": step, metric: exact[0] if exact else score}
        measured = [row for row in rows if metric in row]
        best = best_row(measured, metric, mode) if measured else {}
        return {"epoch": int(best["epoch"]), metric: best[metric]} if best else {}

    def _hparams(self, trainer: Trainer, model: LightningModule, data: ArrayDataModule) -> dict[str, Any]:
        known = {
            **model.hparams,
            **(vars(model.optimization) if trainer.optimizers and isinstance(model, StackModule) else {}),
            "model": type(model).__name__,
            "batch_size": data.batch_size,
            "epochs": trainer.current_epoch,
            "seed": self.seed,
            "source": type(data.source).__name__,
        }
        return {name: kind(known[name]) if name in known else kind() for name, kind in HPARAMS.items()}


def own(trainer: Trainer, kind: type[OwnCallback]) -> OwnCallback:
    """The trainer's callback of a class of which it has one."""
    (found,) = (callback for callback in trainer.callbacks if isinstance(callback, kind))  # type: ignore[attr-defined] # Lightning sets it, undeclared
    return found


def has_diverged(model: LightningModule) -> bool:
    """Whether training has ended with a loss, or weights, that are NaN or infinite."""
    finite = all(bool(parameter.isfinite().all()) for parameter in model.parameters())
    return not finite or getattr(model, "diverged", False)


def tested_part(trainer: Trainer, model: StackModule, data: ArrayDataModule) -> Split | None:
    """The examples of the test split that were tested, fewer with ``limit_test_batches``.

    Args:
        trainer: has tested the model.
        model: the model.
        data: the data.

    Returns:
        They; ``None`` if several processes have each tested a part of their part.
    """
    split, count = data.arrays.test, model.evaluation.examples
    if count == len(split):
        return split
    return Examples(*split.take(slice(0, count))) if trainer.world_size == 1 else None


def best_row(rows: list[dict[str, float]], metric: str, mode: Literal["max", "min"]) -> dict[str, float]:
    """The row of the best epoch, the first of several; a NaN is never the best of numbers.

    Args:
        rows: one an epoch, at least one.
        metric: what is compared.
        mode: whether more or less of it is better.
    """
    numbers = [row for row in rows if not math.isnan(row[metric])] or rows
    return (max if mode == "max" else min)(numbers, key=lambda row: row[metric])


def tried(trainer: Trainer) -> str:
    """What ``fast_dev_run`` has done, in a line.

    Args:
        trainer: after its fit.
    """
    batches = trainer.num_training_batches, sum(trainer.num_val_batches)
    metrics = ", ".join(f"{name} {value:.4f}" for name, value in sorted(trainer.callback_metrics.items()))
    return f"fast_dev_run   {batches[0]} minibatches of training, {batches[1]} of validation; nothing written; {metrics}"


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
    lines = []
    for metric in [name for name in best if name not in {"epoch", "step"}] or [n for n in HEADLINES if n in final]:
        now = f"{final[metric]:.4f} after {result['epochs']} epochs" if metric in final else "not validated at the end"
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
