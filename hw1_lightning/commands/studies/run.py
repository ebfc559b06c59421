"""`hw1 study run`."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import yaml

from hw1_lightning.commands.parser.messages import keep_traceback
from hw1_lightning.commands.studies.execute_run import execute
from hw1_lightning.commands.studies.files import PlannedStudy, planned_studies
from hw1_lightning.commands.studies.preparation import Plan
from hw1_lightning.commands.studies.progress import StudyProgress
from hw1_lightning.errors import InputError, UnexpectedError
from hw1_lightning.files import replacing
from hw1_lightning.report.findings import describe_judgement, identical_conditions, not_counted
from hw1_lightning.report.page import judgements, write_report
from hw1_lightning.runs.folder import exclusive_lock
from hw1_lightning.signals import Interrupted
from hw1_lightning.study.jobs import Job
from hw1_lightning.study.local_executor import Executor, LocalExecutor
from hw1_lightning.study.planned_runs import write_planned
from hw1_lightning.study.replacement import describe_replaced, remove_runs, replaced_by
from hw1_lightning.study.results import read_runs
from hw1_lightning.study.specification import Study


def run(options: argparse.Namespace, further: Sequence[str]) -> int:
    """Execute the missing runs of studies, one study after another, and write their reports.

    All studies are checked before the first run starts. The exit status is 1 if a run failed, or one of several studies
    could not be finished.
    """
    studies = planned_studies(options, further)
    executor = _executor(options)
    try:
        with ExitStack() as stack:
            # Existing folders come first, so that no folder is made before all of them are checked.
            for one in sorted(studies, key=lambda one: not one.folder.is_dir()):
                _make_folder(one.folder)
                stack.enter_context(exclusive_lock(one.folder))
                _check_not_replacing(one, options.force)
            if len(studies) == 1:
                return _run_study(studies[0], executor, options)
            statuses = [_status_of(one, executor, options) for one in studies]
    except Interrupted as end:
        raise Interrupted(end.number, "; the same command resumes the study") from None
    print("\nexit status  study")
    for one, status in zip(studies, statuses, strict=True):
        print(f"{status:<13}{one.folder}")
    return max(statuses) and 1


def _status_of(one: PlannedStudy, executor: Executor, options: argparse.Namespace) -> int:
    """Return the exit status of one of several studies; an error does not stop the others."""
    try:
        with keep_traceback(one.folder):
            return _run_study(one, executor, options)
    except (InputError, UnexpectedError) as error:
        print(f"hw1: error: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1


def _run_study(one: PlannedStudy, executor: Executor, options: argparse.Namespace) -> int:
    study, folder, jobs = one.study, one.folder, one.plan.jobs
    remove_runs(replaced_by(jobs))  # nothing, unless --force
    missing = [job for job in jobs if job.state() != "done"]
    write_planned(folder, {(job.condition, job.seed): job.identity for job in jobs})
    _write_study(study, folder)
    print(f"{study.title}: {len(jobs)} runs, {len(jobs) - len(missing)} of them done already", flush=True)
    failed = _execute(executor, missing, one.plan)
    results = read_runs(study, folder)
    for line in (*not_counted(results), *identical_conditions(results)):
        print(f"hw1: {line}", file=sys.stderr)
    print(f"report         {write_report(results)}")
    for judgement in judgements(results):
        print(describe_judgement(judgement))
    print(f"view           {shlex.join(['tensorboard', '--logdir', str(folder)])}", flush=True)
    for job in failed:
        print(f"hw1: failed: {job.condition}, seed {job.seed}; see {job.folder / 'failure.txt'}", file=sys.stderr)
    return 1 if failed else 0


def _check_not_replacing(one: PlannedStudy, force: bool) -> None:
    replaced = replaced_by(one.plan.jobs)
    if replaced and not force:
        problem = f"{one.folder} holds {describe_replaced(replaced)}"
        raise InputError(f"{problem}; this command would replace them: choose --name for another folder, or --force")


def _write_study(study: Study, folder: Path) -> None:
    with replacing(folder / "study.yaml", "; choose --runs_dir") as temporary:
        temporary.write_text(yaml.safe_dump(study.as_dict(), sort_keys=False, allow_unicode=True), encoding="utf-8")


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


def _execute(executor: Executor, jobs: list[Job], plan: Plan) -> list[Job]:
    """Execute runs and show their progress; return those that failed."""
    events = executor.run(jobs, execute, plan.loaded)
    with StudyProgress(len(jobs)) as progress, closing(events):  # type: ignore[type-var] # a generator
        for job, state in events:
            progress.update(job, state)
    return [job for job, state in progress.states.items() if state == "failed"]
