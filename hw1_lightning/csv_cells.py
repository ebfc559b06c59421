"""Text cells of CSV files: any file name, and never a formula in a spreadsheet."""

import re

# Spreadsheets read these as the start of a formula, full-width characters of Asian keyboards included; see OWASP, "CSV
# injection". The apostrophe marks a text that starts with one of them, so it must be marked itself.
MARK = "'"
MARKED = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", MARK)
SURROGATE = re.compile("[\ud800-\udfff]")  # how Python represents bytes of a file name that are not UTF-8
ESCAPED, ESCAPES = r"\ud", re.compile(r"\\\\|\\u(d[89a-f][0-9a-f]{2})")


def as_cell(text: str) -> str:
    r"""Return a text as a cell that no spreadsheet computes; ``from_cell`` returns the text.

    A text that starts with one of ``MARKED`` gets an apostrophe in front. A byte that is not UTF-8 becomes ``\udcHH``,
    as in Python, HH its hexadecimal digits; in such a text, and in one that contains ``\ud``, a backslash is doubled.

    Args:
        text: any text, such as a file name or a class name.

    Returns:
        The cell, which can be encoded as UTF-8.

    Example:
        >>> print(as_cell("=1+1.jpg"), as_cell("sea.jpg"), as_cell("a\udcff.jpg"))
        '=1+1.jpg sea.jpg a\udcff.jpg
    """
    if ESCAPED in text or SURROGATE.search(text):
        text = SURROGATE.sub(lambda found: f"\\u{ord(found[0]):x}", text.replace("\\", r"\\"))
    return f"{MARK}{text}" if text.startswith(MARKED) else text


def from_cell(cell: str) -> str:
    """Return the text from which ``as_cell`` made a cell."""
    text = cell.removeprefix(MARK)
    if ESCAPED not in text:
        return text
    return ESCAPES.sub(lambda found: chr(int(found[1], 16)) if found[1] else "\\", text)
