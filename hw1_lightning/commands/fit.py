"""One run of `hw1 fit`: train, test, and leave a folder that tells all of it."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import ModelCheckpoint

from hw1_lightning.callbacks.last_checkpoint import LastCheckpoint
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.loggers import MetricsCSV, RunTensorBoard, read_metrics
from hw1_lightning.models.base import StackModule
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
    "batch_size": int,
    "epochs": int,
    "seed": int,
    "source": str,
}


@dataclass(frozen=True)
class Fit:
    """What a run needs beside its trainer, model and data.

    Args:
        folder: the run's own folder.
        seed: what everything random was seeded with.
        test_weights: which weights meet the test split; ``None`` leaves the test out.
        ckpt_path: a checkpoint to go on from.
    """

    folder: Path
    seed: int
    test_weights: Literal["final", "best"] | None
    ckpt_path: str | None = None

    def run(self, trainer: Trainer, model: StackModule, datamodule: ArrayDataModule) -> dict[str, Any]:
        """Train and test the model, and record it.

        Returns:
            What result.json holds.
        """
        tensorboard = RunTensorBoard(self.folder)
        tensorboard.log_layout()
        trainer.loggers = [*trainer.loggers, tensorboard, MetricsCSV(self.folder / "metrics.csv")]
        for callback in trainer.checkpoint_callbacks:
            if isinstance(callback, LastCheckpoint):
                callback.path = self.folder / "checkpoints" / "last.ckpt"
            elif isinstance(callback, ModelCheckpoint):
                callback.dirpath = callback.dirpath or str(self.folder / "checkpoints")
        start = time.perf_counter()
        trainer.fit(model, datamodule=datamodule, ckpt_path=self.ckpt_path)
        result = self._result(trainer, model, datamodule, time.perf_counter() - start)
        if self.test_weights and not model.diverged:
            ckpt_path = self.folder / "checkpoints" / "best.ckpt" if self.test_weights == "best" else None
            trainer.test(model, datamodule=datamodule, ckpt_path=ckpt_path, verbose=False)
            result["test"] = {name: trainer.callback_metrics[name].item() for name in ("test/loss", "test/accuracy")}
        tensorboard.log_hyperparams(
            self._hparams(model, datamodule, result["epochs"]),
            {"val/accuracy": result["final"]["val/accuracy"], **result["test"]},
            step=result["epochs"],
        )
        tensorboard.experiment.close()
        write_result(self.folder, result)
        return result

    def _result(self, trainer: Trainer, model: StackModule, data: ArrayDataModule, seconds: float) -> dict[str, Any]:
        rows = read_metrics(self.folder / "metrics.csv")
        best = max(rows, key=lambda row: row["val/accuracy"])
        return {
            "name": self.folder.parent.name,
            "version": self.folder.name,
            "seed": self.seed,
            "status": "diverged" if model.diverged else "finished",
            "final": {name: value for name, value in rows[-1].items() if name != "epoch"},
            "best": {"epoch": int(best["epoch"]), "val/accuracy": best["val/accuracy"]},
            "test": {},
            "seconds": round(seconds, 3),
            "epochs": trainer.current_epoch,
            "steps": trainer.global_step,
            "data": {
                "source": type(data.source).__name__,
                "sha256": data.arrays.sha256,
                "sizes": {name: len(split) for name, split in data.arrays.splits.items()},
            },
            "versions": versions(),
        }

    def _hparams(self, model: StackModule, data: ArrayDataModule, epochs: int) -> dict[str, Any]:
        known = {
            **model.hparams,
            **vars(model.optimization),
            "model": type(model).__name__,
            "batch_size": data.batch_size,
            "epochs": epochs,
            "seed": self.seed,
            "source": type(data.source).__name__,
        }
        return {name: kind(known[name]) if name in known else kind() for name, kind in HPARAMS.items()}


def summary(result: dict[str, Any], folder: Path, weights: str) -> str:
    """The last lines of a run: its accuracies, where it is and how to look at it.

    Args:
        result: what result.json holds.
        folder: the run's folder.
        weights: which weights met the test split.

    Returns:
        The lines.
    """
    final, best = result["final"], result["best"]
    lines = [
        f"val/accuracy   {final['val/accuracy']:.4f} after {result['epochs']} epochs "
        f"(best {best['val/accuracy']:.4f} at epoch {best['epoch']})"
    ]
    if result["test"]:
        lines.append(f"test/accuracy  {result['test']['test/accuracy']:.4f} with the {weights} weights")
    lines += [
        f"run            {folder} ({result['seconds']:.1f} s)",
        f"view           tensorboard --logdir {folder.parent.parent}",
    ]
    return "\n".join(lines)
