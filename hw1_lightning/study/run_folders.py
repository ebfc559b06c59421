"""Reads any run folder without trusting its files, and without importing what its config names."""

import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hw1_lightning.errors import InputError
from hw1_lightning.study.finished import UnusableRun, read_finished
from hw1_lightning.study.jobs import read_mapping
from hw1_lightning.study.run_options import flatten
from hw1_lightning.yaml_limits import check_yaml_cost

MOST_BYTES = 2**26  # of a file; metrics.csv of a million epochs would be larger
FILES = ("config.yaml", "result.json", "metrics.csv", "run.json")


@dataclass(frozen=True)
class GivenRun:
    """The content of a run's folder.

    Args:
        folder: as the user gave it.
        options: those of config.yaml, flattened; empty if that cannot be read.
        result: the content of result.json; ``None`` if the run cannot be compared.
        problem: why it cannot be compared, such as ``unfinished``; else empty.
        arguments: of `hw1 fit`, if a study has recorded them; else empty.
        condition: its condition in a study; empty for other runs.
    """

    folder: Path
    options: Mapping[str, Any]
    result: dict[str, Any] | None
    problem: str
    arguments: tuple[str, ...] = ()
    condition: str = ""


def read_given(folder: Path) -> GivenRun:
    """Read a run's folder, written by `hw1 fit` or `hw1 study`.

    Returns:
        Its content; ``problem`` says what is damaged or missing.

    Raises:
        InputError: if it is not the folder of a run.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; give run folders, such as runs/dropout/version_0")
    if not any((folder / name).is_file() for name in FILES[:2]):
        raise InputError(f"{folder} is not a run: it has neither config.yaml nor result.json{_runs_in(folder)}")
    options: dict[str, Any] = {}
    result, problem = None, "unfinished"
    try:
        _check_files(folder)
        options = _read_options(folder / "config.yaml")
        if (folder / "result.json").is_file():
            result, problem = read_finished(folder), ""
    except UnusableRun as error:
        problem = str(error)
    return GivenRun(folder, options, result, problem, *_of_study(folder / "run.json"))


def _runs_in(folder: Path) -> str:
    """Return a hint where the folder holds runs, as that of a name or a study does."""
    for pattern in ("version_*", "*/seed=*"):
        if found := sum(1 for _ in folder.glob(pattern)):
            return f"; it holds {found} run{'s' * (found > 1)}: give {folder / pattern}"
    return ""


def _check_files(folder: Path) -> None:
    """Refuse files that would fill the memory, and pipes, which may never end."""
    for name in FILES:
        with suppress(OSError):
            found = (folder / name).stat()
            if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
                raise UnusableRun(f"{name} is not a file of at most {MOST_BYTES >> 20} MiB")


def _read_options(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        check_yaml_cost(text)
        config = yaml.safe_load(text)
    except FileNotFoundError as error:
        raise UnusableRun(f"{path.name} is missing") from error
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise UnusableRun(f"{path.name} cannot be read: {' '.join(str(error).split())[:120]}") from error
    if not isinstance(config, dict):
        raise UnusableRun(f"{path.name} does not hold options")
    return flatten(config)


def _of_study(path: Path) -> tuple[tuple[str, ...], str]:
    """Return the arguments and the condition that a study has recorded; both are empty for other runs."""
    known = read_mapping(path) or {}
    if not {"arguments", "condition"} <= known.keys():
        return (), ""
    arguments, condition = known["arguments"], known["condition"]
    right = isinstance(arguments, list) and all(isinstance(each, str) for each in arguments)
    return tuple(arguments) if right else (), condition if isinstance(condition, str) else ""
