"""`hw1 study run` and `hw1 study plan`."""

import argparse
import dataclasses
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import yaml
from tqdm import tqdm

from hw1_lightning.commands.study_runs import Plan, execute, plan_runs
from hw1_lightning.errors import InputError
from hw1_lightning.files import replacing
from hw1_lightning.runs import alone_in
from hw1_lightning.shipped import find_study
from hw1_lightning.signals import Interrupted
from hw1_lightning.study.execution import Executor, LocalExecutor
from hw1_lightning.study.findings import judgement_in_words, not_counted
from hw1_lightning.study.jobs import Job, Task, tasks_of
from hw1_lightning.study.planned import write_planned
from hw1_lightning.study.questions import number_of_differences, what_seeds_can_show
from hw1_lightning.study.reading import read_study
from hw1_lightning.study.report import judgements, write_report
from hw1_lightning.study.results import read_runs
from hw1_lightning.study.specification import Study
from hw1_lightning.study.statistics import MAX_SEEDS

TRIAL_EPOCHS = 3


def run(options: argparse.Namespace, further: Sequence[str]) -> int:
    """Do what is missing of a study, and report it.

    Args:
        options: those of the parser.
        further: options of `hw1 fit` for all runs.

    Returns:
        The exit status.
    """
    study, folder = _study(options)
    plan = plan_runs(study, study.seeds, further, folder)
    _make(folder)
    try:
        with alone_in(folder):
            missing = [job for job in plan.jobs if job.state() != "done"]
            executor, tasks = _executor(options), _tasks(options, missing)
            write_planned(folder, {(job.condition, job.seed): job.identity for job in plan.jobs})
            _write_study(study, folder)
            done = len(plan.jobs) - len(missing)
            print(f"{study.title}: {len(plan.jobs)} runs, {done} of them done already", flush=True)
            failed = _execute(executor, tasks, plan)
    except Interrupted as end:
        raise Interrupted(end.number, "; the same command goes on where the study stands") from None
    results = read_runs(study, folder)
    for line in not_counted(results):
        print(f"hw1: {line}", file=sys.stderr)
    print(f"report         {write_report(results)}")
    for judgement in judgements(results):
        print(judgement_in_words(judgement))
    print(f"view           tensorboard --logdir {folder}")
    for job in failed:
        print(f"hw1: failed: {job.condition}, seed {job.seed}; see {job.folder / 'failure.txt'}", file=sys.stderr)
    return 1 if failed else 0


def _study(options: argparse.Namespace) -> tuple[Study, Path]:
    study = read_study(find_study(options.file), options.name)
    if (options.seeds or 1) > MAX_SEEDS:
        raise InputError(f"--seeds is {options.seeds}; it must be at most {MAX_SEEDS}")
    if Path(study.name).name != study.name or not study.name:
        raise InputError(f"name is '{study.name}'; it must be the plain name of a folder")
    return dataclasses.replace(study, seeds=options.seeds or study.seeds), options.runs_dir / study.name


def _write_study(study: Study, folder: Path) -> None:
    with replacing(folder / "study.yaml", "; choose --runs_dir") as temporary:
        text = yaml.safe_dump(study.as_dict(), sort_keys=False, allow_unicode=True)
        temporary.write_text(text, encoding="utf-8")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"the study's folder {folder} cannot be written: {error.strerror}; choose --runs_dir"
        ) from error


def _executor(options: argparse.Namespace) -> Executor:
    if options.executor == "local":
        return LocalExecutor(options.workers)
    from hw1_lightning.study.ray_executor import RayExecutor

    return RayExecutor(options.address)


def _tasks(options: argparse.Namespace, jobs: list[Job]) -> list[Task]:
    """Which runs take steps together: softmax regressions, which gain (networks gained nothing on two cores)."""
    if options.lockstep == "on" and not any(job.together for job in jobs):
        raise InputError(
            "--lockstep is on, but only softmax regressions by plain SGD on a CPU can step together; use auto"
        )
    return tasks_of(jobs, lockstep=options.lockstep != "off" and options.executor == "local")


def _execute(executor: Executor, tasks: list[Task], plan: Plan) -> list[Job]:
    """Execute runs with a bar of them all; gives those that failed."""
    states: dict[Job, str] = {}
    with (
        tqdm(total=sum(map(len, tasks)), unit="run", disable=not sys.stderr.isatty(), dynamic_ncols=True) as bar,
        closing(executor.run(tasks, execute, plan.loaded)) as events,  # type: ignore[type-var] # a generator
    ):
        for job, states[job] in events:
            bar.update(states[job] != "running")
            counts = ((list(states.values()).count(state), state) for state in ("running", "failed"))
            bar.set_postfix_str(", ".join(f"{count} {state}" for count, state in counts if count))
    return [job for job, state in states.items() if state == "failed"]


def plan(options: argparse.Namespace, further: Sequence[str]) -> int:
    """Print the runs of a study, about how long they take, and what they can show.

    Args:
        options: those of the parser.
        further: options of `hw1 fit` for all runs.

    Returns:
        The exit status, 0.
    """
    study, folder = _study(options)
    planned = plan_runs(study, study.seeds, further, folder)
    states = [job.state() for job in planned.jobs]
    print(f"{study.title}\n{len(planned.jobs)} runs: {len(study.conditions)} conditions, {study.seeds} seeds")
    print(f"{states.count('done')} done, {states.count('begun')} begun, in {folder}")
    total = 0.0
    with tempfile.TemporaryDirectory(prefix="hw1-plan-") as trial:
        for condition in study.conditions:
            missing = sum(job.condition == condition.name and job.state() != "done" for job in planned.jobs)
            fixed, of_epoch = _trial(planned, condition.name, Path(trial))
            seconds = fixed + of_epoch * planned.epochs[condition.name]
            total += missing * seconds
            print(f"  {condition.name:<30}{planned.epochs[condition.name]:>5} epochs, about {seconds:.0f} s a run")
    print(f"about {total / 60:.1f} minutes one after the other; {options.workers} at a time where cores allow")
    print(what_seeds_can_show(study.seeds, number_of_differences(study)))
    return 0


def _trial(planned: Plan, condition: str, folder: Path) -> tuple[float, float]:
    """Seconds of a run beside its epochs, and of an epoch, from a short run."""
    first = next(job for job in planned.jobs if job.condition == condition)
    short = (*first.arguments, f"--trainer.max_epochs={TRIAL_EPOCHS}")
    job = dataclasses.replace(first, folder=folder / first.folder.parent.name, arguments=short)
    start = time.perf_counter()
    for _, state in LocalExecutor(1).run([(job,)], execute, planned.loaded):
        if state == "failed":
            raise InputError(f"a short run of '{condition}' failed: {last_line(job.folder / 'failure.txt')}")
    result = json.loads((job.folder / "result.json").read_text(encoding="utf-8"))
    of_epoch = result["seconds"] / result["epochs"]
    return max(0.0, time.perf_counter() - start - result["seconds"]), of_epoch


def last_line(path: Path) -> str:
    """The last line of a text file, which says what a traceback is about."""
    lines = path.read_text(encoding="utf-8").strip().splitlines() if path.is_file() else []
    return lines[-1] if lines else "without a word"
