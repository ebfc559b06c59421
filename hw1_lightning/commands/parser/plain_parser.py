"""argparse, with errors told as all others are."""

import argparse
from typing import NoReturn

from hw1_lightning.errors import InputError


class PlainParser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Say it as every other mistake is said.

        Raises:
            InputError: always.
        """
        raise InputError(f"{message}; `{self.prog} --help` lists what there is")
