"""metrics.csv: one row per epoch, with the metrics that the model logged in it."""

import csv
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from hw1_lightning.csv_cells import as_cell
from hw1_lightning.errors import file_errors
from hw1_lightning.files import replacing
from hw1_lightning.runs.metrics_reader import read_rows
from hw1_lightning.training.logged_metrics import LoggedInEpoch

LEARNING_RATE_PREFIX = "lr-"  # LearningRateMonitor adds such names to the model's metrics


class EpochTable(Callback):
    """Writes metrics.csv, one row per epoch, before any checkpoint that contains the epoch.

    A row has the metrics that the model logged in the epoch. A metric that was not logged, for instance because there
    was no validation, is an empty cell. Loggers and other callbacks do not matter.
    """

    def __init__(self) -> None:
        self.path: Path | None = None
        self._columns: list[str] = []
        self._logged = LoggedInEpoch()
        self._ended: int | None = None

    def begin(self, path: Path, epochs: int) -> None:
        """Set the file to write.

        Args:
            path: the file.
            epochs: finished epochs of a resumed run; the rows of later epochs are removed.
        """
        self.path = path
        if epochs:
            rows = read_rows(path)[:epochs]
            self._columns = list(dict.fromkeys(name for row in rows for name in row))
            self._write(path, rows)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Remember what was logged before this epoch."""
        self._write_epoch(trainer, pl_module)
        self._logged.begin(trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Schedule a row, to be written when all other callbacks have logged."""
        self._ended = trainer.current_epoch + 1

    def _write_epoch(self, trainer: Trainer, pl_module: LightningModule, *_: Any, **__: Any) -> None:
        """Write the row of the epoch that has ended, unless it is written."""
        epoch, self._ended = self._ended, None
        if epoch is None or self.path is None or not trainer.is_global_zero:
            return
        logged = self._logged.end(trainer, pl_module)
        names = sorted(name for name in logged if not name.startswith(LEARNING_RATE_PREFIX))
        row: dict[str, object] = {"epoch": epoch, **{name: logged[name] for name in names}}
        if new := [name for name in row if name not in self._columns]:
            rows = read_rows(self.path) if self._columns else []
            self._columns += new
            self._write(self.path, [*rows, row])
            return
        appending = file_errors(f"{self.path} cannot be written", "; last.ckpt is unchanged")
        with appending, self.path.open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, self._columns, restval="").writerow(row)

    # A checkpoint must not contain an epoch that the table lacks; an error may come after an epoch's end.
    on_save_checkpoint = on_train_end = on_exception = _write_epoch

    def _write(self, path: Path, rows: list[dict[str, Any]]) -> None:
        with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, self._columns, restval="")
            table.writerow({name: as_cell(name) for name in self._columns})
            table.writerows(rows)
