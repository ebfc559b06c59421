"""The study files of one command: all are read, named and checked before the first run starts."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hw1_lightning.commands.studies.preparation import Plan, plan_runs
from hw1_lightning.errors import InputError
from hw1_lightning.runs.folder import check_folder_name
from hw1_lightning.shipped import find_study
from hw1_lightning.statistics.intervals import MAX_SEEDS
from hw1_lightning.study.reading import read_study
from hw1_lightning.study.replacement import check_no_links
from hw1_lightning.study.specification import Study


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


def planned_studies(options: argparse.Namespace, further: Sequence[str]) -> list[PlannedStudy]:
    """Read study files and check every condition of all of them; ``further`` are options of `hw1 fit`."""
    if options.name is not None and len(options.files) > 1:
        problem = f"--name is '{options.name}', but there are {len(options.files)} study files"
        raise InputError(f"{problem}; name one file at a time")
    if (options.seeds or 1) > MAX_SEEDS:
        raise InputError(f"--seeds is {options.seeds}; it must be at most {MAX_SEEDS}")
    studies = [read_study(find_study(path), options.name) for path in options.files]
    first: dict[str, Study] = {}
    for study in studies:
        check_folder_name(study.name)
        other = first.setdefault(study.name.lower(), study)
        if other is not study:
            problem = f"{other.path} and {study.path} are both named '{study.name}'"
            raise InputError(f"{problem}; run one of them with --name")
    planned = []
    for study in studies:
        seeded = replace(study, seeds=options.seeds or study.seeds)
        folder = options.runs_dir / study.name
        plan = plan_runs(seeded, seeded.seeds, further, folder)
        check_no_links(folder, plan.jobs)
        planned.append(PlannedStudy(seeded, folder, plan))
    return planned
