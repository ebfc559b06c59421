"""`hw1 study plan`."""

import argparse
import dataclasses
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from hw1_lightning.commands.studies.execute_run import execute
from hw1_lightning.commands.studies.files import PlannedStudy, planned_studies
from hw1_lightning.commands.studies.preparation import Plan
from hw1_lightning.errors import InputError
from hw1_lightning.judgement.questions import number_of_differences, what_seeds_can_show
from hw1_lightning.study.jobs import Job
from hw1_lightning.study.local_executor import LocalExecutor
from hw1_lightning.study.replacement import describe_replaced, replaced_by
from hw1_lightning.study.shared_runs import SharedRuns, describe_copies, share
from hw1_lightning.study.words import duration

# Seconds of training to measure, and the least and most epochs for it after the first, which is slower.
MEASURED_SECONDS = 1.0
EPOCHS = (4, 40)


def plan(options: argparse.Namespace, further: Sequence[str]) -> int:
    """Print the runs of studies, about how long they take, and what they can show; return exit status 0."""
    studies = planned_studies(options, further)
    shared = share(job for one in studies for job in one.jobs)
    total, start_up = 0.0, 0.0
    with tempfile.TemporaryDirectory(prefix="hw1-plan-") as folder:
        trials = Trials(Path(folder))
        if shared.execute:
            first = next(one for one in studies if shared.execute[0] in one.jobs)
            start_up = trials.warm_up(first.plan)
        for one in studies:
            total += _plan(one, shared, trials)
    for line in describe_copies(shared.copies):
        print(f"shared         {line}, and count once")
    if not shared.execute:
        print(f"{duration(0)} left: all runs are done")
        return 0
    runs = f"{len(shared.execute)} run{'s' * (len(shared.execute) > 1)} left: "
    at_a_time = f"up to {options.workers} at a time"
    print(f"{runs}about {duration(total)} one after the other, plus {duration(start_up)} to start; {at_a_time}")
    return 0


def _plan(one: PlannedStudy, shared: SharedRuns, trials: "Trials") -> float:
    """Print the plan of one study; return the seconds of the runs to execute in it, one after the other."""
    study, planned = one.study, one.plan
    states = [job.state() for job in planned.jobs]
    seeds = f"{study.seeds} seed{'s' * (study.seeds > 1)}"
    print(f"{study.title}\n{len(planned.jobs)} runs: {len(study.conditions)} conditions, {seeds}")
    print(f"{states.count('done')} done, {states.count('begun')} begun, in {one.folder}")
    if replaced := replaced_by(planned.jobs):
        fix = "`run` requires --name or --runs_dir for another folder, or --force"
        print(f"{one.folder} holds {describe_replaced(replaced)}; {fix}")
    total = 0.0
    for condition in study.conditions:
        jobs = [job for job in planned.jobs if job.condition == condition.name]
        missing, epochs = len({*jobs}.intersection(shared.execute)), planned.epochs[condition.name]
        if not missing:
            why = "all runs done" if shared.done.issuperset(jobs) else "its runs are those of another study"
            print(f"  {condition.name:<30}{why}")
            continue
        if epochs < 1:
            print(f"  {condition.name:<30}no limit of epochs, so the duration of a run is unknown")
            continue
        seconds = trials.seconds(planned, condition.name)
        total += missing * seconds
        print(f"  {condition.name:<30}{epochs:>5} epoch{'s' * (epochs > 1)}, about {duration(seconds)} a run")
    print(what_seeds_can_show(study.seeds, number_of_differences(study)))
    return total


class Trials:
    """Short runs in a temporary folder, from which the duration of whole runs is estimated."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.executor, self._count = folder, LocalExecutor(1), 0

    def warm_up(self, planned: Plan) -> float:
        """Start the server that forks all runs; return the seconds that only the first run takes."""
        wall = [self._run(planned, planned.jobs[0], 1)[0] for _ in range(2)]
        return max(0.0, wall[0] - wall[1])

    def seconds(self, planned: Plan, condition: str) -> float:
        """Return how long a run of a condition takes: measured if it is short, otherwise extrapolated by epochs."""
        job = next(job for job in planned.jobs if job.condition == condition)
        epochs = planned.epochs[condition]
        wall, first = self._run(planned, job, 1)
        if epochs == 1:
            return wall
        further = min(max(EPOCHS[0], round(MEASURED_SECONDS / max(first, 1e-3))), EPOCHS[1], epochs - 1)
        wall, trained = self._run(planned, job, 1 + further)
        return wall + max(0.0, trained - first) / further * (epochs - 1 - further)

    def _run(self, planned: Plan, first: Job, epochs: int) -> tuple[float, float]:
        """Return the seconds of a short run as a whole, and of its training."""
        self._count += 1
        arguments = (*first.arguments, f"--trainer.max_epochs={epochs}")
        job = dataclasses.replace(first, folder=self.folder / str(self._count), arguments=arguments)
        start = time.perf_counter()
        for _, state in self.executor.run([job], execute, planned.loaded):
            if state == "failed":
                raise InputError(f"a short run of '{job.condition}' failed: {last_line(job.folder / 'failure.txt')}")
        wall = time.perf_counter() - start
        return wall, float(json.loads((job.folder / "result.json").read_text(encoding="utf-8"))["seconds"])


def last_line(path: Path) -> str:
    """Return the last line of a traceback, which names the error."""
    lines = path.read_text(encoding="utf-8").strip().splitlines() if path.is_file() else []
    return lines[-1] if lines else "no error message"
