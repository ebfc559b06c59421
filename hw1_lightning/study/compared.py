"""Groups of given runs as the results of a study, for its statistics, curves and page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hw1_lightning.metrics import CURVES, HEADLINES
from hw1_lightning.study.grouping import Group
from hw1_lightning.study.results import Run, StudyResults
from hw1_lightning.study.specification import Condition, Study
from hw1_lightning.study.words import listing


@dataclass(frozen=True)
class ComparedRuns(StudyResults):
    """Given runs as the results of a study.

    Args:
        groups: its conditions.
    """

    groups: tuple[Group, ...] = ()

    def planned(self, condition: str) -> int:
        """Return how many runs a condition has: no others were planned."""
        return len(self.of(condition))

    def paired_seeds(self) -> int:
        """Return how many seeds a condition and the baseline share at most."""
        seeds = {one.name: {run.seed for run in self.of(one.name)} for one in self.study.conditions}
        first = seeds.pop(self.study.baseline)
        return max((len(first & each) for each in seeds.values()), default=0)


def as_results(groups: Sequence[Group], page: Path) -> ComparedRuns:
    """Turn groups into the conditions of a study, the first one into its baseline.

    Args:
        groups: at least one, named.
        page: the folder of the page; links to runs are relative to it.

    Returns:
        The runs that have a result.
    """
    found = [(each.name, seed, run) for each in groups for seed, run in each.numbered]
    runs = [Run(name, seed, run.folder, run.result) for name, seed, run in found if run.result is not None]
    names = [each.name for each in groups]
    title = listing(names) if len(names) <= 4 else f"{len(names)} conditions compared"
    seeds = max(1, *(each.finished for each in groups))
    conditions = tuple(Condition(name=each.name, options={}, vary=each.vary) for each in groups)
    study = Study(
        name="compare",
        path=page,
        title=title,
        configs=(),
        seeds=seeds,
        metrics=_metrics(runs),
        baseline=names[0],
        conditions=conditions,
    )
    return ComparedRuns(study=study, folder=page, runs=tuple(runs), failures=(), missing=(), groups=tuple(groups))


def _metrics(runs: Sequence[Run]) -> tuple[str, ...]:
    logged = {name for run in runs for name in run.result["final"]}
    headlines = tuple(name for name in HEADLINES if name in logged)
    return headlines or tuple(name for name in CURVES if name in logged)[:1] or ("seconds_per_epoch",)
