"""Executes the runs of a diagnosis, each once, and keeps their outcomes."""

import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from hw1_lightning.commands.diagnosing.mistaken_run import MistakenJob, execute
from hw1_lightning.commands.studies.progress import StudyProgress
from hw1_lightning.data.arrays import ArrayData
from hw1_lightning.diagnosis.outcome import Outcome, read_outcome
from hw1_lightning.study.local_executor import LocalExecutor

LONG = 20.0  # seconds that are announced
Say = Callable[[str], None]


class Runs:
    """The outcomes of runs, from files or by executing them.

    Args:
        loaded: data by ``source_key`` their source.
        workers: runs at a time.
        say: prints a line about what is done next.

    Attributes:
        outcomes: what is known, by identity.
        executed: how many runs were executed.
        failed: folders of failed runs.
    """

    def __init__(self, loaded: Mapping[str, ArrayData], workers: int, say: Say) -> None:
        self._loaded, self._executor, self._say = loaded, LocalExecutor(workers), say
        self._seconds: dict[str, float] = {}  # of a run of each experiment
        self.outcomes: dict[str, Outcome] = {}
        self.executed, self.failed = 0, list[Path]()

    def execute(self, jobs: Iterable[MistakenJob], what: str) -> None:
        """Execute those runs whose outcomes are not known, and say before how many they are and how long they take.

        Args:
            jobs: the runs.
            what: in words.
        """
        missing = self._missing(jobs)
        if not missing:
            return
        self._say(f"{what}: {_count(missing.values())}{self._time(missing.values())}")
        events = self._executor.run(list(missing.values()), execute, self._loaded)
        with StudyProgress(len(missing)) as progress, closing(events):  # type: ignore[type-var] # a generator
            for each, state in events:
                progress.update(each, state)
                if state != "running":
                    self._finish(missing[each.identity])

    def announce(self, following: Iterable[MistakenJob], later: Iterable[MistakenJob], pairs: int) -> None:
        """Say how many runs there are at most, and how long they take, if that is long.

        Args:
            following: the next runs; one run of each of their experiments is known.
            later: runs that may not be required.
            pairs: how many runs with two mistakes there may be in each experiment.
        """
        following = list(following)
        missing = list(self._missing([*following, *later]).values())
        # One job of each experiment stands for each of its pairs, which are not known yet.
        every = missing + pairs * list({job.condition: job for job in following}.values())
        if self._missing(following) and (time := self._time(every)):
            why = "fewer if a correct program gives the numbers, shorter if programs are soon excluded"
            self._say(f"at most {_count(every)}{time}; {why}")

    def _missing(self, jobs: Iterable[MistakenJob]) -> dict[str, MistakenJob]:
        """Return the runs whose outcomes are not known, by their identity."""
        missing: dict[str, MistakenJob] = {}
        for job in jobs:
            known = self.outcomes.get(job.identity) or read_outcome(job.outcome)
            if known is not None and (known.complete or known.is_excluded(job.limits)):
                self.outcomes[job.identity] = known
                self._seconds.setdefault(job.condition, known.seconds)
            elif (other := missing.get(job.identity)) is None or (other.limits and not job.limits):
                # A second time, a run is trained to its end, so that no report needs it again.
                missing[job.identity] = job if known is None else replace(job, limits=())
        return missing

    def _time(self, jobs: Iterable[MistakenJob]) -> str:
        """Return how long runs take, in words; nothing if that is short or unknown."""
        seconds = sum(self._seconds.get(job.condition, 0.0) for job in jobs) / self._executor.workers
        return f", about {tqdm.format_interval(seconds)}" if seconds > LONG else ""

    def _finish(self, job: MistakenJob) -> None:
        outcome = read_outcome(job.outcome)
        if outcome is None:
            self.failed.append(job.folder)
            print(f"hw1: a run failed and is left out; see {job.folder / 'failure.txt'}", file=sys.stderr)
            return
        self.executed += 1
        self.outcomes[job.identity] = outcome
        self._seconds.setdefault(job.condition, outcome.seconds)  # the correct program comes first

    def of(self, job: MistakenJob) -> Outcome | None:
        """Return the outcome of a run; ``None`` if it failed."""
        return self.outcomes.get(job.identity)

    def all_of(self, jobs: Iterable[MistakenJob]) -> list[Outcome]:
        """Return the outcomes of runs, without those that failed."""
        return [outcome for job in jobs if (outcome := self.of(job)) is not None]


def _count(jobs: Collection[MistakenJob]) -> str:
    return f"{len(jobs)} run{'s' * (len(jobs) > 1)}"
