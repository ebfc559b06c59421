"""Tables as plain text, CSV, Markdown and LaTeX."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from hw1_lightning.csv_cells import as_cell
from hw1_lightning.errors import printable
from hw1_lightning.study.words import DASH, number

Value = str | int | float | None
# Characters that LaTeX writes by name, such as \textless{}.
NAMED = {"\\": "backslash", "~": "asciitilde", "^": "asciicircum", "<": "less", ">": "greater", "|": "bar"}
LATEX = {
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    **{letter: f"\\text{name}{{}}" for letter, name in NAMED.items()},
    '"': r"\textquotedbl{}",
    DASH: "--",
    "±": r"\ensuremath{\pm}",
}
GAP = "  "


@dataclass(frozen=True)
class Table:
    """A table.

    Args:
        title: its title.
        heads: one for each column; the first column names the row.
        rows: cells, as many as heads; ``None`` is empty.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Value]]


def as_text(table: Table, width: int) -> str:
    """Align a table for a terminal.

    Args:
        table: the table.
        width: characters per line; columns that do not fit follow below, with the first column again.

    Returns:
        Lines of at most this width, unless a single column next to the first is wider.
    """
    texts = [[printable(text_of_cell(cell)) for cell in row] for row in (table.heads, *table.rows)]
    first, *others = ([cell.ljust(max(map(len, column))) for cell in column] for column in zip(*texts, strict=True))
    blocks: list[list[list[str]]] = []
    room = 0
    for column in others:
        if len(GAP + column[0]) > room or not blocks:
            blocks.append([first])
            room = width - len(first[0])
        blocks[-1].append(column)
        room -= len(GAP + column[0])
    lines = ["\n".join(GAP.join(row).rstrip() for row in zip(*block, strict=True)) for block in blocks or [[first]]]
    return f"{printable(table.title)}\n" + "\n\n".join(lines)


def as_csv(table: Table, end: str = "\n") -> str:
    """Write a table as CSV, with all digits of its numbers; ``end`` ends each line."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator=end)
    for row in (table.heads, *table.rows):
        writer.writerow([as_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return file.getvalue()


def as_markdown(table: Table) -> str:
    """Write a table as Markdown, with its texts escaped."""
    return f"{markdown_text(table.title)}\n\n{markdown_rows(table)}"


def markdown_rows(table: Table) -> str:
    """Write a table as Markdown without its title."""
    return "\n".join([_markdown_row(table.heads), "|" + "---|" * len(table.heads), *map(_markdown_row, table.rows)])


def markdown_text(text: str) -> str:
    """Escape a text for Markdown, also for cells of tables."""
    text = "".join(f"\\{letter}" if letter in "\\`*[]|" else letter for letter in re.sub(r"\s*\n\s*", " ", text))
    return text.replace("&", "&amp;").replace("<", "&lt;")


def as_latex(table: Table) -> str:
    r"""Write a table for LaTeX, with the rules of the package booktabs; its title is a comment.

    Rows begin with an empty group, because LaTeX reads ``[`` or ``*`` after the end of a row as its option.
    """
    rows = [" & ".join(latex_text(text_of_cell(cell)) for cell in row) + r" \\" for row in table.rows]
    head = " & ".join(map(latex_text, table.heads)) + r" \\"
    title = f"% {printable(table.title)}; requires \\usepackage{{booktabs}}"
    begin = rf"\begin{{tabular}}{{@{{}}{'l' * len(table.heads)}@{{}}}}"
    body = [r"\toprule", head, r"\midrule", *(f"{{}}{row}" for row in rows), r"\bottomrule", r"\end{tabular}"]
    return "\n".join([title, begin, *body])


def latex_text(text: str) -> str:
    r"""Escape a text for LaTeX.

    Example:
        >>> print(latex_text("l2_penalty 50%"))
        l2\_penalty 50\%
    """
    return "".join(LATEX.get(letter, letter) for letter in printable(text))


def text_of_cell(cell: Value) -> str:
    """Format a cell for readers: a float with four significant digits."""
    return "" if cell is None else number(cell) if isinstance(cell, float) else str(cell)


def _markdown_row(row: Sequence[Value]) -> str:
    return "| " + " | ".join(markdown_text(text_of_cell(cell)) for cell in row) + " |"
