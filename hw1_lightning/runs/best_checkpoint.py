"""best.ckpt: the weights of the best epoch."""

from pathlib import Path
from typing import Any

from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from torch import Tensor

from hw1_lightning.models.weights import has_finite_weights


class BestCheckpoint(ModelCheckpoint):
    """Saves the weights whenever a metric improves, also in a run folder that was moved or renamed.

    Lightning's own class forgets the best score if the folder's path has changed; the next epoch would then count as
    the best of all.

    Args:
        folder: where best.ckpt is; ``None`` until the run has its folder.
        monitor: the metric.
        mode: ``max`` or ``min``.
    """

    def __init__(self, folder: Path | None, monitor: str, mode: str) -> None:
        super().__init__(
            dirpath=folder,
            filename="best",
            monitor=monitor,
            mode=mode,
            save_weights_only=True,  # for evaluation; only last.ckpt, with the optimiser's state, can be resumed from
            save_on_train_epoch_end=False,  # but at each validation
            enable_version_counter=False,
        )

    def check_monitor_top_k(self, trainer: Trainer, current: Tensor | None = None) -> bool:
        """Return whether to save; Lightning's own method accepts NaN or infinite weights if they come first."""
        if current is None or not super().check_monitor_top_k(trainer, current):
            return False
        finite = bool(current.isfinite()) and has_finite_weights(trainer.lightning_module)
        return trainer.strategy.reduce_boolean_decision(finite)  # the same decision in all processes

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the best score if this folder has a best.ckpt; the folder of a new run starts without one."""
        best = Path(self.dirpath or "") / "best.ckpt"
        if best.is_file():
            here = {"best_model_path": str(best), "kth_best_model_path": str(best), "dirpath": self.dirpath}
            scores = {str(best): state_dict["best_model_score"]}
            super().load_state_dict({**state_dict, **here, "best_k_models": scores})
