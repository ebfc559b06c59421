"""metrics.csv has the row of an epoch before a checkpoint contains it, so that a kill between them loses no row."""

from pathlib import Path
from typing import Any

import pytest

from hw1_lightning.runs.checkpoints import AtomicCheckpointIO
from hw1_lightning.runs.last_checkpoint import LastCheckpoint
from hw1_lightning.runs.loading import epochs_in
from hw1_lightning.runs.metrics_reader import read_metrics
from tests.conftest import Fit


def test_no_checkpoint_has_an_epoch_that_the_table_lacks(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int, int]] = []
    save = AtomicCheckpointIO.save_checkpoint

    def saved(self: AtomicCheckpointIO, checkpoint: dict[str, Any], path: str | Path, **options: Any) -> None:
        table = Path(path).parents[1] / "metrics.csv"
        rows = len(read_metrics(table)) if table.is_file() else 0
        seen.append((Path(path).name, epochs_in(checkpoint), rows))
        save(self, checkpoint, path, **options)

    monkeypatch.setattr(AtomicCheckpointIO, "save_checkpoint", saved)
    monkeypatch.setattr(LastCheckpoint.__init__, "__defaults__", (None, 0.0))  # after every epoch
    fit("--model=LogisticRegression", "--trainer.max_epochs=3")
    last = [(epochs, rows) for name, epochs, rows in seen if name == "last.ckpt"]
    assert last == [(1, 1), (2, 2), (3, 3), (3, 3)], "after each epoch, and at the end"
