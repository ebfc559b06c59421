"""The runs of a study as they lie in its folder."""

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
from hw1_lightning.runs.metrics_file import read_metrics
from hw1_lightning.study.finished import UnusableRun, read_finished
from hw1_lightning.study.jobs import folder_of
from hw1_lightning.study.planned import read_planned, unplanned_runs, why_stale
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

    @cached_property
    def diverged(self) -> bool:
        """Whether training ended with a loss, or weights, that are NaN or infinite."""
        last = self.rows[-1] if self.rows else {}
        losses = [value for name, value in last.items() if name in LOSSES]
        return self.result["status"] == "diverged" or not all(map(math.isfinite, losses))

    @cached_property
    def numbers(self) -> str:
        """Its metrics in every epoch and at the end, to the last digit; the same for runs that trained alike."""
        return repr([sorted(row.items()) for row in (*self.rows, self.result["final"])])

    def curve(self, metric: str) -> list[float]:
        """A metric's value after each epoch; empty if it was not logged."""
        return [row[metric] for row in self.rows if metric in row]

    def quantity(self, metric: str, take: str = "final", last: int | None = None) -> float | None:
        """One number of the run.

        Args:
            metric: a column of metrics.csv, a metric of the test, or ``seconds_per_epoch``.
            take: what is taken of its curve, as in ``quantities.reduce_curve``; ``final`` is of the final weights.
            last: of so many epochs at the end; ``None`` for all.

        Returns:
            The number; ``None`` if the metric was not logged; NaN, whatever was logged, for a run that diverged: the
            accuracy of weights that are NaN is finite. Only its seconds are known.
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
        """Which examples were right: of the final weights, in the test of those that were tested.

        Args:
            split: ``validation`` or ``test``.

        Returns:
            Bool, shape ``(n,)``, in the order of the split; ``None`` if it was not stored: no classifier, a run that
            diverged, or a split that was not evaluated, or not whole, or by several processes.

        Raises:
            InputError: if the file was damaged since ``read_runs``.
        """
        if self.diverged:
            return None
        name = "val" if split == "validation" else split
        return read_correct(self.folder, self.result["data"]["sizes"]).get(name)


@dataclass(frozen=True)
class StudyResults:
    """What there is of a study.

    Args:
        study: what was asked.
        folder: where it lies.
        runs: those that finished, in the order of conditions and seeds.
        failures: condition, seed and the last line of the traceback.
        missing: condition and seed of all others that were planned, also of those in ``stale`` and ``unusable``.
        stale: condition, seed and why: runs in the folder that are not of this very study, as after a rerun with other
            options; the condition is the folder's name where the study has no such run.
        unusable: condition, seed and why: runs of this study with damaged files, which count as not done.
        identified: whether the folder says which runs this study consists of, in runs.json; without that, runs that are
            not of this study cannot be told apart, and all count.
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
        """The finished runs of a condition."""
        return [run for run in self.runs if run.condition == condition]

    def planned(self, condition: str) -> int:
        """How many runs a condition is to have."""
        return self.study.seeds

    def paired_seeds(self) -> int:
        """How many seeds a condition and the baseline are to share, at most."""
        return self.study.seeds

    def values(self, condition: str, metric: str, take: str = "final", last: int | None = None) -> dict[int, float]:
        """A number of every finished run of a condition, by seed; runs without that metric are left out."""
        taken = {run.seed: run.quantity(metric, take, last) for run in self.of(condition)}
        return {seed: value for seed, value in taken.items() if value is not None}

    @property
    def copies(self) -> list[tuple[str, tuple[int, ...]]]:
        """Condition and seeds of runs with bit-identical metrics in every epoch and in the test: copies of one run."""
        groups: dict[tuple[str, str], list[int]] = {}
        for run in self.runs:
            if not run.diverged:  # NaN is like NaN without being a copy
                key = run.condition, run.numbers + repr(sorted(run.result["test"].items()))
                groups.setdefault(key, []).append(run.seed)
        return [(name, tuple(seeds)) for (name, _), seeds in groups.items() if len(seeds) > 1]

    def identical(self, one: str, other: str) -> bool:
        """Whether two conditions trained alike with every seed that both have: an option may matter for the test only.

        The test is left out, since two evaluations of the same weights may differ in the rounding of the loss.
        """
        ours, theirs = ({run.seed: run for run in self.of(name)} for name in (one, other))
        pairs = [(ours[seed], theirs[seed]) for seed in ours.keys() & theirs.keys()]
        alike = all(a.numbers == b.numbers and not a.diverged and not b.diverged for a, b in pairs)
        return bool(pairs) and alike

    def divided(self, conditions: Sequence[str]) -> set[bool]:
        """Whether conditions divide training and validation by the seed, which then have other examples each time."""
        return {"split" in self.study.condition(name).vary for name in conditions}

    @property
    def share_validation(self) -> float:
        """Validation examples for each training example, n_val / n_train; NaN without a run."""
        sizes = self.runs[0].result["data"]["sizes"] if self.runs else {"val": math.nan, "train": 1}
        return float(sizes["val"] / sizes["train"])


def read_runs(study: Study, folder: Path) -> StudyResults:
    """Read the runs of a study; only finished ones of this very study count.

    Args:
        study: what was asked.
        folder: that of the study, which holds CONDITION/seed=NN/.

    Returns:
        What there is.
    """
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
            failures.append((*name, _last_line(place / "failure.txt")))
            continue
        missing.append(name)
    found = tuple(runs), tuple(failures), tuple(missing), tuple(stale), tuple(unusable)
    return StudyResults(study, folder, *found, planned is not None)


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "without a word"
