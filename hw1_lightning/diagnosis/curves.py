"""Training curves from a CSV file of a report: a column ``epoch`` and columns of metrics; an error names the line."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from hw1_lightning.diagnosis.given import Given, epoch_problem, read_given
from hw1_lightning.diagnosis.reported import CURVES
from hw1_lightning.errors import InputError, file_errors, nearest

MAX_BYTES = 10_000_000
EPOCH = "epoch"


def read_curves(path: Path, epochs: int | None) -> list[Given]:
    """Read the curves of an experiment.

    Args:
        path: the CSV file; a cell may be empty.
        epochs: of the experiment; ``None`` if unknown.

    Returns:
        The numbers, in the order of the file.

    Raises:
        InputError: naming the file, the line and the mistake.
    """
    rows = _rows(path)
    line, heads = next(rows, (1, []))
    columns = _columns(f"{path}:{line}", heads)
    found: list[Given] = []
    seen: dict[int, int] = {}
    for line, row in rows:
        place = f"{path}:{line}"
        if len(row) != len(columns):
            raise InputError(f"{place}: {len(row)} cells; the first line names {len(columns)} columns")
        cells = dict(zip(columns, row, strict=True))
        epoch = _epoch(place, cells.pop(EPOCH), epochs)
        if epoch in seen:
            raise InputError(f"{place}: epoch {epoch} is given twice, first in line {seen[epoch]}")
        seen[epoch] = line
        found += [read_given(place, metric, cell, epoch) for metric, cell in cells.items() if cell]
    return found


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty, with its line."""
    with file_errors(f"{path} cannot be read"):
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path} has {path.stat().st_size} bytes; at most {MAX_BYTES} are read")
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: this is not valid CSV: {error}") from error


def _columns(place: str, heads: Sequence[str]) -> Sequence[str]:
    allowed = (EPOCH, *CURVES)
    for index, head in enumerate(heads):
        if head not in allowed:
            known = f"allowed are {', '.join(allowed)}, separated by commas{nearest(head, allowed)}"
            raise InputError(f"{place}: unknown column '{head:.80}'; {known}")
        if head in heads[:index]:
            raise InputError(f"{place}: the column {head} is given twice; every column must be distinct")
    if EPOCH not in heads:
        raise InputError(f"{place}: the column {EPOCH} is missing; the first line names the columns")
    return heads


def _epoch(place: str, cell: str, epochs: int | None) -> int:
    whole = cell.removesuffix(".0")  # pandas writes a column with gaps so
    if problem := epoch_problem(whole, epochs):
        raise InputError(f"{place}: {problem}")
    return int(whole)
