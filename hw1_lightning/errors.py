"""InputError, for errors that the user can fix, and messages in one line."""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from traceback import format_exception


class InputError(ValueError):
    """An error in a file, an option or a value that the user gave.

    Its message is one line: what was given, what is allowed, what to do. The command line prints it without a
    traceback and exits with status 2.

    Args:
        message: the line; characters that cannot be printed, such as a line break in a file's name, are escaped.
    """

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class UnexpectedError(Exception):
    """An error that hw1 does not expect, in one line that names the file with its traceback."""


def printable(text: str) -> str:
    r"""Return a text on one line, with characters that cannot be printed escaped as in Python.

    Example:
        >>> print(printable("a\nb, ä c"))
        a\nb, ä c
    """
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def as_unexpected_error(folder: Path, error: Exception) -> UnexpectedError:
    """Write the traceback of an error to error.log in a folder.

    Args:
        folder: the folder of the run, if there is one.
        error: the error.

    Returns:
        The error to print, in one line.
    """
    log = folder / "error.log"
    where = f"the traceback is in {log}"
    try:
        log.write_text("".join(format_exception(error)), encoding="utf-8")
    except OSError as failed:
        where = f"{log} cannot be written: {failed.strerror}"
    text = " ".join(str(error).split())
    return UnexpectedError(printable(f"{type(error).__name__}: {text[:300]}; {where}"))


@contextmanager
def file_errors(what: str, hint: str = "") -> Iterator[None]:
    """Turn an error of the file system in this block into an ``InputError`` with the system's reason.

    Args:
        what: begins the message: the file, and what cannot be done with it.
        hint: ends the message.

    Raises:
        InputError: instead of an ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise InputError(f"{what}: {error.strerror or error}{hint}") from error


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Print warnings as ``hw1: warning: ...``, without file and line of the code."""
    before, warnings.formatwarning = warnings.formatwarning, lambda message, *_, **__: f"hw1: warning: {message}\n"
    try:
        yield
    finally:
        warnings.formatwarning = before


def nearest(name: str, allowed: Iterable[str]) -> str:
    """Return a hint that names the closest allowed name.

    Args:
        name: what the user wrote.
        allowed: the names that exist.

    Returns:
        ``"; did you mean 'Adam'?"``, or an empty string if no name is close.

    Example:
        >>> nearest("Adem", ["SGD", "Adam"])
        "; did you mean 'Adam'?"
    """
    by_lower = {candidate.lower(): candidate for candidate in allowed}
    matches = get_close_matches(name.lower(), by_lower, n=1)
    return f"; did you mean '{by_lower[matches[0]]}'?" if matches else ""
