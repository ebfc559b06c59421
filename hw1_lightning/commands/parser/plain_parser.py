"""argparse, with errors in one line and in hw1's words."""

import argparse
import re
from typing import Any, NoReturn

from hw1_lightning.errors import InputError, nearest

_CHOICE = re.compile(r"argument (.+?): invalid choice: '(.+)' \(choose from (.+)\)")
_KIND = re.compile(r"argument (.+?): invalid (int|float) value: (.+)")
_KINDS = {"int": "a whole number", "float": "a number"}


class PlainParser(argparse.ArgumentParser):
    """A parser whose options are never abbreviated and whose errors are one line."""

    def __init__(self, prog: str, **kwargs: Any) -> None:
        super().__init__(prog, allow_abbrev=False, **kwargs)

    def error(self, message: str) -> NoReturn:
        """Raise an ``InputError`` in place of printing and exiting."""
        if choice := _CHOICE.fullmatch(message):
            option, given, listed = choice.groups()
            allowed = [each.strip("'") for each in listed.split(", ")]
            what = f"unknown command '{given}'" if option == "COMMAND" else f"{option} is '{given}'"
            raise InputError(f"{what}; allowed are {', '.join(allowed)}{nearest(given, allowed)}")
        if kind := _KIND.fullmatch(message):
            raise InputError(f"{kind[1]} is {kind[3]}; it must be {_KINDS[kind[2]]}")
        if own := re.fullmatch("argument (.+?): (is .+)", message):  # from a type of hw1's, such as ``positive``
            raise InputError(f"{own[1]} {own[2]}")
        raise InputError(f"{message}; see `{self.prog} --help`")


def positive(text: str, or_else: str = "") -> int:
    """Return an argument as a whole number of at least 1; ``or_else`` names what else is allowed, as in ", or all"."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"is '{text}'; it must be a whole number of at least 1{or_else}")
    return int(text)
