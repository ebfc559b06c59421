"""The diagnosis of a report: runs the correct program, then mistaken ones, and draws the conclusions."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from hw1_lightning.commands.diagnosing.mistaken_run import MistakenJob
from hw1_lightning.commands.diagnosing.prepared import Prepared, prepare
from hw1_lightning.commands.diagnosing.runs import Runs, Say
from hw1_lightning.diagnosis.answers import Diagnosis, ExperimentAnswer
from hw1_lightning.diagnosis.catalogue.entry import Change
from hw1_lightning.diagnosis.catalogue.whole import CATALOGUE
from hw1_lightning.diagnosis.conclusions import conclude
from hw1_lightning.diagnosis.findings import findings
from hw1_lightning.diagnosis.hypotheses import MOST_PAIRS, Hypothesis, hypotheses, pairs
from hw1_lightning.diagnosis.mistaken.rounding import Rounded
from hw1_lightning.diagnosis.outcome import Limit
from hw1_lightning.diagnosis.ranking import Tried, rank
from hw1_lightning.diagnosis.reported import Report
from hw1_lightning.diagnosis.shares import describe_others
from hw1_lightning.diagnosis.weighing import CorrectRuns, Evidence, evidence_of, how_reproduced
from hw1_lightning.errors import InputError, file_errors
from hw1_lightning.runs.folder import exclusive_lock

# Runs of the correct program: with the report's seed but rounded otherwise, with other orders, and with other seeds.
ROUNDED, ORDERED, SEEDED = 3, 3, 5
# A number by epoch excludes a program if it is so many standard deviations away.
FAR = 12.0


def diagnose(report: Report, further: Sequence[str], workers: int, runs_dir: Path, say: Say = print) -> Diagnosis:
    """Diagnose a report.

    Args:
        report: as read.
        further: options of `hw1 fit` for all runs, such as those that say where the data are.
        workers: runs at a time.
        runs_dir: the folder of all runs; outcomes are kept in its folder ``diagnosis``.
        say: prints a line about what is done next.

    Raises:
        InputError: if an experiment's options are wrong, the data cannot be read, or a correct program fails.
    """
    started, cache = time.monotonic(), runs_dir / "diagnosis" / "runs"
    prepared, loaded = prepare(report, further, cache)
    notes = list(describe_others((one.experiment.numbers, _examples(one)) for one in prepared))
    for note in notes:  # now, since what follows may take long
        say(f"note: {note}")
    with file_errors(f"{cache} cannot be written; choose --runs_dir"):
        cache.mkdir(parents=True, exist_ok=True)
    with exclusive_lock(cache):
        runs = Runs(loaded, workers, say)
        cases = _correct(prepared, report.seed, runs)
        _try(cases, report.seed, runs, "mistaken programs", lambda case: hypotheses(case.prepared.options, CATALOGUE))
        _round_mistaken(_unexplained(cases), report.seed, runs)
        _try(_unexplained(cases), report.seed, runs, "programs with two mistakes", _pairs_of)
    answers = _answers(cases)
    first = prepared[0]
    data = f"{first.source}, SHA-256 {first.data.sha256[:12]}"
    seconds = time.monotonic() - started
    report = replace(report, notes=(*report.notes, *notes))
    found = findings(answers, {mistake.name: mistake for mistake in CATALOGUE})
    return Diagnosis(report, tuple(answers), tuple(found), data, len(runs.outcomes), runs.executed, seconds)


class Case:
    """An experiment while it is diagnosed.

    Args:
        prepared: how it is run.
        evidence: what correct programs give.
    """

    def __init__(self, prepared: Prepared, evidence: Evidence) -> None:
        self.prepared, self.evidence = prepared, evidence
        self.tried: list[Tried] = []

    def answer(self, named: Sequence[str] = ()) -> ExperimentAnswer:
        """Return the answer, given which mistakes other experiments have."""
        return conclude(self.evidence, rank(self.evidence, self.tried, named))

    def limits(self) -> tuple[Limit, ...]:
        """Return between which values the accuracies of epochs must be for a program not to be excluded.

        Losses exclude nothing: a report may define them in another way.
        """
        return tuple(
            Limit(number.metric, number.epoch, number.value - far, number.value + far)
            for number, spread in zip(self.prepared.experiment.numbers, self.evidence.spreads, strict=True)
            if number.epoch is not None
            and number.metric.endswith("/accuracy")
            and math.isfinite(far := FAR * max(math.hypot(*spread.deviations), spread.unit))
        )


def _correct(prepared: Sequence[Prepared], seed: int, runs: Runs) -> list[Case]:
    """Run the correct programs, and measure how far they differ."""
    base = [one.job(seed) for one in prepared]
    runs.execute(base, "correct programs")
    others = [_other_jobs(one, seed) for one in prepared]
    every = list(chain.from_iterable(chain.from_iterable(others)))
    runs.announce(every, chain.from_iterable(_mistaken_jobs(one, seed) for one in prepared), MOST_PAIRS)
    runs.execute(every, "correct programs, rounded otherwise, with other orders and with other seeds")
    cases = []
    for one, first, jobs in zip(prepared, base, others, strict=True):
        outcome = runs.of(first)
        if outcome is None:
            raise InputError(f"the run of '{one.experiment.name}' failed; see {first.folder / 'failure.txt'}")
        rounded, ordered, seeded = map(runs.all_of, jobs)
        correct = CorrectRuns(outcome, (rounded, ordered, seeded), _examples(one))
        cases.append(Case(one, evidence_of(one.experiment, correct)))
    return cases


def _examples(one: Prepared) -> dict[str, int]:
    return {name: len(split) for name, split in one.data.splits.items()}


def _other_jobs(one: Prepared, seed: int) -> tuple[list[MistakenJob], list[MistakenJob], list[MistakenJob]]:
    rounded = [one.job(seed, Change("", wrappers=(Rounded(i),))) for i in range(1, ROUNDED + 1)]
    ordered = [one.job(seed, order=seed + i) for i in range(1, ORDERED + 1)]
    return rounded, ordered, [one.job(seed + i) for i in range(1, SEEDED + 1)]


def _mistaken_jobs(one: Prepared, seed: int) -> Iterator[MistakenJob]:
    """Yield the runs of programs with one mistake, which may follow."""
    for each in hypotheses(one.options, CATALOGUE):
        yield one.job(seed, each.change)
        yield one.job(seed, _rounded(each.change))


def _rounded(change: Change) -> Change:
    return replace(change, wrappers=(*change.wrappers, Rounded(1)))


def _try(
    cases: Sequence[Case], seed: int, runs: Runs, what: str, hypotheses_of: Callable[[Case], Iterable[Hypothesis]]
) -> None:
    """Run the mistaken programs that could explain what the correct ones do not give."""
    tried = []
    for case in cases:
        if how_reproduced(case.evidence) is None:
            limits = case.limits()
            tried += [(case, each, case.prepared.job(seed, each.change, limits)) for each in hypotheses_of(case)]
    runs.execute((job for _, _, job in tried), what)
    for case, hypothesis, job in tried:
        if (outcome := runs.of(job)) is not None:
            case.tried.append(Tried(hypothesis, outcome))


def _round_mistaken(cases: Sequence[Case], seed: int, runs: Runs) -> None:
    """Run the mistaken programs again, rounded otherwise: where training is chaotic, digits prove nothing."""
    again = []
    for case in cases:
        for i, one in enumerate(case.tried):
            again.append((case, i, case.prepared.job(seed, _rounded(one.hypothesis.change), case.limits())))
    runs.execute((job for _, _, job in again), "mistaken programs, rounded otherwise")
    for case, i, job in again:
        case.tried[i] = replace(case.tried[i], rounded=runs.of(job))


def _unexplained(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if case.answer().verdict == "unexplained"]


def _pairs_of(case: Case) -> Iterable[Hypothesis]:
    return pairs([one.hypothesis for one, _ in rank(case.evidence, case.tried)])


def _answers(cases: Sequence[Case]) -> list[ExperimentAnswer]:
    """Return the answers; a mistake that one experiment has is likelier in the others."""
    first = [case.answer() for case in cases]
    named = [
        {
            name
            for j, other in enumerate(first)
            if j != i and other.verdict == "explained"
            for name in other.candidates[0].mistakes
        }
        for i in range(len(cases))
    ]
    return [case.answer(sorted(names)) for case, names in zip(cases, named, strict=True)]
