"""The runs of a study as runs of `hw1 fit`: checked before the first one starts, and executed."""

import contextlib
import os
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback

from hw1_lightning import __version__
from hw1_lightning.commands.messages import mistakes_told, quiet_libraries
from hw1_lightning.commands.options import logged_metrics
from hw1_lightning.commands.study_seeds import refuse_copies
from hw1_lightning.commands.training import TrainingCLI
from hw1_lightning.data.arrays import ArrayData
from hw1_lightning.data.shared import in_shared_memory, key_of, offer
from hw1_lightning.errors import InputError
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.watching import why_one_step_at_a_time
from hw1_lightning.study.jobs import Job, Task, arguments_of, folder_of, identity_of, seed_arguments
from hw1_lightning.study.lockstep import Group, InLockstep, can_step_together
from hw1_lightning.study.quantities import CURVES
from hw1_lightning.study.specification import Condition, Study


class PreparedFit(TrainingCLI):
    """`hw1 fit` up to the moment when it would make its folder: options parsed and checked, model and data made."""

    def fit(self, **_: Any) -> None:
        """Check what `hw1 fit` checks."""
        self.refuse_what_cannot_train()


@dataclass(frozen=True)
class Plan:
    """The runs of a study, and the data they share.

    Args:
        jobs: seed by seed, so that an interrupted study has compared all conditions in some seeds.
        loaded: data by ``key_of`` its source.
        epochs: how many each condition trains at most.
    """

    jobs: tuple[Job, ...]
    loaded: dict[str, ArrayData]
    epochs: dict[str, int]


def plan_runs(study: Study, seeds: int, further: Sequence[str], folder: Path) -> Plan:
    """Check every condition as `hw1 fit` would, and load the data.

    Args:
        study: what to compare.
        seeds: how many seeds, 1, 2, 3, ...
        further: more options of `hw1 fit`, for all runs.
        folder: that of the study.

    Returns:
        The plan.

    Raises:
        InputError: naming the line of the study's file, if a condition cannot run.
    """
    quiet_libraries()
    loaded: dict[str, ArrayData] = {}
    epochs, of_condition = {}, {}
    for condition in study.conditions:
        prepared = _prepare(study, condition, further)
        arrays = prepared.datamodule.arrays
        if in_shared_memory(prepared.datamodule.stored):
            loaded[key_of(prepared.datamodule.source)] = prepared.datamodule.stored
            offer(loaded)
        config = prepared.config["fit"].as_dict()
        refuse_copies(study, condition, seeds, prepared)
        if isinstance(prepared.model, StackModule):  # others may log anything
            refuse_unlogged(study, condition.name, logged_metrics(prepared.model, config.get))
        epochs[condition.name] = prepared.trainer.max_epochs or 0
        alike = can_step_together(prepared.model) and _in_stacks(prepared) and _on_cpu(prepared)
        of_condition[condition.name] = config, arrays.sha256, alike
    jobs = []
    for seed in range(1, seeds + 1):
        for condition in study.conditions:
            own = seed_arguments(condition, seed)
            config, sha256, alike = of_condition[condition.name]
            identity = identity_of({**config, "seeds": own}, sha256, __version__)
            arguments = (*arguments_of(study, condition, further), *own)
            together = _in_common(config, condition, seed, sha256) if alike else None
            place = folder_of(folder, condition, seed)
            jobs.append(Job(condition.name, seed, place, arguments, identity, together))
    return Plan(tuple(jobs), loaded, epochs)


def refuse_unlogged(study: Study, condition: str, logged: set[str]) -> None:
    """Refuse to compare by, or to claim anything about, a metric that a condition's runs do not log.

    Args:
        study: what is compared and claimed.
        condition: whose runs.
        logged: the columns of their metrics.csv.

    Raises:
        InputError: naming the line of a claim, and what is logged.
    """
    there = f"is not logged by '{condition}'; it logs {', '.join(sorted(logged))}"
    for metric in study.metrics:
        if metric in CURVES and metric not in logged:
            raise InputError(f"{study.path}: metric {metric} {there}")
    for claim in study.claims:
        for check in claim.checks:
            if condition in (check.of, *check.than) and check.metric in CURVES and check.metric not in logged:
                line = study.lines["claims", claim.id]
                raise InputError(f"{study.path}:{line}: the claim '{claim.id}' is about {check.metric}, which {there}")


def _in_stacks(prepared: PreparedFit) -> bool:
    model, trainer, data = prepared.model, prepared.trainer, prepared.datamodule
    return trainer.world_size == 1 and why_one_step_at_a_time(trainer, model, data) is None


def _on_cpu(prepared: PreparedFit) -> bool:
    return bool(prepared.trainer.strategy.root_device.type == "cpu")


def _in_common(config: Mapping[str, Any], condition: Condition, seed: int, sha256: str) -> str:
    """What runs must share to step together: all but first weights, rate and weight decay; so the order as well."""
    model = dict(config["model"]["init_args"])
    for free in ("learning_rate", "weight_decay"):
        model.pop(free, None)
    order = config["data"].get("seed")
    order = (seed if "order" in condition.vary else 0) if order is None else order
    split = seed if "split" in condition.vary else config["data"].get("split_seed")
    shared = {name: value for name, value in config.items() if name != "seed_everything"}
    return identity_of({**shared, "model": model, "order": order, "split": split}, sha256, __version__)


def _prepare(study: Study, condition: Condition, further: Sequence[str]) -> PreparedFit:
    arguments = [*arguments_of(study, condition, further), *seed_arguments(condition, 1)]
    try:
        with mistakes_told():
            return PreparedFit(["fit", "--trainer.enable_progress_bar=false", *arguments])
    except InputError as error:
        named = [line for (of, name), line in study.lines.items() if of == condition.name and _names(str(error), name)]
        place = f"{study.path}:{named[0]}" if named else f"{study.path}"
        raise InputError(f"{place}: condition '{condition.name}': {error}") from error


def _names(message: str, option: str) -> bool:
    return option in message or option.rpartition(".")[2] in message


def execute(task: Task) -> None:
    """Execute runs in their folders, on from the last checkpoint of one that was begun; several take steps together.

    What they print goes to log.txt of the first. If one fails, failure.txt holds its traceback and the process ends
    with 1.

    Args:
        task: the runs.
    """
    quiet_libraries()
    for job in task:
        job.begin()
    with (task[0].folder / "log.txt").open("a", encoding="utf-8") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    if len(task) == 1:
        succeeded = [_execute(task[0])]
    else:
        group = Group(len(task))
        with ThreadPoolExecutor(len(task)) as threads:
            succeeded = list(threads.map(partial(_execute, group=group), task))
    if not all(succeeded):
        raise SystemExit(1)


def _execute(job: Job, group: Group | None = None) -> bool:
    """Execute one run, perhaps in a group, and record its failure; gives whether it succeeded."""
    arguments = ["fit", "--trainer.enable_progress_bar=false", *job.arguments]
    try:
        with contextlib.ExitStack() as stack:
            callbacks = [] if group is None else stack.enter_context(_membership(group))
            TrainingCLI(arguments, folder=job.folder, callbacks=callbacks)
    except BaseException:  # whatever it is, the other runs go on
        (job.folder / "failure.txt").write_text(traceback.format_exc(), encoding="utf-8")
        return False
    return True


@contextlib.contextmanager
def _membership(group: Group) -> Iterator[list[Callback]]:
    """What makes a run step with its group; the group goes on without it when it ends, however it ends."""
    group.setting_up.acquire()
    member = InLockstep(group)
    try:
        yield [member]
    finally:
        member.end()
