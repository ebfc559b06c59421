"""The runs of a study: what each is called with, where it lives, and whether it is done."""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hw1_lightning.study.finished import can_resume, is_finished
from hw1_lightning.study.specification import Condition, Study


@dataclass(frozen=True)
class Job:
    """One run of a study.

    Args:
        condition: name of the condition.
        seed: from 1.
        folder: the run's folder.
        arguments: of `hw1 fit`.
        identity: a hash of everything that its numbers depend on.
        together: what it has in common with runs that it could step together with; ``None`` for a run by itself.
    """

    condition: str
    seed: int
    folder: Path
    arguments: tuple[str, ...]
    identity: str
    together: str | None = None

    def state(self) -> Literal["done", "begun", "new"]:
        """Whether this very run is finished, or was begun and can go on from a checkpoint; else it is new.

        One whose files are damaged is new: see ``finished.read_finished``.
        """
        try:
            known = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))["identity"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return "new"
        if known != self.identity:
            return "new"
        if (self.folder / "result.json").is_file():
            return "done" if is_finished(self.folder) else "new"
        return "begun" if can_resume(self.folder) else "new"

    def begin(self) -> None:
        """Make the run's folder, without what another run has left there."""
        if self.state() == "new" and self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "failure.txt").unlink(missing_ok=True)
        known = {"identity": self.identity, "condition": self.condition, "seed": self.seed, "arguments": self.arguments}
        (self.folder / "run.json").write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


# Runs of one or several jobs in one process.
Task = tuple[Job, ...]
# More than this, and processors beside the one that steps for all would have nothing to do.
LARGEST_TASK = 16


def tasks_of(jobs: Sequence[Job], lockstep: bool) -> list[Task]:
    """Put runs into tasks: together what can step together and is new, the rest one by one.

    Args:
        jobs: the runs.
        lockstep: whether any may step together.

    Returns:
        The tasks, in the order of their first runs.
    """
    tasks: list[list[Job]] = []
    open_tasks: dict[str, list[Job]] = {}
    for job in jobs:
        joins = lockstep and job.together is not None and job.state() == "new"
        task = open_tasks.get(job.together or "") if joins else None
        if task is None or len(task) == LARGEST_TASK:
            task = []
            tasks.append(task)
            if joins:
                open_tasks[job.together or ""] = task
        task.append(job)
    return [tuple(task) for task in tasks]


def folder_of(study_folder: Path, condition: Condition, seed: int) -> Path:
    """The folder of a run in that of its study."""
    return study_folder / condition.slug / f"seed={seed:02d}"


def arguments_of(study: Study, condition: Condition, further: Sequence[str]) -> list[str]:
    """The arguments of `hw1 fit` for a condition, without its seed.

    Args:
        study: gives the shared config files.
        condition: its config files come next, and its options last.
        further: the user's, in between.

    Returns:
        The arguments.
    """
    configs = [f"--config={path}" for path in (*study.configs, *condition.configs)]
    return [*configs, *further, *(f"--{name}={_text(value)}" for name, value in condition.options.items())]


def seed_arguments(condition: Condition, seed: int) -> list[str]:
    """Give what varies the seed, and the rest seed 0."""
    seeds = {what: seed if what in condition.vary else 0 for what in ("init", "order", "dropout")}
    split = [f"--data.split_seed={seed}"] if "split" in condition.vary else []
    if len(set(seeds.values())) == 1:
        return [f"--seed_everything={seeds['init']}", *split]  # as a single `hw1 fit` would have it
    return [
        f"--seed_everything={seeds['init']}",
        f"--data.seed={seeds['order']}",
        f"--dropout_seed={seeds['dropout']}",
        *split,
    ]


def identity_of(config: Mapping[str, Any], data_sha256: str, version: str) -> str:
    """Hash what a run's numbers depend on.

    Args:
        config: all options of `hw1 fit`.
        data_sha256: the data's own hash, which stands for where the data came from.
        version: of this package.

    Returns:
        SHA-256 in hexadecimal.
    """
    without = {name: value for name, value in config.items() if name not in ("config", "name", "runs_dir", "ckpt_path")}
    without["data"] = {name: value for name, value in without.get("data", {}).items() if name != "source"}
    text = json.dumps([without, data_sha256, version], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
