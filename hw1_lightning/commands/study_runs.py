"""The runs of a study as runs of `hw1 fit`: checked before the first one starts, and executed."""

import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hw1_lightning import __version__
from hw1_lightning.commands.messages import mistakes_told, quiet_libraries
from hw1_lightning.commands.training import TrainingCLI
from hw1_lightning.data.arrays import ArrayData
from hw1_lightning.data.shared import in_shared_memory, key_of, offer
from hw1_lightning.errors import InputError
from hw1_lightning.study.jobs import Job, arguments_of, folder_of, identity_of, seed_arguments
from hw1_lightning.study.specification import Condition, Study


class PreparedFit(TrainingCLI):
    """`hw1 fit` up to the moment when it would make its folder: options parsed, model and data made."""

    def fit(self, **_: Any) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Plan:
    """The runs of a study, and the data they share.

    Args:
        jobs: seed by seed, so that an interrupted study has compared all conditions in some seeds.
        loaded: data by ``key_of`` its source.
        epochs: how many each condition trains at most.
    """

    jobs: tuple[Job, ...]
    loaded: dict[str, ArrayData]
    epochs: dict[str, int]


def plan_runs(study: Study, seeds: int, further: Sequence[str], folder: Path) -> Plan:
    """Check every condition as `hw1 fit` would, and load the data.

    Args:
        study: what to compare.
        seeds: how many seeds, 1, 2, 3, ...
        further: more options of `hw1 fit`, for all runs.
        folder: that of the study.

    Returns:
        The plan.

    Raises:
        InputError: naming the line of the study's file, if a condition cannot run.
    """
    quiet_libraries()
    loaded: dict[str, ArrayData] = {}
    epochs, of_condition = {}, {}
    for condition in study.conditions:
        prepared = _prepare(study, condition, further)
        arrays = prepared.datamodule.arrays
        if in_shared_memory(arrays):
            loaded[key_of(prepared.datamodule.source)] = arrays
            offer(loaded)
        config = prepared.config["fit"].as_dict()
        epochs[condition.name] = prepared.trainer.max_epochs or 0
        of_condition[condition.name] = config, arrays.sha256
    jobs = []
    for seed in range(1, seeds + 1):
        for condition in study.conditions:
            own = seed_arguments(condition, seed)
            config, sha256 = of_condition[condition.name]
            identity = identity_of({**config, "seeds": own}, sha256, __version__)
            arguments = (*arguments_of(study, condition, further), *own)
            jobs.append(Job(condition.name, seed, folder_of(folder, condition, seed), arguments, identity))
    return Plan(tuple(jobs), loaded, epochs)


def _prepare(study: Study, condition: Condition, further: Sequence[str]) -> PreparedFit:
    arguments = [*arguments_of(study, condition, further), *seed_arguments(condition, 1)]
    try:
        with mistakes_told():
            return PreparedFit(["fit", "--trainer.enable_progress_bar=false", *arguments])
    except InputError as error:
        named = [line for (of, name), line in study.lines.items() if of == condition.name and _names(str(error), name)]
        place = f"{study.path}:{named[0]}" if named else f"{study.path}"
        raise InputError(f"{place}: condition '{condition.name}': {error}") from error


def _names(message: str, option: str) -> bool:
    return option in message or option.rpartition(".")[2] in message


def execute(job: Job) -> None:
    """Execute one run in its folder: from its last checkpoint if it was begun.

    What it prints goes to log.txt there. If it fails, failure.txt holds the traceback and the process ends with 1.

    Args:
        job: the run.
    """
    quiet_libraries()
    job.begin()
    with (job.folder / "log.txt").open("a", encoding="utf-8") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    try:
        run_in_folder(job)
    except BaseException:
        (job.folder / "failure.txt").write_text(traceback.format_exc(), encoding="utf-8")
        raise SystemExit(1) from None


def run_in_folder(job: Job) -> None:
    """Execute one run in this process."""
    with contextlib.suppress(FileNotFoundError):
        (job.folder / "result.json").unlink()
    TrainingCLI(["fit", "--trainer.enable_progress_bar=false", *job.arguments], folder=job.folder)
