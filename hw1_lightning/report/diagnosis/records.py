"""Diagnoses as data: JSON, and a table of scores with one row for each number of several reports."""

import json
import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from hw1_lightning import __version__
from hw1_lightning.diagnosis.answers import Candidate, Diagnosis, ExperimentAnswer, Finding, NumberAnswer
from hw1_lightning.errors import InputError
from hw1_lightning.report.page import write
from hw1_lightning.report.plain_tables import Table, Value, as_csv

SCORES = (
    *("file", "title", "experiment", "metric", "epoch", "reported", "correct", "rounding_spread", "seed_spread"),
    *("verdict", "explained", "mistakes", "change", "log10_ratio", "probability"),
)


def as_json(diagnoses: Sequence[Diagnosis]) -> str:
    """Write diagnoses as JSON; docs/diagnosis.md describes its keys. A number that is not finite is ``null``."""
    content = {"hw1": __version__, "reports": [_report(each) for each in diagnoses]}
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False, default=str)


def _report(diagnosis: Diagnosis) -> dict[str, Any]:
    report = diagnosis.report
    return {
        "file": str(report.path),
        "title": report.title,
        "seed": report.seed,
        "notes": list(report.notes),
        "data": diagnosis.data,
        "runs": diagnosis.runs,
        "executed": diagnosis.executed,
        "seconds": diagnosis.seconds,
        "findings": [_finding(each) for each in diagnosis.findings],
        "experiments": [_experiment(each) for each in diagnosis.experiments],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "mistakes": list(finding.mistakes),
        "experiments": list(finding.experiments),
        "log10_ratio": _finite(finding.log10_ratio),
        "speaking": finding.speaking,
        "advice": finding.advice,
        "said": finding.said,
    }


def _experiment(answer: ExperimentAnswer) -> dict[str, Any]:
    return {
        "name": answer.experiment.name,
        "config": list(answer.experiment.configs),
        "options": _plain(answer.experiment.options),
        "verdict": answer.verdict,
        "how": answer.how,
        "candidates": [_candidate(each) for each in answer.candidates],
        "numbers": [_number(each) for each in answer.numbers],
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "mistakes": list(candidate.mistakes),
        "change": candidate.change,
        "log10_ratio": _finite(candidate.log10_ratio),
        "probability": candidate.probability,
        "speaking": candidate.speaking,
    }


def _number(answer: NumberAnswer) -> dict[str, Any]:
    number = answer.number
    return {
        "metric": number.metric,
        "epoch": number.epoch,
        "reported": number.value,
        "resolution": number.resolution,
        "verdict": answer.verdict,
        "correct": _finite(answer.correct),
        "rounding_spread": _finite(answer.rounding_spread),
        "seed_mean": _finite(answer.seed_mean),
        "seed_spread": _finite(answer.seed_spread),
        "explained": _finite(answer.explained),
        "nearest": _finite(answer.nearest),
        "nearest_change": answer.nearest_change,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _plain(value: Any) -> Any:
    """Return an option of a report for JSON, which has no NaN and no infinity."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def check_scores(path: Path) -> None:
    """Refuse to write scores into a missing folder, or over a file that does not hold scores.

    Raises:
        InputError: naming the file.
    """
    if not path.parent.is_dir():
        raise InputError(f"--out is {path}, but the folder {path.parent} does not exist")
    if path.exists() and not _is_ours(path):
        raise InputError(f"--out is {path}, which exists and holds no scores of hw1 diagnose; choose another name")


def _is_ours(path: Path) -> bool:
    head = ",".join(SCORES).encode()
    if path.is_file():
        with suppress(OSError), path.open("rb") as file:
            return file.read(len(head)) == head
    return False


def write_scores(diagnoses: Iterable[Diagnosis], path: Path) -> None:
    """Write the scores of several reports as CSV, atomically."""
    write(path, as_csv(scores(diagnoses)))


def scores(diagnoses: Iterable[Diagnosis]) -> Table:
    """Return one row for each number of several reports; a number that is not finite is an empty cell."""
    rows = [
        _score(diagnosis, answer, each)
        for diagnosis in diagnoses
        for answer in diagnosis.experiments
        for each in answer.numbers
    ]
    return Table("Scores", SCORES, rows)


def _score(diagnosis: Diagnosis, answer: ExperimentAnswer, each: NumberAnswer) -> list[Value]:
    number, report = each.number, diagnosis.report
    known = [_finite(value) for value in (each.correct, each.rounding_spread, each.seed_spread)]
    names: list[Value] = [str(report.path), report.title, answer.experiment.name, number.metric, number.epoch]
    open_or_right = each.verdict in ("reproduced", "unexplained") or not answer.candidates
    why: list[Value] = [None] * 5 if open_or_right else _explanation(answer.candidates[0], each)
    return [*names, number.value, *known, each.verdict, *why]


def _explanation(first: Candidate, each: NumberAnswer) -> list[Value]:
    names = " + ".join(first.mistakes)
    return [_finite(each.explained), names, first.change, _finite(first.log10_ratio), first.probability]
