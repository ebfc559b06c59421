"""Collects the data of a summary from the results of several studies."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from hw1_lightning.judgement.answers import independent_runs
from hw1_lightning.judgement.claims import Judgement, judge
from hw1_lightning.judgement.questions import number_of_claimed_differences
from hw1_lightning.report.figures import curves_of
from hw1_lightning.report.summary.describing import describe
from hw1_lightning.report.summary.records import OURS, REPORTED, ClaimedDifference, Evidence, Point, Value
from hw1_lightning.report.summary.replications import Experiment, Replications
from hw1_lightning.statistics.intervals import LEVEL
from hw1_lightning.study.finished import numbers_in
from hw1_lightning.study.jobs import read_mapping
from hw1_lightning.study.results import Run, StudyResults

IDENTITY = 12  # digits of a run's identity
DIGITS = 6  # of the numbers of curves
LAST = "~"  # sorts after every number of a question


def collect(given: Sequence[StudyResults], folder: Path, replications: Replications | None) -> Evidence:
    """Collect everything that the page shows.

    Args:
        given: the studies.
        folder: that of the page, to which links are relative.
        replications: what other groups published; experiments that match no condition are left out.
    """
    results = sorted(given, key=lambda each: min((claim.question or LAST for claim in each.study.claims), default=LAST))
    studies = [each.study for each in results]
    error = LEVEL / number_of_claimed_differences(studies)
    experiments = replications.of(studies) if replications else []
    values = [value for each in results for value in (*_of_runs(each), *_of_others(each))]
    return Evidence(
        values=(*values, *_of_groups(experiments)),
        differences=tuple(row for each in results for row in _claimed(each, error)),
        points=tuple(point for each in results for point in _points(each)),
        about=describe(results, folder, replications),
    )


def _of_runs(results: StudyResults) -> Iterator[Value]:
    study, name = results.study, results.study.name
    done = {(run.condition, run.seed): run for run in results.runs}
    failed = {(condition, seed) for condition, seed, _ in results.failures}
    first = {(each.name, run.seed) for each in study.conditions for run in independent_runs(results, each.name)}
    for condition, seed in study.each_run():
        key = condition.name, seed
        if key not in done:
            yield Value(OURS, name, *key, "failed" if key in failed else "missing", "", "", "", None, None)
            continue
        run = done[key]
        status = "diverged" if run.diverged else "finished" if key in first else "copy"
        recorded = read_mapping(run.folder / "run.json") or {}
        identity = str(recorded.get("identity", ""))[:IDENTITY]
        for metric, take, last, value in _numbers(results, run):
            yield Value(OURS, name, *key, status, identity, metric, take, last, _finite(value))


def _numbers(results: StudyResults, run: Run) -> Iterator[tuple[str, str, int | None, float | None]]:
    """Yield metric, take, last and value: what the run recorded, and what claims need of its curves."""
    known = {name: None if run.diverged else value for name, value in numbers_in(run.result).items()}
    machine = run.result.get("machine")
    threads = machine.get("threads") if isinstance(machine, dict) else None
    known |= {name: run.result[name] for name in ("seconds", "epochs")}
    known |= {"threads": threads} if isinstance(threads, int | float) else {}
    for metric, value in known.items():
        yield metric, "final", None, value
    checks = [check for claim in results.study.claims for check in claim.checks]
    asked = {(each.metric, each.take, None if each.take == "final" else each.last): None for each in checks}
    for metric, take, last in asked:
        if take != "final" or metric not in known:
            yield metric, take, last, run.quantity(metric, take, last)


def _of_others(results: StudyResults) -> Iterator[Value]:
    for condition in results.study.conditions:
        for metric, value in condition.reference.items():
            yield Value(REPORTED, results.study.name, condition.name, None, "", "", metric, "final", None, value)


def _of_groups(experiments: Sequence[Experiment]) -> Iterator[Value]:
    for each in experiments:
        for metric, numbers in each.numbers.items():
            for group, value in numbers.items():
                yield Value(group, each.study, each.condition, None, "", "", metric, "final", None, value)


def _claimed(results: StudyResults, error: float) -> Iterator[ClaimedDifference]:
    for claim in results.study.claims:
        yield from _rows(results.study.name, judge(results, claim, error))


def _rows(study: str, judged: Judgement) -> Iterator[ClaimedDifference]:
    for each in judged.differences:
        given, check, claim = each.answer, each.check, judged.claim
        found, examples = given.difference, given.examples
        yield ClaimedDifference(
            study=study,
            claim=claim.id,
            question=claim.question,
            says=claim.says,
            verdict=judged.verdict,
            scope=judged.scope,
            metric=check.metric,
            take=check.take,
            last=given.question.last,
            of=check.of,
            than=given.question.than or "",
            bound=check.bound,
            higher=check.higher,
            margin=each.margin,
            n=found.n if found else 0,
            median=_finite(found.median) if found else None,
            low=_finite(found.interval.low) if found else None,
            high=_finite(found.interval.high) if found else None,
            confidence=found.interval.confidence if found else None,
            p=given.p if found else None,
            examples_low=_finite(examples.low) if examples else None,
            examples_high=_finite(examples.high) if examples else None,
            examples_p=given.p_examples,
            outcome=each.verdict,
            outcome_scope=each.scope,
            problem=given.problem,
        )


def _points(results: StudyResults) -> Iterator[Point]:
    names = [condition.name for condition in results.study.conditions]
    for metric, lines in curves_of(results).items():
        for line in lines:
            columns = (line.epochs, line.middle, line.low, line.high)
            for epoch, *numbers in zip(*columns, strict=True):
                rounded = (_finite(float(f"{value:.{DIGITS}g}")) for value in numbers)
                yield Point(results.study.name, names[line.index], metric, int(epoch), *rounded)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
