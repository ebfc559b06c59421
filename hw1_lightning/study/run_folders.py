"""Run folders as somebody gives them: read without trust, and without importing what their configs name."""

import csv
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from hw1_lightning.errors import InputError
from hw1_lightning.metrics_file import read_metrics
from hw1_lightning.study.run_options import flatten
from hw1_lightning.yaml_limits import refuse_costly

MOST_BYTES = 2**24  # of a file; a run's metrics.csv of a million epochs would be larger
UNFINISHED = "unfinished"
MOST = 10**9  # epochs, or examples
Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class GivenRun:
    """What is in a run's folder.

    Args:
        folder: as it was given.
        options: those of config.yaml, flattened; empty if that cannot be read.
        result: what result.json holds; ``None`` if the run cannot be compared.
        problem: why it cannot, as ``unfinished`` or ``damaged: ...``; else empty.
        arguments: of `hw1 fit`, if a study has recorded them; else empty.
        condition: that of the study it belongs to; empty for any other run.
    """

    folder: Path
    options: Mapping[str, Any]
    result: dict[str, Any] | None
    problem: str
    arguments: tuple[str, ...] = ()
    condition: str = ""


def read_given(folder: Path) -> GivenRun:
    """Read a run's folder.

    Args:
        folder: as `hw1 fit` or `hw1 study` leaves it.

    Returns:
        What is in it; what is damaged or missing is said in ``problem``.

    Raises:
        InputError: if it is not the folder of a run.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; give run folders, such as runs/dropout/version_0")
    if not any((folder / name).is_file() for name in ("config.yaml", "result.json")):
        raise InputError(
            f"{folder} is not a run's folder: it has neither config.yaml nor result.json{_runs_in(folder)}"
        )
    arguments, condition = _of_study(folder / "run.json")
    options: dict[str, Any] = {}
    result, problem = None, UNFINISHED
    try:
        options = _read(folder / "config.yaml", _options)
        if (folder / "result.json").is_file():
            result, problem = _read(folder / "result.json", _result), ""
            _check_metrics(folder / "metrics.csv", result)
    except _Damaged as error:
        result, problem = None, f"damaged: {error}"
    return GivenRun(folder, options, result, problem, arguments, condition)


class _Damaged(Exception):
    """What a folder holds is not what a run writes."""


def _runs_in(folder: Path) -> str:
    """A hint for the folder of a name or a study, which holds runs."""
    for pattern in ("version_*", "*/seed=*"):
        if found := sum(1 for _ in folder.glob(pattern)):
            return f"; it holds {found} run{'s' * (found > 1)}: give {folder / pattern}"
    return ""


def _read(path: Path, parse: Callable[[str], Parsed]) -> Parsed:
    """Read a file that may be damaged, or made to do damage."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _Damaged(f"{path.name} has more than {MOST_BYTES >> 20} MiB")
        return parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _Damaged(f"{path.name} cannot be read: {error.strerror or error}") from error
    except (ValueError, TypeError, yaml.YAMLError, RecursionError, csv.Error) as error:
        raise _Damaged(f"{path.name}: {' '.join(str(error).split())[:200]}") from error


def _options(text: str) -> dict[str, Any]:
    refuse_costly(text)
    config = yaml.safe_load(text)
    if not isinstance(config, dict):
        raise ValueError("it does not hold options")
    return flatten(config)


def _result(text: str) -> dict[str, Any]:
    """Check what the comparison reads of result.json; what older versions of hw1 do not write may be missing."""
    result = json.loads(text)
    if not isinstance(result, dict):
        raise ValueError("it does not hold a run's result")
    result = {"best": {}, "test": {}, "versions": {}, **result}
    for name in ("final", "best", "test"):
        if not _is_table(result.get(name), _is_number):
            raise ValueError(f"'{name}' must hold numbers by name")
        if not all(0 <= (value or 0) <= 1 for metric, value in result[name].items() if metric.endswith("accuracy")):
            raise ValueError(f"'{name}' has an accuracy that is not between 0 and 1")
    _check_data(result.get("data"))
    if not _is_table(result["versions"], lambda value: isinstance(value, str)):
        raise ValueError("'versions' must hold versions by name")
    if result.get("status") not in ("finished", "diverged"):
        raise ValueError("'status' must be finished or diverged")
    seconds = result.get("seconds")
    if not _is_count(result.get("epochs")) or not (_is_number(seconds) and seconds is not None and seconds < math.inf):
        raise ValueError("'seconds' and 'epochs' must be numbers")
    return result


def _check_data(data: object) -> None:
    if not isinstance(data, dict) or not _is_table(data.get("sizes"), _is_count):
        raise ValueError("'data' must hold the data's sizes")
    if not all(isinstance(data.get(name), str) for name in ("source", "sha256")):
        raise ValueError("'data' must name its source and SHA-256")
    if not {"train", "val", "test"} <= {*data["sizes"]}:
        raise ValueError("'data' must hold the sizes of train, val and test")


def _is_table(value: object, fits: Callable[[object], bool]) -> bool:
    return isinstance(value, dict) and all(map(fits, value.values()))


def _is_number(value: object) -> bool:
    """A number of JSON; null stands for one that is not finite."""
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST


def _check_metrics(path: Path, result: Mapping[str, Any]) -> None:
    """Refuse curves that do not end as the result says: some rows are missing, or of another run."""
    if not path.is_file():
        if result["final"]:
            raise _Damaged("metrics.csv is missing")
        return
    rows = _read(path, lambda _: read_metrics(path))
    if not all(0 < row.get("epoch", 0) <= MOST for row in rows):
        raise _Damaged("metrics.csv has a row without an epoch")
    last: dict[str, float] = rows[-1] if rows else {}
    if {*last} - {"epoch"} != {*result["final"]}:
        raise _Damaged("metrics.csv does not end with the metrics that result.json calls final")
    for name, value in result["final"].items():
        logged = last[name]
        if value is not None and not math.isclose(logged, value, rel_tol=1e-6):
            raise _Damaged(f"metrics.csv ends with {name} {logged:g}, but result.json says {value:g}")


def _of_study(path: Path) -> tuple[tuple[str, ...], str]:
    """The arguments and the condition that a study has recorded; nothing for a run by itself."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        arguments, condition = known["arguments"], known["condition"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return (), ""
    if not isinstance(arguments, Sequence) or not all(isinstance(each, str) for each in arguments):
        return (), ""
    return tuple(arguments), condition if isinstance(condition, str) else ""
