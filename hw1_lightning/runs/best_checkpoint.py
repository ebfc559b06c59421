"""best.ckpt: the weights of the best epoch."""

from pathlib import Path
from typing import Any

from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from torch import Tensor

from hw1_lightning.models.weights import has_finite_weights


class BestCheckpoint(ModelCheckpoint):
    """Saves the weights whenever a metric is better than ever, and goes on doing so in a folder that was moved.

    Lightning's own forgets what was best if its folder has another name than before, as seen from elsewhere or after a
    move; the next epoch would then be the best of all.

    Args:
        folder: where best.ckpt is; ``None`` for a run whose folder is still to be made.
        monitor: the metric.
        mode: ``max`` or ``min``.
    """

    def __init__(self, folder: Path | None, monitor: str, mode: str) -> None:
        # The best weights are for use; only the last state is for going on, with all that the optimiser keeps.
        super().__init__(
            folder,
            "best",
            monitor=monitor,
            mode=mode,
            enable_version_counter=False,
            save_weights_only=True,
            save_on_train_epoch_end=False,  # but at each validation
        )

    def check_monitor_top_k(self, trainer: Trainer, current: Tensor | None = None) -> bool:
        """Whether to save; never weights that are NaN or infinite, which Lightning would save if they come first."""
        if current is None or not super().check_monitor_top_k(trainer, current):
            return False
        finite = bool(current.isfinite()) and has_finite_weights(trainer.lightning_module)
        return trainer.strategy.reduce_boolean_decision(finite)  # all processes decide alike

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state if this folder has a best.ckpt; else, in a folder of a new run, nothing was best yet."""
        best = Path(self.dirpath or "") / "best.ckpt"
        if best.is_file():
            here = {"best_model_path": str(best), "kth_best_model_path": str(best), "dirpath": self.dirpath}
            super().load_state_dict(
                {**state_dict, **here, "best_k_models": {str(best): state_dict["best_model_score"]}}
            )
