"""The runs of a study as they lie in its folder."""

import json
import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from hw1_lightning.loggers import read_metrics
from hw1_lightning.study.jobs import folder_of
from hw1_lightning.study.quantities import reduce_curve
from hw1_lightning.study.specification import Study


@dataclass(frozen=True)
class Run:
    """One finished run.

    Args:
        condition: name of its condition.
        seed: from 1.
        folder: where it lies.
        result: what result.json holds.
    """

    condition: str
    seed: int
    folder: Path
    result: dict[str, Any]

    @cached_property
    def rows(self) -> list[dict[str, float]]:
        """What metrics.csv holds, one row an epoch."""
        return read_metrics(self.folder / "metrics.csv")

    @property
    def diverged(self) -> bool:
        """Whether training ended with a loss that is no number."""
        return bool(self.result["status"] == "diverged")

    def curve(self, metric: str) -> list[float]:
        """A metric's value after each epoch; empty if it was not logged."""
        return [row[metric] for row in self.rows if metric in row]

    def quantity(self, metric: str, take: str = "final", last: int | None = None) -> float | None:
        """One number of the run, as ``quantities.reduce_curve`` takes it; ``None`` if the metric was not logged."""
        if self.diverged:
            return math.nan
        if metric == "seconds_per_epoch":
            return float(self.result["seconds"]) / max(1, int(self.result["epochs"]))
        if metric.startswith("test/"):
            value: float | None = self.result["test"].get(metric)
            return value
        curve = self.curve(metric)
        return reduce_curve(curve, take, last) if curve else None

    def correct(self, split: Literal["validation", "test"]) -> npt.NDArray[np.bool_] | None:
        """Which examples of a split the final weights had right, ``(n_examples,)``; ``None`` if that is not known."""
        name = {"validation": "val", "test": "test"}[split]
        path, size = self.folder / "correct.npz", self.result["data"]["sizes"].get(name, 0)
        if not path.is_file():
            return None
        with np.load(path) as arrays:
            return np.unpackbits(arrays[name], count=size).astype(np.bool_) if name in arrays else None


@dataclass(frozen=True)
class StudyResults:
    """What there is of a study.

    Args:
        study: what was asked.
        folder: where it lies.
        runs: those that finished, in the order of conditions and seeds.
        failures: condition, seed and the last line of the traceback.
        missing: condition and seed of what was never finished nor failed.
    """

    study: Study
    folder: Path
    runs: tuple[Run, ...]
    failures: tuple[tuple[str, int, str], ...]
    missing: tuple[tuple[str, int], ...]

    def of(self, condition: str) -> list[Run]:
        """The finished runs of a condition."""
        return [run for run in self.runs if run.condition == condition]

    def values(self, condition: str, metric: str, take: str = "final", last: int | None = None) -> dict[int, float]:
        """A number of every finished run of a condition, by seed; runs without that metric are left out."""
        taken = {run.seed: run.quantity(metric, take, last) for run in self.of(condition)}
        return {seed: value for seed, value in taken.items() if value is not None}

    @property
    def copies(self) -> list[tuple[str, tuple[int, ...]]]:
        """Runs of a condition that are one run several times, as where nothing depends on the seed.

        Returns:
            Condition and seeds of each group of finished runs whose metrics are identical, to the last digit, in every
            epoch and in the test.
        """
        groups: dict[tuple[str, str], list[int]] = {}
        for run in self.runs:
            if not run.diverged:  # NaN is like NaN without being a copy
                key = run.condition, repr([sorted(row.items()) for row in (*run.rows, run.result["test"])])
                groups.setdefault(key, []).append(run.seed)
        return [(name, tuple(seeds)) for (name, _), seeds in groups.items() if len(seeds) > 1]

    @property
    def split_varies(self) -> bool:
        """Whether seeds divide the data into training and validation anew."""
        return any("split" in condition.vary for condition in self.study.conditions)

    @property
    def share_validation(self) -> float:
        """n_val / n_train."""
        sizes = self.runs[0].result["data"]["sizes"]
        return float(sizes["val"] / sizes["train"])


def read_runs(study: Study, folder: Path) -> StudyResults:
    """Read the runs of a study.

    Args:
        study: what was asked.
        folder: that of the study, which holds CONDITION/seed=NN/.

    Returns:
        What there is.
    """
    runs, failures, missing = [], [], []
    for condition in study.conditions:
        for seed in range(1, study.seeds + 1):
            place = folder_of(folder, condition, seed)
            if (place / "result.json").is_file():
                result = json.loads((place / "result.json").read_text(encoding="utf-8"))
                runs.append(Run(condition.name, seed, place, result))
            elif (place / "failure.txt").is_file():
                lines = (place / "failure.txt").read_text(encoding="utf-8").strip().splitlines()
                failures.append((condition.name, seed, lines[-1] if lines else "without a word"))
            else:
                missing.append((condition.name, seed))
    return StudyResults(study, folder, tuple(runs), tuple(failures), tuple(missing))
