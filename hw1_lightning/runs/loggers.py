"""The TensorBoard events in a run's folder."""

from collections.abc import Iterable
from pathlib import Path

from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only

# TensorBoard draws several curves in one chart only where a custom-scalars layout says so.
LOSS, ACCURACY = ({name: ["Multiline", [f"train/{name}", f"val/{name}"]]} for name in ("loss", "accuracy"))
CLASSIFICATION = {"training and validation": LOSS | ACCURACY}
EXCESS = {"training loss above the optimum": ["Multiline", ["train/excess_loss"]]}
REGRESSION = {"regression": LOSS | EXCESS | {"R^2": ["Multiline", ["val/r2"]]}}


class RunTensorBoard(TensorBoardLogger):
    """Writes TensorBoard events directly to the run's folder, with training and validation in one chart.

    Args:
        folder: the run's folder.
        epochs: finished epochs of a resumed run; TensorBoard drops what was logged after them.
    """

    def __init__(self, folder: Path, epochs: int = 0) -> None:
        purge_step = epochs + 1 if epochs else None
        super().__init__(save_dir=folder, name="", version="", default_hp_metric=False, purge_step=purge_step)

    @rank_zero_only
    def log_layout(self, metrics: Iterable[str]) -> None:
        """Write the custom-scalars layout of a model that is measured by these metrics, as well as by its loss."""
        self.experiment.add_custom_scalars(CLASSIFICATION if "accuracy" in metrics else REGRESSION)

    def save(self) -> None:
        """Do not write hparams.yaml: the run's options are in config.yaml."""
