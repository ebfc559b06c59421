"""`hw1 study run`."""

import argparse
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from hw1_lightning.commands.studies.execute_run import execute
from hw1_lightning.commands.studies.files import PlannedStudy, loaded_by, planned_studies
from hw1_lightning.commands.studies.outcome import Outcome
from hw1_lightning.commands.studies.progress import StudyProgress
from hw1_lightning.commands.studies.summary import check_summary, summarize_studies
from hw1_lightning.data.arrays import ArrayData
from hw1_lightning.errors import InputError
from hw1_lightning.runs.folder import exclusive_lock
from hw1_lightning.signals import Interrupted
from hw1_lightning.study.jobs import Job
from hw1_lightning.study.local_executor import Executor, LocalExecutor
from hw1_lightning.study.replacement import describe_replaced, replaced_by
from hw1_lightning.study.shared_runs import SharedRuns, copy_all, describe_copies, share


def run(options: argparse.Namespace, further: Sequence[str]) -> int:
    """Execute the missing runs of studies, all as one plan, and write the pages of the studies.

    All studies are checked before the first run starts. The exit status is 1 if a run failed, or one of several studies
    could not be finished.
    """
    studies = planned_studies(options, further)
    check_summary(studies, options)
    executor = _executor(options)
    try:
        with ExitStack() as stack:
            # Existing folders come first, so that no folder is made before all of them are checked.
            for one in sorted(studies, key=lambda one: not one.folder.is_dir()):
                _make_folder(one.folder)
                stack.enter_context(exclusive_lock(one.folder))
                _check_not_replacing(one, options.force, alone=len(studies) == 1)
            outcomes = _run_all(studies, executor)
    except Interrupted as end:
        what = "study" if len(studies) == 1 else "studies"
        raise Interrupted(end.number, f"; the same command resumes the {what}") from None
    if len(outcomes) == 1:
        return outcomes[0].status
    status = summarize_studies([each.results for each in outcomes], options)
    print("\nexit status  study")
    for each in outcomes:
        print(f"{each.status:<13}{each.planned.folder}")
    return 1 if status or any(each.status for each in outcomes) else 0


def _run_all(studies: Sequence[PlannedStudy], executor: Executor) -> list[Outcome]:
    """Execute the missing runs of all studies, equal ones once; a study without any gets its page at once."""
    outcomes = [Outcome(one) for one in studies]
    begun = [each for each in outcomes if each.begin()]
    shared = share(job for each in begun for job in each.planned.jobs)
    _print_runs(begun, shared)
    failed = copy_all(shared.ready(), {})
    missing = {*shared.execute, *shared.copies} - shared.ready().keys()
    later = [each for each in begun if not missing.isdisjoint(each.planned.jobs)]
    for each in begun:
        if each not in later:
            each.finish(failed)
    failed |= _execute(executor, shared.execute, loaded_by(studies))
    failed |= copy_all(shared.waiting(), failed)
    for each in later:
        each.finish(failed)
    return outcomes


def _print_runs(begun: Sequence[Outcome], shared: SharedRuns) -> None:
    for each in begun:
        jobs = each.planned.jobs
        done = len(shared.done.intersection(jobs))
        print(f"{each.planned.study.title}: {len(jobs)} runs, {done} of them done already", flush=True)
    for line in describe_copies(shared.copies):
        print(f"shared         {line}", flush=True)


def _check_not_replacing(one: PlannedStudy, force: bool, alone: bool) -> None:
    replaced = replaced_by(one.jobs)
    if replaced and not force:
        problem = f"{one.folder} holds {describe_replaced(replaced)}"
        choice = "--name" if alone else "--runs_dir"
        raise InputError(f"{problem}; this command would replace them: choose {choice} for another folder, or --force")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"the study's folder {folder} cannot be written: {error.strerror}"
        raise InputError(f"{problem}; choose --runs_dir") from error


def _executor(options: argparse.Namespace) -> Executor:
    if options.executor == "local":
        return LocalExecutor(options.workers)
    from hw1_lightning.study.ray_executor import RayExecutor

    return RayExecutor(options.address)


def _execute(executor: Executor, jobs: Sequence[Job], loaded: Mapping[str, ArrayData]) -> dict[Job, str]:
    """Execute runs and show their progress; return those that failed, with the file that says why."""
    events = executor.run(jobs, execute, loaded)
    with StudyProgress(len(jobs)) as progress, closing(events):  # type: ignore[type-var] # a generator
        for job, state in events:
            progress.update(job, state)
    return {job: f"see {job.folder / 'failure.txt'}" for job, state in progress.states.items() if state == "failed"}
