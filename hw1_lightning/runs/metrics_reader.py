"""Reads metrics.csv, without importing torch or lightning."""

import csv
from pathlib import Path

from hw1_lightning.csv_cells import from_cell


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of metrics.csv as text, by column name."""
    with path.open(newline="", encoding="utf-8") as file:
        table = csv.DictReader(file)
        table.fieldnames = [from_cell(name) for name in table.fieldnames or ()]
        return list(table)


def read_metrics(path: Path) -> list[dict[str, float]]:
    """Return the rows of metrics.csv as numbers, exactly as they were logged; empty cells are left out."""
    return [{name: float(cell) for name, cell in row.items() if cell} for row in read_rows(path)]
