"""The study files of one command: all are read, named and checked before the first run starts."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hw1_lightning.commands.studies.preparation import Plan, plan_runs
from hw1_lightning.data.arrays import ArrayData
from hw1_lightning.errors import InputError
from hw1_lightning.runs.folder import check_folder_name
from hw1_lightning.shipped import find_studies, folder_of_studies
from hw1_lightning.statistics.intervals import MAX_SEEDS
from hw1_lightning.study.jobs import Job
from hw1_lightning.study.reading import read_study
from hw1_lightning.study.replacement import check_no_links
from hw1_lightning.study.specification import Study

# The folder for all studies of a command together, if they are not given as one folder.
TOGETHER = "studies"


@dataclass(frozen=True)
class PlannedStudy:
    """A study that is ready to run.

    Args:
        study: what to compare.
        folder: the folder of its runs.
        plan: its runs.
    """

    study: Study
    folder: Path
    plan: Plan

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Its runs."""
        return self.plan.jobs


def planned_studies(options: argparse.Namespace, further: Sequence[str]) -> list[PlannedStudy]:
    """Read study files and check every condition of all of them; ``further`` are options of `hw1 fit`."""
    if (options.seeds or 1) > MAX_SEEDS:
        raise InputError(f"--seeds is {options.seeds}; it must be at most {MAX_SEEDS}")
    paths = [path for given in options.files for path in find_studies(given)]
    if options.name is not None and len(paths) > 1:
        problem = f"--name is '{options.name}', but there are {len(paths)} study files"
        raise InputError(f"{problem}; name one file at a time, or choose --runs_dir for all of them")
    studies = [read_study(path, options.name) for path in paths]
    _check_names(studies, options)
    return [
        _planned(replace(study, seeds=options.seeds or study.seeds), options.runs_dir, further) for study in studies
    ]


def folder_of_all(options: argparse.Namespace) -> Path:
    """Return the folder for what is about all studies of a command together, named after the folder that was given."""
    folder = folder_of_studies(options.files[0]) if len(options.files) == 1 else None
    return Path(options.runs_dir / (folder.resolve().name if folder else TOGETHER))


def loaded_by(studies: Sequence[PlannedStudy]) -> Mapping[str, ArrayData]:
    """Return the data that the runs of all studies share, as in ``Plan``."""
    return {key: data for one in studies for key, data in one.plan.loaded.items()}


def _check_names(studies: Sequence[Study], options: argparse.Namespace) -> None:
    first: dict[str, Path] = {folder_of_all(options).name.lower(): Path()} if len(studies) > 1 else {}
    for study in studies:
        check_folder_name(study.name)
        other = first.setdefault(study.name.lower(), study.path)
        if other == Path():
            raise InputError(f"{study.path} has the name of the folder for all studies together; rename it")
        if other is not study.path:
            problem = f"{other} and {study.path} are both named '{study.name}'"
            raise InputError(f"{problem}; run one of them alone, with --name")


def _planned(study: Study, runs_dir: Path, further: Sequence[str]) -> PlannedStudy:
    folder = runs_dir / study.name
    plan = plan_runs(study, study.seeds, further, folder)
    check_no_links(folder, plan.jobs)
    return PlannedStudy(study, folder, plan)
