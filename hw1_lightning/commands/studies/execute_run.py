"""The execution of one run of a study, in a process of its own."""

import os
import sys
import traceback

from hw1_lightning.commands.fitting.training_cli import TrainingCLI
from hw1_lightning.commands.parser.messages import quiet_libraries
from hw1_lightning.study.jobs import Job


def execute(job: Job) -> None:
    """Execute a run in its folder, from its last checkpoint if there is one.

    Its output goes to log.txt. If it fails, its traceback goes to failure.txt and the process exits with status 1.
    """
    quiet_libraries()
    job.begin()
    with (job.folder / "log.txt").open("a", encoding="utf-8") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    try:
        TrainingCLI(["fit", "--trainer.enable_progress_bar=false", *job.arguments], folder=job.folder)
    except BaseException as error:  # of any kind: the other runs continue
        (job.folder / "failure.txt").write_text(traceback.format_exc(), encoding="utf-8")
        raise SystemExit(1) from error
