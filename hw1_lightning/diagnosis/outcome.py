"""What a run gave: the numbers that a report could have given."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hw1_lightning.diagnosis.catalogue.entry import Reading
from hw1_lightning.diagnosis.reported import Number
from hw1_lightning.files import replacing


@dataclass(frozen=True)
class Limit:
    """The range of a number of one epoch; a program that leaves it is excluded.

    Args:
        metric: its name.
        epoch: from 1.
        low: its least value.
        high: its greatest value.
    """

    metric: str
    epoch: int
    low: float
    high: float


def exceeds(value: float | None, limit: Limit) -> bool:
    """Return whether a number is outside its limits; ``None`` is not known yet."""
    return value is not None and not limit.low <= value <= limit.high


@dataclass(frozen=True)
class Outcome:
    """The numbers of one run.

    Args:
        curves: each metric's value after each epoch; NaN where there is none.
        test: metrics of the test split at the end.
        complete: whether the run was trained to its end, not stopped when it was excluded.
        seconds: that training took.
    """

    curves: Mapping[str, tuple[float, ...]]
    test: Mapping[str, float]
    complete: bool = True
    seconds: float = 0.0

    def value(self, number: Number, readings: tuple[Reading, ...] = ()) -> float:
        """Return what a report would give as this number.

        Args:
            number: of which only metric and epoch are used.
            readings: mistakes in what is reported.

        Returns:
            The number; NaN if the run has none.
        """
        metric, epoch = number.metric, number.epoch
        if metric.startswith("test/"):
            return self.test.get(metric, math.nan)
        if epoch is None:
            return self._final(metric, readings)
        curve = self.curves.get(metric, ())
        return curve[epoch - 1] if epoch <= len(curve) else math.nan

    def is_excluded(self, limits: tuple[Limit, ...]) -> bool:
        """Return whether one of the run's numbers is outside its limits."""
        return any(
            len(curve := self.curves.get(limit.metric, ())) >= limit.epoch and exceeds(curve[limit.epoch - 1], limit)
            for limit in limits
        )

    def _final(self, metric: str, readings: tuple[Reading, ...]) -> float:
        curve = self.curves.get(metric, ())
        if not curve:
            return math.nan
        if "best epoch" not in readings:
            return curve[-1]
        accuracies = [-math.inf if math.isnan(each) else each for each in self.curves["val/accuracy"]]
        return curve[accuracies.index(max(accuracies))]


def write_outcome(outcome: Outcome, path: Path) -> None:
    """Write an outcome as JSON, atomically; NaN becomes null."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(_without_nan(asdict(outcome))) + "\n", encoding="utf-8")


def read_outcome(path: Path) -> Outcome | None:
    """Read an outcome; ``None`` if the file is missing or damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        curves = {name: tuple(map(_number, values)) for name, values in found["curves"].items()}
        test = {name: _number(value) for name, value in found["test"].items()}
        return Outcome(curves, test, found["complete"] is True, float(found["seconds"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nan(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
