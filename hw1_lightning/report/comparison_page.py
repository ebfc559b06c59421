"""The page of `hw1 compare`: a study's page with the runs side by side."""

from contextlib import suppress
from pathlib import Path

from hw1_lightning.errors import InputError
from hw1_lightning.report.page import contents, render, write
from hw1_lightning.report.plain_tables import Table, text_of_cell
from hw1_lightning.study.compared import ComparedRuns

# Marks a page that a newer one may replace.
GENERATOR = "hw1 compare"
HEAD = 2**10  # the mark is within this many bytes


def check_page(path: Path) -> None:
    """Refuse to write the page into a missing folder, or over a file that is not such a page.

    Args:
        path: the file to write.

    Raises:
        InputError: naming the file.
    """
    if not path.parent.is_dir():
        raise InputError(f"--out is {path}, but the folder {path.parent} does not exist")
    if path.exists() and not _is_ours(path):
        raise InputError(f"--out is {path}, which exists and is not a page of hw1 compare; choose another name")


def _is_ours(path: Path) -> bool:
    if path.is_file():
        with suppress(OSError), path.open("rb") as file:
            return f'content="{GENERATOR}"'.encode() in file.read(HEAD)
    return False


def write_page(results: ComparedRuns, side: Table, further: list[str], path: Path) -> None:
    """Write the page atomically, as a single file that requires no others.

    Args:
        results: the runs that can be compared.
        side: the table of all runs.
        further: warnings in addition to those about the results.
        path: the file.

    Raises:
        InputError: if it cannot be written.
    """
    page = contents(results)
    page["warnings"] = [*further, *page["warnings"]]
    page["side"] = {"heads": side.heads, "rows": [[text_of_cell(cell) for cell in row] for row in side.rows]}
    if not results.study.metrics[0].startswith("val/"):
        page["selected"] = page["single_model"] = None  # only validation selects
    write(path, render("compare.html.j2", {**page, "generator": GENERATOR}))
