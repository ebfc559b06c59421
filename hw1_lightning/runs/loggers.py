"""TensorBoard's events in a run's folder."""

from collections.abc import Iterable
from pathlib import Path

from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only

# TensorBoard overlays curves only where a custom-scalars layout says so.
LOSS, ACCURACY = ({name: ["Multiline", [f"train/{name}", f"val/{name}"]]} for name in ("loss", "accuracy"))
CLASSIFICATION = {"training and validation": LOSS | ACCURACY}
REGRESSION = {
    "regression": {
        **LOSS,
        "training loss above the optimum": ["Multiline", ["train/excess_loss"]],
        "R^2": ["Multiline", ["val/r2"]],
    }
}


class RunTensorBoard(TensorBoardLogger):
    """TensorBoard events straight in the run's folder, with training and validation overlaid.

    Args:
        folder: the run's folder.
        epochs: how many epochs of an interrupted run stand; TensorBoard drops what was logged after them.
    """

    def __init__(self, folder: Path, epochs: int = 0) -> None:
        purge_step = epochs + 1 if epochs else None
        super().__init__(save_dir=folder, name="", version="", default_hp_metric=False, purge_step=purge_step)

    @rank_zero_only
    def log_layout(self, metrics: Iterable[str]) -> None:
        """Write the custom-scalars layout for a model that is measured by these metrics beside its loss."""
        self.experiment.add_custom_scalars(CLASSIFICATION if "accuracy" in metrics else REGRESSION)

    def save(self) -> None:
        """Nothing beside the events: the run's options are in config.yaml."""
