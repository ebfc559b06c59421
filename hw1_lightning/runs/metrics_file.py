"""How metrics.csv is read; imports neither torch nor lightning."""

import csv
from pathlib import Path

from hw1_lightning.csv_cells import from_cell


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read metrics.csv as text.

    Args:
        path: the file.

    Returns:
        One dictionary a row.
    """
    with path.open(newline="", encoding="utf-8") as file:
        table = csv.DictReader(file)
        table.fieldnames = [from_cell(name) for name in table.fieldnames or ()]
        return list(table)


def read_metrics(path: Path) -> list[dict[str, float]]:
    """Read metrics.csv.

    Args:
        path: the file.

    Returns:
        One dictionary a row, exactly the numbers that were logged; an empty cell is left out.
    """
    return [{name: float(cell) for name, cell in row.items() if cell} for row in read_rows(path)]
