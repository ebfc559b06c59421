"""The finished, failed and missing runs in a study's folder."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from hw1_lightning.metrics import LOSSES
from hw1_lightning.runs.correct_examples import read_correct
from hw1_lightning.runs.metrics_reader import read_metrics
from hw1_lightning.study.finished import UnusableRun, read_finished
from hw1_lightning.study.jobs import folder_of
from hw1_lightning.study.planned_runs import read_planned, unplanned_runs, why_stale
from hw1_lightning.study.quantities import reduce_curve
from hw1_lightning.study.specification import Study


@dataclass(frozen=True)
class Run:
    """One finished run.

    Args:
        condition: name of its condition.
        seed: from 1.
        folder: the run's folder.
        result: the content of result.json.
    """

    condition: str
    seed: int
    folder: Path
    result: dict[str, Any]

    @cached_property
    def rows(self) -> list[dict[str, float]]:
        """The rows of metrics.csv, one for each epoch."""
        return read_metrics(self.folder / "metrics.csv")

    @cached_property
    def diverged(self) -> bool:
        """Whether training ended with a loss, or weights, that are NaN or infinite."""
        losses = [value for row in self.rows[-1:] for name, value in row.items() if name in LOSSES]
        return self.result["status"] == "diverged" or not all(map(math.isfinite, losses))

    @cached_property
    def numbers(self) -> str:
        """Its metrics in every epoch and at the end, as a text; equal if and only if they are bit-identical."""
        return repr([sorted(row.items()) for row in (*self.rows, self.result["final"])])

    def curve(self, metric: str) -> list[float]:
        """Return the metric's value after each epoch; empty if it was not logged."""
        return [row[metric] for row in self.rows if metric in row]

    def quantity(self, metric: str, take: str = "final", last: int | None = None) -> float | None:
        """Return one number of the run.

        Args:
            metric: a column of metrics.csv, a test metric, or ``seconds_per_epoch``.
            take: how its curve is reduced, as in ``quantities.reduce_curve``; ``final`` is of the final weights.
            last: how many epochs at the end count; ``None`` for all.

        Returns:
            The number; ``None`` if the metric was not logged. For a run that diverged it is NaN whatever was logged,
            because weights that are NaN still have a finite accuracy; only its seconds count.
        """
        if metric == "seconds_per_epoch":
            return float(self.result["seconds"]) / max(1, int(self.result["epochs"]))
        if self.diverged:
            return math.nan
        part = self.result["test" if metric.startswith("test/") else "final"]
        if metric in part and (take == "final" or metric.startswith("test/")):
            # The last row of the curve may be of an earlier validation. A value that is not finite is null.
            return math.nan if part[metric] is None else float(part[metric])
        curve = self.curve(metric)
        return reduce_curve(curve, take, last) if curve else None

    def correct(self, split: Literal["validation", "test"]) -> npt.NDArray[np.bool_] | None:
        """Return which examples were classified correctly.

        Returns:
            Bool, shape ``(n,)``, in the order of the split, for the final weights or, on the test split, the tested
            ones. ``None`` if it was not stored: the run has no classifier, diverged, or did not evaluate the whole
            split in one process.

        Raises:
            InputError: if the file was damaged since ``read_runs``.
        """
        if self.diverged:
            return None
        return read_correct(self.folder, self.result["data"]["sizes"]).get("val" if split == "validation" else split)


@dataclass(frozen=True)
class StudyResults:
    """The finished runs of a study, and those that failed, are missing or do not count.

    Args:
        study: the study.
        folder: its folder.
        runs: those that finished, in the order of conditions and seeds.
        failures: condition, seed and the last line of the traceback.
        missing: condition and seed of all other planned runs, including those in ``stale`` and ``unusable``.
        stale: condition, seed and reason of runs in the folder that are not part of this study, for example after a
            rerun with other options; for an unknown condition, the folder's name.
        unusable: condition, seed and reason of runs of this study with damaged files; they count as not done.
        identified: whether runs.json says which runs the study consists of; without it, all runs in the folder count.
    """

    study: Study
    folder: Path
    runs: tuple[Run, ...]
    failures: tuple[tuple[str, int, str], ...]
    missing: tuple[tuple[str, int], ...]
    stale: tuple[tuple[str, int, str], ...] = ()
    unusable: tuple[tuple[str, int, str], ...] = ()
    identified: bool = True

    def of(self, condition: str) -> list[Run]:
        """Return the finished runs of a condition."""
        return [run for run in self.runs if run.condition == condition]

    def planned(self, condition: str) -> int:
        """Return how many runs of a condition are planned."""
        return self.study.seeds

    def paired_seeds(self) -> int:
        """Return how many seeds a condition and the baseline share at most."""
        return self.study.seeds

    def values(self, condition: str, metric: str, take: str = "final", last: int | None = None) -> dict[int, float]:
        """Return one number of each finished run of a condition by seed, without runs that lack the metric."""
        taken = {run.seed: run.quantity(metric, take, last) for run in self.of(condition)}
        return {seed: value for seed, value in taken.items() if value is not None}

    @property
    def copies(self) -> list[tuple[str, tuple[int, ...]]]:
        """Condition and seeds of runs with bit-identical metrics in every epoch and in the test: copies of one run."""
        groups: dict[tuple[str, str], list[int]] = {}
        for run in self.runs:
            if not run.diverged:  # all NaN, without being copies
                key = run.condition, run.numbers + repr(sorted(run.result["test"].items()))
                groups.setdefault(key, []).append(run.seed)
        return [(name, tuple(seeds)) for (name, _), seeds in groups.items() if len(seeds) > 1]

    def identical(self, one: str, other: str) -> bool:
        """Return whether two conditions have bit-identical runs for every seed that both have.

        Test metrics do not count: evaluating the same weights twice may round the loss differently.
        """
        ours, theirs = ({run.seed: run for run in self.of(name)} for name in (one, other))
        pairs = [(ours[seed], theirs[seed]) for seed in ours.keys() & theirs.keys()]
        return bool(pairs) and all(a.numbers == b.numbers and not a.diverged and not b.diverged for a, b in pairs)

    def divided(self, conditions: Sequence[str]) -> set[bool]:
        """Return, of all conditions, whether the seed divides training and validation anew."""
        return {"split" in self.study.condition(name).vary for name in conditions}

    @property
    def share_validation(self) -> float:
        """The ratio n_val / n_train; NaN without a run."""
        sizes = self.runs[0].result["data"]["sizes"] if self.runs else {"val": math.nan, "train": 1}
        return float(sizes["val"] / sizes["train"])


def read_runs(study: Study, folder: Path) -> StudyResults:
    """Read the runs of a study from its folder, which holds CONDITION/seed=NN/."""
    planned = read_planned(folder)
    runs, failures, missing = [], [], []
    stale, unusable = unplanned_runs(study, folder), []
    for condition, seed in study.each_run():
        place, name = folder_of(folder, condition, seed), (condition.name, seed)
        other = None if planned is None or not place.is_dir() else why_stale(place, planned.get(name))
        if other:
            stale.append((*name, other))
        elif (place / "result.json").is_file():
            try:
                runs.append(Run(*name, place, read_finished(place)))
                continue
            except UnusableRun as error:
                unusable.append((*name, str(error)))
        elif (place / "failure.txt").is_file():
            lines = (place / "failure.txt").read_text(encoding="utf-8", errors="replace").strip().splitlines()
            failures.append((*name, lines[-1] if lines else "no message"))
            continue
        missing.append(name)
    found = tuple(runs), tuple(failures), tuple(missing), tuple(stale), tuple(unusable)
    return StudyResults(study, folder, *found, planned is not None)
