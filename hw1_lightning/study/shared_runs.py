"""Runs that several studies share: one of them is executed, and copied to the folders of the others."""

import json
import shutil
import stat
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hw1_lightning.errors import InputError, file_errors
from hw1_lightning.files import sync
from hw1_lightning.runs.folder import exclusive_lock, write_result
from hw1_lightning.study.jobs import Job

# Ends the name of a copy until it is complete.
UNFINISHED = ".copying"


@dataclass(frozen=True)
class SharedRuns:
    """Which runs of some studies are done, which are to be executed, and which are copies of others.

    Args:
        done: the finished runs.
        execute: one of each group of equal runs that are all unfinished; ordered by seed, so that a plan that is
            interrupted has compared all conditions for some seeds.
        copies: for each other unfinished run, the equal run that it is a copy of.
    """

    done: frozenset[Job]
    execute: tuple[Job, ...]
    copies: Mapping[Job, Job]

    def ready(self) -> dict[Job, Job]:
        """Return the copies of runs that are done already."""
        return {job: source for job, source in self.copies.items() if source in self.done}

    def waiting(self) -> dict[Job, Job]:
        """Return the copies of runs that are yet to be executed."""
        return {job: source for job, source in self.copies.items() if source not in self.done}


def share(jobs: Iterable[Job]) -> SharedRuns:
    """Decide which runs to execute: equal runs, those of the same identity, only once.

    Args:
        jobs: the runs of one or more studies, whose folders this process has locked.
    """
    states = {job: job.state() for job in jobs}
    equal: dict[str, list[Job]] = {}
    for job in states:
        equal.setdefault(job.identity, []).append(job)
    execute: list[Job] = []
    copies: dict[Job, Job] = {}
    for group in equal.values():
        missing = [job for job in group if states[job] != "done"]
        done = [job for job in group if states[job] == "done" and (not missing or _has_only_files(job.folder))]
        begun = [job for job in missing if states[job] == "begun"]
        source = [*done, *begun, *missing][0]
        execute += [source] if source in missing else []
        copies |= {job: source for job in missing if job is not source}
    done_jobs = frozenset(job for job, state in states.items() if state == "done")
    return SharedRuns(done_jobs, tuple(sorted(execute, key=lambda job: job.seed)), copies)


def copy_all(copies: Mapping[Job, Job], failed: Mapping[Job, str]) -> dict[Job, str]:
    """Copy finished runs, and the failures of those that failed.

    Args:
        copies: the run that each is a copy of.
        failed: runs that failed, with the reason.

    Returns:
        The copies of failed runs, and those that could not be made, with the reason.
    """
    lost = {}
    for job, source in copies.items():
        try:
            if source in failed:
                lost[job] = f"see {job.folder / 'failure.txt'}"
                copy_failure(source, job)
            else:
                copy_run(source, job)
        except InputError as error:
            lost[job] = str(error)
    return lost


def copy_run(source: Job, job: Job) -> None:
    """Copy a finished run to the folder of an equal run, atomically: the folder is complete, or not there.

    run.json and result.json of the copy name its own condition, and run.json the run that was copied. The copy is
    synced, like the checkpoints and the result of a run.

    Raises:
        InputError: if the run is not finished, another process uses it, or the copy cannot be written.
    """
    temporary = job.folder.with_name(f".{job.folder.name}{UNFINISHED}")
    with file_errors(f"{job.folder} cannot be copied from {source.folder}"), exclusive_lock(source.folder):
        if source.identity != job.identity or source.state() != "done":
            raise InputError(f"{job.folder} cannot be copied from {source.folder}, which is not the same finished run")
        try:
            _copy_files(source.folder, temporary)
            job.write_record(temporary, copy_of=Path(*source.folder.parts[-3:]).as_posix())
            result = json.loads((temporary / "result.json").read_text(encoding="utf-8"))
            write_result(temporary, {**result, "name": job.folder.parent.name, "version": job.folder.name})
            if job.folder.exists():
                shutil.rmtree(job.folder)
            temporary.rename(job.folder)
            sync(job.folder.parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def copy_failure(failed: Job, job: Job) -> None:
    """Record that a run failed in the folder of an equal run, too.

    Raises:
        InputError: if it cannot be written.
    """
    with file_errors(f"{job.folder} cannot be written"):
        job.begin()
        if (failed.folder / "failure.txt").is_file():  # not of a process that was killed
            shutil.copyfile(failed.folder / "failure.txt", job.folder / "failure.txt")


def remove_unfinished_copies(folder: Path) -> None:
    """Remove copies that a kill has left incomplete in a study's folder."""
    for left in folder.glob(f"*/.seed=*{UNFINISHED}"):
        shutil.rmtree(left)


def describe_copies(copies: Mapping[Job, Job]) -> list[str]:
    """Return a line for each pair of studies, such as ``10 runs of runs/models are those of runs/l2``."""
    pairs = Counter((job.folder.parents[1], source.folder.parents[1]) for job, source in copies.items())
    return [
        f"{count} run{'s' * (count > 1)} of {study} {'are those' if count > 1 else 'is one'} of {other}"
        for (study, other), count in pairs.items()
    ]


def _has_only_files(folder: Path) -> bool:
    """Return whether a folder has neither links nor devices, which a received folder may have, in any depth."""
    kinds = [path.lstat().st_mode for path in folder.rglob("*")]
    return all(stat.S_ISDIR(kind) or stat.S_ISREG(kind) for kind in kinds)


def _copy_files(folder: Path, target: Path) -> None:
    """Copy all files, in any depth, to a new folder, and sync it."""
    target.mkdir(parents=True)
    for path in folder.rglob("*"):
        if path.is_file():
            copy = target / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    for path in (target, *target.rglob("*")):
        sync(path)
