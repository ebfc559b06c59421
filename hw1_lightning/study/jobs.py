"""The runs of a study: the arguments and the folder of each, and whether it is done."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from hw1_lightning.files import replacing
from hw1_lightning.shipped import name_of_config
from hw1_lightning.study.finished import CHECKPOINT, can_resume, is_finished
from hw1_lightning.study.identity import SEEDS
from hw1_lightning.study.run_options import text_of
from hw1_lightning.study.specification import Condition, Study


@dataclass(frozen=True)
class Job:
    """One run of a study.

    Args:
        condition: name of the condition.
        seed: from 1.
        folder: the run's folder.
        arguments: of `hw1 fit`.
        identity: a hash of all that its numbers depend on.
        record: what the identity depends on, from ``identity.record_of``.
    """

    condition: str
    seed: int
    folder: Path
    arguments: tuple[str, ...]
    identity: str
    record: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def recorded(self) -> dict[str, Any]:
        """Return what run.json says of the run in this folder; empty if it cannot be read."""
        return read_mapping(self.folder / "run.json") or {}

    def state(self) -> Literal["done", "begun", "new"]:
        """Return whether this run is finished, was begun and can be resumed from a checkpoint, or is new.

        A run with damaged files is new: see ``finished.read_finished``.
        """
        if self.recorded().get("identity") != self.identity:
            return "new"
        if (self.folder / "result.json").is_file():
            return "done" if is_finished(self.folder) else "new"
        return "begun" if can_resume(self.folder) else "new"

    def replaces(self) -> Literal["finished", "unfinished"] | None:
        """Return which other run ``begin`` would remove: a finished one, or one trained for some epochs."""
        if self.recorded().get("identity") == self.identity:
            return None
        if (self.folder / "result.json").is_file():
            return "finished"
        return "unfinished" if (self.folder / CHECKPOINT).is_file() else None

    def begin(self) -> None:
        """Create the run's folder, and remove another run from it."""
        if self.state() == "new" and self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "failure.txt").unlink(missing_ok=True)
        self.write_record(self.folder)

    def write_record(self, folder: Path, **further: str) -> None:
        """Write run.json, which says which run a folder holds, atomically; ``further`` are further entries."""
        known = {"identity": self.identity, "condition": self.condition, "seed": self.seed, "arguments": self.arguments}
        with replacing(folder / "run.json") as temporary:
            text = json.dumps({**known, **further, "record": self.record}, indent=2)
            temporary.write_text(text + "\n", encoding="utf-8")


def read_mapping(path: Path) -> dict[str, Any] | None:
    """Read a JSON file that holds a mapping; ``None`` if it is missing or damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def folder_of(study_folder: Path, condition: Condition, seed: int) -> Path:
    """Return the folder of a run."""
    return study_folder / condition.slug / f"seed={seed:02d}"


def arguments_of(study: Study, condition: Condition, further: Sequence[str]) -> list[str]:
    """Return the arguments of `hw1 fit` for a condition, without its seed.

    Args:
        study: gives the shared config files.
        condition: its config files come next, and its options last.
        further: the user's, in between.
    """
    configs = [f"--config={name_of_config(path)}" for path in (*study.configs, *condition.configs)]
    return [*configs, *further, *(f"--{name}={text_of(value)}" for name, value in condition.options.items())]


def seed_arguments(condition: Condition, seed: int) -> list[str]:
    """Return the arguments that give each kind of randomness the seed if it varies, else seed 0."""
    seeds = {what: seed if what in condition.vary else 0 for what in ("init", "order", "dropout")}
    split = [f"--data.split_seed={seed}"] if "split" in condition.vary else []
    first, *others = (f"--{name}={seed}" for name, seed in zip(SEEDS, seeds.values(), strict=True))
    return [first, *split] if len(set(seeds.values())) == 1 else [first, *others, *split]
