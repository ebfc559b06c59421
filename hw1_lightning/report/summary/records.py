"""The data files of a summary: results.csv, claims.csv, curves.csv.gz and summary.json.

The page is drawn from these files and from nothing else, so each of its numbers can be computed again from them.
"""

import csv
import gzip
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from hw1_lightning.csv_cells import as_cell, from_cell
from hw1_lightning.files import replacing
from hw1_lightning.report.summary.folder import ABOUT, CLAIMS, CURVES, VALUES

OURS, REPORTED = "hw1", "reported"  # sources of numbers; any other one is the name of a group


@dataclass(frozen=True)
class Value:
    """A row of results.csv: one number of one run, or one that others reported.

    Args:
        source: ``hw1``, ``reported`` for the number in the study file, or the name of another group.
        study, condition: names.
        seed: ``None`` if not from hw1.
        status: of the run: ``finished``, ``diverged``, ``copy`` (the same numbers as an earlier seed), ``failed`` or
            ``missing``; empty if not from hw1.
        run: the start of the run's identity; runs of two studies with the same one are the same run.
        metric: its name; also ``seconds``, ``epochs`` and ``threads``. Empty for a run without results.
        take: how the curve is reduced.
        last: how many epochs at the end count; ``None`` for all.
        value: the number; ``None`` if it is missing or not finite.
    """

    source: str
    study: str
    condition: str
    seed: int | None
    status: str
    run: str
    metric: str
    take: str
    last: int | None
    value: float | None


@dataclass(frozen=True)
class ClaimedDifference:
    """A row of claims.csv: one difference that a claim depends on, with both verdicts.

    Args:
        study, claim, question, says: the claim.
        verdict, scope: the verdict on the claim.
        metric, take, last: the quantity.
        of: the condition.
        than: the other condition; empty if there is a bound.
        bound: the number that the quantity is compared with.
        higher: whether the claim says higher, or lower.
        margin: differences within this count as none.
        n: number of independent pairs of runs.
        median: of the difference over seeds.
        low, high, confidence, p: its interval over seeds.
        examples_low, examples_high, examples_p: its interval over seeds and examples.
        outcome, outcome_scope: the verdict on the difference; "better" means: as claimed.
        problem: why the difference could not be computed; may be empty.
    """

    study: str
    claim: str
    question: str
    says: str
    verdict: str
    scope: str
    metric: str
    take: str
    last: int | None
    of: str
    than: str
    bound: float | None
    higher: bool
    margin: float | None
    n: int
    median: float | None
    low: float | None
    high: float | None
    confidence: float | None
    p: float | None
    examples_low: float | None
    examples_high: float | None
    examples_p: float | None
    outcome: str
    outcome_scope: str
    problem: str


@dataclass(frozen=True)
class Point:
    """A row of curves.csv.gz: the median of a condition's curve after one epoch, with its band; ``None`` is a gap."""

    study: str
    condition: str
    metric: str
    epoch: int
    median: float | None
    low: float | None
    high: float | None


Record = TypeVar("Record", Value, ClaimedDifference, Point)


@dataclass(frozen=True)
class Evidence:
    """All that a summary's page shows.

    Args:
        values: rows of results.csv.
        differences: rows of claims.csv.
        points: rows of curves.csv.gz.
        about: the rest, from ``collecting.describe``: studies, data, machines, mistakes, identities.
    """

    values: tuple[Value, ...]
    differences: tuple[ClaimedDifference, ...]
    points: tuple[Point, ...]
    about: dict[str, Any]


def write_evidence(evidence: Evidence, folder: Path) -> None:
    """Write the data files, each atomically."""
    files = {
        ABOUT: (json.dumps(evidence.about, indent=1, ensure_ascii=False) + "\n").encode(errors="backslashreplace"),
        VALUES: _csv(Value, evidence.values).encode(),
        CLAIMS: _csv(ClaimedDifference, evidence.differences).encode(),
        CURVES: gzip.compress(_csv(Point, evidence.points).encode(), mtime=0),  # the same bytes every time
    }
    for name, content in files.items():
        with replacing(folder / name) as temporary:
            temporary.write_bytes(content)


def read_evidence(folder: Path) -> Evidence:
    """Read the data files that ``write_evidence`` wrote."""
    curves = gzip.decompress((folder / CURVES).read_bytes()).decode()
    return Evidence(
        _records(Value, (folder / VALUES).read_bytes().decode()),
        _records(ClaimedDifference, (folder / CLAIMS).read_bytes().decode()),
        _records(Point, curves),
        json.loads((folder / ABOUT).read_text(encoding="utf-8")),
    )


def _csv(kind: type[Record], records: Iterable[Record]) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    names = [field.name for field in fields(kind)]
    writer.writerow(names)
    for record in records:
        cells = (getattr(record, name) for name in names)
        writer.writerow([as_cell(cell) if isinstance(cell, str) else cell for cell in cells])
    return file.getvalue()


def _records(kind: type[Record], text: str) -> tuple[Record, ...]:
    types: dict[str, Any] = {field.name: field.type for field in fields(kind)}
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return tuple(kind(**{name: _parsed(cell, types[name]) for name, cell in row.items()}) for row in rows)


def _parsed(cell: str, kind: Any) -> Any:
    if kind is str:
        return from_cell(cell)
    if kind is bool:
        return cell == "True"
    if not cell:
        return None
    return int(cell) if kind in (int, int | None) else float(cell)
