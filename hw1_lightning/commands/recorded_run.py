"""What a run's folder holds that repeating it needs; the folder may come from another person."""

import csv
import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from hw1_lightning.commands.config_files import load
from hw1_lightning.commands.history import DATA, SOURCE
from hw1_lightning.commands.received import refuse_untrusted
from hw1_lightning.errors import InputError
from hw1_lightning.metrics_file import read_metrics

# What changes numbers, of a run's own options and of the trainer's. Other options could write files, or do nothing.
OPTIONS = (
    *("seed_everything", "dropout_seed", "threads", "train_accuracy", "excess_loss", "test_after_fit", "test_weights"),
    *("model", "data", "optimizer", "lr_scheduler"),
)
TRAINER = (
    *("max_epochs", "max_steps", "precision", "gradient_clip_val", "gradient_clip_algorithm"),
    *("accumulate_grad_batches", "limit_train_batches", "limit_val_batches", "limit_test_batches", "overfit_batches"),
    *("val_check_interval", "check_val_every_n_epoch", "num_sanity_val_steps", "log_every_n_steps", "deterministic"),
    *("benchmark", "detect_anomaly", "inference_mode", "use_distributed_sampler", "sync_batchnorm"),
    *("reload_dataloaders_every_n_epochs", "enable_checkpointing", "devices", "num_nodes"),
)
# Changes of these, when a run was resumed, do not change its numbers.
HARMLESS = (
    *("trainer.max_epochs", "trainer.enable_", "trainer.log", "trainer.default_root_dir", "data.steps_per_execution"),
    *("data.source", "threads", "test_", "train_accuracy", "excess_loss", "templates_every_n_epochs"),
)
# These can change numbers too, but they are classes that do anything, or decide when training ends.
LEFT_OUT = ("callbacks", "plugins", "profiler", "min_steps")


@dataclass(frozen=True)
class RecordedRun:
    """A run's folder, read and checked; nothing in it is executed.

    Args:
        folder: the run's.
        trusted: packages whose classes its options may name, besides hw1's own.

    Raises:
        InputError: when an attribute is asked for that cannot be read, or is not as `hw1 fit` writes it.
    """

    folder: Path
    trusted: Sequence[str] = ()

    @cached_property
    def options(self) -> dict[str, Any]:
        """All options in its config.yaml, unchecked."""
        path = self.folder / "config.yaml"
        if not path.is_file():
            raise InputError(f"{self.folder} is not a run's folder: it has no config.yaml; give runs/NAME/VERSION")
        try:
            content = load(path.read_text(encoding="utf-8-sig"))
        except (OSError, yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            raise InputError(f"{path} cannot be read: {' '.join(str(error).split())}") from error
        whole = isinstance(content, dict) and all(isinstance(content.get(name), dict) for name in ("model", "data"))
        if not whole or not isinstance(content.get("trainer") or {}, dict):
            raise InputError(f"{path} is not the config of a run: it lacks model, data or trainer")
        return dict(content)

    @cached_property
    def result(self) -> dict[str, Any]:
        """result.json; empty for a run that has not finished."""
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
        """metrics.csv, at least one row."""
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
        """The same, perhaps none: of a run that diverged in its first epoch."""
        return self.rows if (self.folder / "metrics.csv").is_file() else []

    def is_whole(self, epochs: int) -> bool:
        """Whether so many epochs are all of a run that has finished."""
        return epochs == len(self.rows) and bool(self.result)

    @property
    def examples(self) -> dict[str, int]:
        """How many examples each accuracy is a share of, by its name."""
        return {f"{split}/accuracy": size for split, size in (self.part("data").get("sizes") or {}).items()}

    def metrics(self, name: str) -> dict[str, float]:
        """Numbers in result.json by name, of ``final`` or ``test``."""
        return {key: float(value) for key, value in self.part(name).items() if isinstance(value, int | float)}

    def part(self, name: str) -> Mapping[str, Any]:
        """A mapping in result.json; empty if there is none."""
        found = self.result.get(name)
        return found if isinstance(found, dict) else {}

    @cached_property
    def changes(self) -> list[Mapping[str, Any]]:
        """Options that were changed when the run was resumed, and could change its numbers; the first comes first."""
        found = self.options.get("history") or []
        if not all(isinstance(change, dict) and isinstance(change.get("epoch"), int) for change in found):
            raise InputError(f"{self.folder / 'config.yaml'}: history is not what hw1 writes")
        # Where the data are matters only where they became others.
        others = [change["epoch"] for change in found if change.get("option") == DATA]
        named = [(str(change.get("option")), change) for change in found]
        return [
            change
            for name, change in named
            if not name.startswith(HARMLESS) or (name.startswith(SOURCE) and change["epoch"] in others)
        ]

    @property
    def data_sha256(self) -> object:
        """That of the data that the run began with; ``None`` if it was not recorded."""
        old = (change.get("old") for change in self.changes if change.get("option") == DATA)
        return next(old, self.part("data").get("sha256"))

    @property
    def epochs(self) -> int:
        """How many epochs can be repeated: all, or those before an option was changed or time ran out."""
        first = min((change["epoch"] for change in self.changes), default=len(self.rows) + 1)
        return min(len(self.rows) - self.ended_by_time, first - 1)

    @property
    def ended_by_time(self) -> bool:
        """Whether the last epoch may have ended in its middle, as ``max_time`` does on another machine elsewhere."""
        return bool((self.options.get("trainer") or {}).get("max_time"))

    def repeatable(self) -> dict[str, Any]:
        """The options that its numbers depend on.

        Raises:
            InputError: if they name a class of another package.
        """
        options, config = self.options, self.folder / "config.yaml"
        source = options["data"].get("source")
        path = source.get("class_path") if isinstance(source, dict) else source
        for name, kind in (("model", options["model"].get("class_path")), ("data.source", path)):
            refuse_untrusted(name, kind, config, self.trusted)
        for name in ("optimizer", "lr_scheduler"):
            given = options.get(name)
            if given is not None:
                kind = given.get("class_path") if isinstance(given, dict) else given
                refuse_untrusted(name, kind, config, (*self.trusted, "torch.optim", "lightning.pytorch.cli"))
        kept = deepcopy({**{name: options[name] for name in OPTIONS if name in options}, "trainer": self._trainer()})
        for change in reversed(self.changes):
            _set(kept, str(change.get("option")), change.get("old"))
        return kept

    def _trainer(self) -> dict[str, Any]:
        given = self.options.get("trainer") or {}
        kept = {name: given[name] for name in TRAINER if name in given}
        if given.get("max_time") and kept.get("max_epochs") is None:
            kept["max_epochs"] = -1
        if isinstance(given.get("strategy"), str) and given["strategy"].startswith("ddp"):
            kept["strategy"] = given["strategy"]
        return {**kept, "accelerator": "cpu" if given.get("accelerator") == "cpu" else "auto"}

    def left_out(self) -> list[str]:
        """Options that the numbers may depend on and that are not repeated."""
        given = self.options.get("trainer") or {}
        names = [name for name in LEFT_OUT if given.get(name)]
        strategy = given.get("strategy", "auto")
        other = strategy != "auto" and not (isinstance(strategy, str) and strategy.startswith("ddp"))
        return [f"trainer.{name}" for name in [*names, *(["strategy"] if other else [])]]


def _set(options: dict[str, Any], name: str, value: object) -> None:
    """Set an option by its name on the command line, if it is one of those."""
    *groups, last = name.split(".")
    place: Any = options
    for group in groups:
        place = place.get(group) if isinstance(place, dict) else None
        place = place.setdefault("init_args", {}) if isinstance(place, dict) and "class_path" in place else place
    if isinstance(place, dict) and (groups[:1] != ["trainer"] or last in TRAINER) and (groups or last in OPTIONS):
        place[last] = value
