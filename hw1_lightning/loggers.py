"""Where the curves of a run go: TensorBoard events and metrics.csv, one row an epoch."""

import csv
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import Logger, TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only

from hw1_lightning.errors import InputError
from hw1_lightning.files import replacing

# TensorBoard overlays curves only where a custom-scalars layout says so.
LOSS = {"loss": ["Multiline", ["train/loss", "val/loss"]]}
CLASSIFICATION = {"training and validation": {**LOSS, "accuracy": ["Multiline", ["train/accuracy", "val/accuracy"]]}}
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


class MetricsCSV(Logger):
    """metrics.csv: one row an epoch, on disk as soon as it is known.

    Args:
        path: the file to write.
        epochs: how many epochs of an interrupted run stand; rows after them are dropped.
    """

    def __init__(self, path: Path, epochs: int = 0) -> None:
        super().__init__()
        self.path = path
        self._columns: list[str] = []
        if epochs and getattr(rank_zero_only, "rank", 0) == 0:  # an attribute that its type does not tell
            header, *rows = path.read_bytes().splitlines(keepends=True)
            self._columns = header.decode().strip().split(",")
            with replacing(path) as temporary:
                temporary.write_bytes(b"".join([header, *rows[:epochs]]))

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def version(self) -> None:
        """A run's folder holds one."""

    def log_hyperparams(self, params: dict[str, Any] | Namespace, *args: Any, **kwargs: Any) -> None:
        """Nothing: the run's options are in config.yaml."""

    @rank_zero_only
    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Append a row; a metric that was not there in the first row has no column."""
        row = {"epoch": step, **metrics}
        if not self._columns:
            self._columns = list(row)
            self._append(self._columns)
        self._append([row.get(column, "") for column in self._columns])

    def _append(self, cells: list[Any]) -> None:
        try:
            with self.path.open("a", newline="", encoding="utf-8") as file:
                csv.writer(file).writerow(cells)
        except OSError as error:
            raise InputError(f"{self.path} cannot be written: {error.strerror}; last.ckpt is unharmed") from error


def read_metrics(path: Path) -> list[dict[str, float]]:
    """Read metrics.csv.

    Args:
        path: the file.

    Returns:
        One dictionary a row, exactly the numbers that were logged; an empty cell is left out.
    """
    with path.open(newline="", encoding="utf-8") as file:
        return [{name: float(cell) for name, cell in row.items() if cell} for row in csv.DictReader(file)]
