"""Paths that callbacks, loggers and profilers of a received run write to: only inside its folder."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hw1_lightning.errors import InputError

# Options of the trainer whose classes write files.
WRITERS = ("callbacks", "logger", "profiler", "plugins", "strategy", "default_root_dir")


def check_write_paths(folder: Path, trainer: Mapping[str, Any]) -> None:
    """Refuse to resume a run whose own options would write outside its folder.

    The folder may come from another person. What the user gives on the command line is not checked.
    """
    own = folder.resolve()
    for name in WRITERS:
        for option, place in _path_options(trainer.get(name), f"trainer.{name}"):
            # A file name without a folder is inside the class's folder, which is another option.
            inside = "dir" not in option.rpartition(".")[2] and os.sep not in place and place != ".."
            if not inside and not Path(place).resolve().is_relative_to(own):
                problem = f"{option} in {folder}/config.yaml is {place}, which is outside the run's folder"
                allow = f"to allow it, give --trainer.{name} on the command line as well"
                raise InputError(f"{problem}; {allow}; otherwise leave it out with --trainer.{name} null")


def _path_options(value: Any, option: str) -> Iterator[tuple[str, str]]:
    """Yield the options that name a folder or a file, and their values."""
    if isinstance(value, Mapping):
        for name, entry in value.items():
            yield from _path_options(entry, option if name == "init_args" else f"{option}.{name}")
    elif isinstance(value, list):
        for entry in value:
            yield from _path_options(entry, option)
    elif isinstance(value, str) and _is_path_option(option.rpartition(".")[2]):
        yield option, value


def _is_path_option(option: str) -> bool:
    return option != "class_path" and any(part in option for part in ("dir", "path", "file"))
