"""Executing the runs of a study in their folders, alone or in lockstep."""

import contextlib
import os
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from lightning.pytorch import Callback

from hw1_lightning.commands.messages import quiet_libraries
from hw1_lightning.commands.training import TrainingCLI
from hw1_lightning.study.jobs import Job, Task
from hw1_lightning.study.lockstep import Group, InLockstep


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
