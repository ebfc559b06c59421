"""Writes studies of made-up runs, in the format of `hw1 fit`, without training and with a known truth."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hw1_lightning.study.jobs import folder_of
from hw1_lightning.study.planned_runs import write_planned
from hw1_lightning.study.reading import read_study
from hw1_lightning.study.results import StudyResults, read_runs

Bits = npt.NDArray[np.bool_]
SHA256 = "ab" * 32
VERSIONS = {"hw1": "0", "python": "3"}


@dataclass(frozen=True)
class MadeUp:
    """One run.

    Args:
        curves: a value for each epoch, by metric.
        test: metrics of the test split.
        right: which examples are correct, by ``val`` and ``test``.
        diverged: whether it diverged.
        sizes: examples of each split.
        classes: number of classes.
        identity: that in run.json; empty for the planned one.
        lost_rows: number of epochs missing at the end of metrics.csv.
        sha256: hash of the data.
        split_seed: seed of the division into training and validation.
    """

    curves: Mapping[str, npt.NDArray[np.float64]]
    test: Mapping[str, float] = field(default_factory=dict)
    right: Mapping[str, Bits] = field(default_factory=dict)
    diverged: bool = False
    sizes: Mapping[str, int] = field(default_factory=lambda: {"train": 1258, "val": 180, "test": 359})
    classes: int = 6
    identity: str = ""
    lost_rows: int = 0
    sha256: str = SHA256
    split_seed: int | None = None

    def write(self, folder: Path) -> None:
        """Write metrics.csv, correct.npz, run.json and result.json into a new folder."""
        folder.mkdir(parents=True)
        epochs = len(next(iter(self.curves.values())))
        rows = [",".join(["epoch", *self.curves])]
        for epoch in range(epochs):
            rows.append(",".join([str(epoch + 1), *(repr(float(curve[epoch])) for curve in self.curves.values())]))
        (folder / "metrics.csv").write_text("\n".join(rows[: len(rows) - self.lost_rows]) + "\n")
        if self.right and not self.diverged:
            packed: Any = {name: np.packbits(right) for name, right in self.right.items()}
            np.savez(folder / "correct.npz", **packed)
        (folder / "run.json").write_text(json.dumps({"identity": self.identity or identity(folder)}))
        (folder / "result.json").write_text(json.dumps(self._result(epochs)))

    def _result(self, epochs: int) -> dict[str, Any]:
        final = {name: None if self.diverged else float(curve[-1]) for name, curve in self.curves.items()}
        return {
            "status": "diverged" if self.diverged else "finished",
            "final": final,
            "best": {},
            "test": {} if self.diverged else dict(self.test),
            "classes": {} if self.diverged else {str(label): {} for label in range(self.classes)},
            "seconds": 10.0,
            "epochs": epochs,
            "split_seed": self.split_seed,
            "data": {"source": "Digits", "sha256": self.sha256, "sizes": dict(self.sizes)},
            "versions": VERSIONS,
        }


def classifier(right: Bits, tested: Bits, loss: float, epochs: int = 3, **more: Any) -> MadeUp:
    """Make a run of a classifier from its correct examples and its final loss.

    Args:
        right: which validation examples are correct.
        tested: which test examples are correct.
        loss: final validation loss.
        epochs: number of epochs.
        more: further arguments of ``MadeUp``.
    """
    rise = np.arange(1, epochs + 1) / epochs
    accuracy, losses = right.mean() * rise, loss / rise
    accuracy[-1] = right.mean()
    curves = {"train/loss": losses * 0.9, "val/loss": losses, "val/accuracy": accuracy, "train/accuracy": accuracy**0.9}
    sizes = {"train": 1258, "val": len(right), "test": len(tested)}
    test = {"test/accuracy": float(tested.mean())}
    return MadeUp(curves, test, {"val": right, "test": tested}, sizes=sizes, **more)


def identity(folder: Path) -> str:
    """Return the identity that ``write_study`` plans for the run in a folder."""
    return f"{folder.parent.name}/{folder.name}"


def write_study(folder: Path, text: str, runs: Mapping[str, Sequence[MadeUp]]) -> StudyResults:
    """Write a study with its runs, and read it as `hw1 study report` does.

    Args:
        folder: an empty folder.
        text: the content of the study file.
        runs: the runs of each condition, with seeds 1, 2, ...
    """
    (folder / "study.yaml").write_text(text)
    study = read_study(folder / "study.yaml", "made-up")
    planned = {}
    for condition, seed in study.each_run():
        place = folder_of(folder, condition, seed)
        planned[condition.name, seed] = identity(place)
        if seed <= len(runs[condition.name]):
            runs[condition.name][seed - 1].write(place)
    write_planned(folder, planned)
    return read_runs(study, folder)
