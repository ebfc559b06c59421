"""Checks whether a folder holds a finished run, without trusting its files."""

import csv
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hw1_lightning.errors import InputError
from hw1_lightning.runs.correct_examples import read_correct
from hw1_lightning.runs.metrics_reader import read_metrics

CHECKPOINT = "checkpoints/last.ckpt"


class UnusableRun(ValueError):
    """A folder without a finished run; the message says why, such as ``metrics.csv is missing``."""


def read_finished(folder: Path) -> dict[str, Any]:
    """Read result.json, and check it and the other files of the run.

    Returns:
        The content of result.json, with entries of the types that `hw1 fit` writes.

    Raises:
        UnusableRun: if a file is missing or damaged, or metrics.csv does not have one row for each epoch.
    """
    result = _read_result(folder / "result.json")
    _check_rows(folder / "metrics.csv", result)
    try:
        read_correct(folder, result["data"]["sizes"])
    except InputError as error:
        raise UnusableRun(str(error).replace(f"{folder / 'correct.npz'}", "correct.npz")) from error
    return result


def numbers_in(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the final and best numbers and those of the test by name, a best one as ``best NAME``."""
    return {**result["final"], **{f"best {name}": value for name, value in result["best"].items()}, **result["test"]}


def is_finished(folder: Path) -> bool:
    """Return whether a folder holds a finished run."""
    return _is_usable(read_finished, folder)


def can_resume(folder: Path) -> bool:
    """Return whether an interrupted run can be resumed: it has a checkpoint and a readable metrics.csv."""
    return (folder / CHECKPOINT).is_file() and _is_usable(read_table, folder / "metrics.csv")


def _is_usable(read: Callable[[Path], object], path: Path) -> bool:
    try:
        read(path)
    except UnusableRun:
        return False
    return True


def read_table(path: Path) -> list[dict[str, float]]:
    """Read metrics.csv with ``read_metrics``.

    Raises:
        UnusableRun: if it is missing or not a table of numbers.
    """
    with _reading(path):
        whole, rows = path.read_bytes().endswith(b"\n"), read_metrics(path)
    if not whole:
        raise UnusableRun(f"{path.name} is empty or cut off in its last line")
    return rows


def _check_rows(path: Path, result: Mapping[str, Any]) -> None:
    rows, epochs = read_table(path), result["epochs"]
    if len(rows) != epochs or [row.get("epoch") for row in rows] != list(range(1, epochs + 1)):
        there = f"{len(rows)} row{'s' * (len(rows) != 1)}"
        raise UnusableRun(f"{path.name} has {there}, not one for each of the {epochs} epochs of result.json")
    loss = result["final"].get("train/loss")
    if loss is not None and loss != rows[-1].get("train/loss"):
        raise UnusableRun(f"{path.name} ends with a train/loss that differs from result.json")


def _read_result(path: Path) -> dict[str, Any]:
    with _reading(path):
        result = json.loads(path.read_text(encoding="utf-8"), parse_constant=_check_not_constant)
    if not isinstance(result, dict):
        raise UnusableRun(f"{path.name} is not a mapping of names to values")
    for name, is_right in _KINDS.items():
        if not is_right(result.get(name)):
            raise UnusableRun(f"{path.name}: {name} is {json.dumps(result.get(name)):.60}")
    for part in ("final", "best", "test"):
        for name, value in result[part].items():
            if name.endswith("/accuracy") and not 0 <= (value or 0) <= 1:
                raise UnusableRun(f"{path.name}: {name} is {value}")
            if name.endswith("/accuracy") and result["data"]["sizes"].get(name.partition("/")[0]) == 0:
                raise UnusableRun(f"{path.name}: {name} is given, but the split has no examples")
    return result


def _check_not_constant(name: str) -> float:
    raise ValueError(f"it holds {name}, which is not JSON")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn the errors of reading a file into ``UnusableRun``."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnusableRun(f"{path.name} is missing") from error
    except (OSError, ValueError, RecursionError, TypeError, csv.Error) as error:
        # TypeError: a row of a table with more cells than the head.
        text = " ".join(((isinstance(error, OSError) and error.strerror) or str(error)).split())[:120]
        raise UnusableRun(f"{path.name} is damaged: {text or type(error).__name__}") from error


def _is_number(value: object) -> bool:
    # JSON has integers that no float can hold.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _are_numbers(value: object) -> bool:
    return isinstance(value, Mapping) and all(entry is None or _is_number(entry) for entry in value.values())


def _is_data(value: object) -> bool:
    if not isinstance(value, Mapping) or not all(isinstance(value.get(name), str) for name in ("source", "sha256")):
        return False
    sizes = value.get("sizes")
    if not isinstance(sizes, Mapping) or not all(map(_is_count, sizes.values())):
        return False
    return {"train", "val", "test"} <= set(sizes) and sizes["train"] > 0


# What readers of result.json rely on, by its entry.
_KINDS: dict[str, Callable[[Any], bool]] = {
    "status": lambda value: value in ("finished", "diverged"),
    **dict.fromkeys(("final", "best", "test"), _are_numbers),
    "classes": lambda value: value is None or isinstance(value, Mapping),
    "split_seed": lambda value: value is None or isinstance(value, int),
    "seconds": lambda value: _is_number(value) and value >= 0,
    "epochs": lambda value: _is_count(value) and value != 0,
    "data": _is_data,
    "versions": lambda value: isinstance(value, Mapping) and all(isinstance(each, str) for each in value.values()),
}
