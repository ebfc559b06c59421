"""What a run's folder records for a repetition; the folder may come from another person."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from hw1_lightning.commands.parser.config_files import read_yaml
from hw1_lightning.commands.resuming.history import DATA
from hw1_lightning.errors import InputError
from hw1_lightning.runs.metrics_reader import read_metrics
from hw1_lightning.runs.option_effects import is_harmless, is_of_source


@dataclass(frozen=True)
class RecordedRun:
    """A run's folder, read and checked; no code from it is run.

    Args:
        folder: the run's folder.
        trusted: packages whose classes its options may name, in addition to hw1's own.

    Raises:
        InputError: by each attribute whose file cannot be read, or is not as `hw1 fit` writes it.
    """

    folder: Path
    trusted: Sequence[str] = ()

    @cached_property
    def options(self) -> dict[str, Any]:
        """All options in its config.yaml, unchecked."""
        path = self.folder / "config.yaml"
        if not path.is_file():
            raise InputError(f"{self.folder} is not a run's folder: it has no config.yaml; give runs/NAME/VERSION")
        content = read_yaml(path)
        complete = isinstance(content, dict) and all(isinstance(content.get(name), dict) for name in ("model", "data"))
        if not complete or not isinstance(content.get("trainer") or {}, dict):
            raise InputError(f"{path} is not the config of a run: it lacks model, data or trainer")
        return dict(content)

    @cached_property
    def result(self) -> dict[str, Any]:
        """The content of result.json; empty for a run that has not finished."""
        path = self.folder / "result.json"
        if not path.is_file():
            return {}
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise InputError(f"{path} cannot be read: {' '.join(str(error).split())}") from error
        return content if isinstance(content, dict) else {}

    @cached_property
    def rows(self) -> list[dict[str, float]]:
        """The rows of metrics.csv, at least one."""
        path = self.folder / "metrics.csv"
        try:
            rows = read_metrics(path) if path.is_file() else []
            numbered = [row["epoch"] for row in rows] == list(range(1, len(rows) + 1))
        except (OSError, ValueError, TypeError, KeyError, csv.Error) as error:
            raise InputError(f"{path} is not a table of numbers, one row an epoch: {error}") from error
        if not rows or not numbered:
            raise InputError(f"{path} holds no epoch to compare with; rows must be those of epochs 1, 2, ...")
        return rows

    @property
    def rows_or_none(self) -> list[dict[str, float]]:
        """The same; empty for a run that diverged in its first epoch."""
        return self.rows if (self.folder / "metrics.csv").is_file() else []

    def is_complete(self, epochs: int) -> bool:
        """Return whether so many epochs are all of a run that has finished."""
        return epochs == len(self.rows) and bool(self.result)

    @property
    def examples(self) -> dict[str, int]:
        """The number of examples that each accuracy is a share of, by its name."""
        return {f"{split}/accuracy": size for split, size in (self.part("data").get("sizes") or {}).items()}

    def metrics(self, name: str) -> dict[str, float]:
        """Return the numbers in ``final`` or ``test`` of result.json, by name."""
        return {key: float(value) for key, value in self.part(name).items() if isinstance(value, int | float)}

    def part(self, name: str) -> Mapping[str, Any]:
        """Return a mapping in result.json; empty if there is none."""
        found = self.result.get(name)
        return found if isinstance(found, dict) else {}

    @cached_property
    def changes(self) -> list[Mapping[str, Any]]:
        """Options that were changed when the run was resumed, and that could change its numbers, in order."""
        found = self.options.get("history") or []
        if not all(isinstance(change, dict) and isinstance(change.get("epoch"), int) for change in found):
            raise InputError(f"{self.folder / 'config.yaml'}: history is not as hw1 writes it")
        # Another path of the data matters only if its SHA-256 changed too.
        others = [change["epoch"] for change in found if change.get("option") == DATA]

        return [
            change
            for change in found
            if not is_harmless(name := str(change.get("option"))) or (is_of_source(name) and change["epoch"] in others)
        ]

    @property
    def redefined(self) -> tuple[str, ...]:
        """The metrics that this version defines otherwise: up to 0.2.0, the norm of linear models had no bias."""
        older, linear = "order" not in self.options["data"], "weights/zero_fraction" in self.rows[0]
        return ("weights/l2_norm",) if older and linear else ()

    @property
    def data_sha256(self) -> object:
        """The SHA-256 of the data that the run began with; ``None`` if it was not recorded."""
        old = (change.get("old") for change in self.changes if change.get("option") == DATA)
        return next(old, self.part("data").get("sha256"))

    @property
    def epochs(self) -> int:
        """How many epochs can be repeated: all, or those before an option was changed or time ran out."""
        first = min((change["epoch"] for change in self.changes), default=len(self.rows) + 1)
        return min(len(self.rows) - self.ended_by_time, first - 1)

    @property
    def ended_by_time(self) -> bool:
        """Whether ``max_time`` may have ended the last epoch early, which depends on the machine."""
        return bool((self.options.get("trainer") or {}).get("max_time"))
