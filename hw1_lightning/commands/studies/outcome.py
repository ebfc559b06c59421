"""What becomes of a study in a command that runs several: an error in one of them does not stop the others."""

import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import yaml

from hw1_lightning.commands.parser.messages import keep_traceback
from hw1_lightning.commands.studies.files import PlannedStudy
from hw1_lightning.commands.studies.pages import write_page
from hw1_lightning.errors import InputError, UnexpectedError
from hw1_lightning.files import replacing
from hw1_lightning.study.jobs import Job
from hw1_lightning.study.planned_runs import write_planned
from hw1_lightning.study.replacement import remove_runs, replaced_by
from hw1_lightning.study.results import StudyResults, read_runs
from hw1_lightning.study.shared_runs import remove_unfinished_copies


@dataclass(eq=False)
class Outcome:
    """What has become of a study.

    Args:
        planned: the study.
        results: its runs, after the last of them.
        status: 0; 1 if a run failed or an error was unexpected; 2 for an error that the user can fix.
    """

    planned: PlannedStudy
    results: StudyResults | None = None
    status: int = 0

    def begin(self) -> bool:
        """Prepare the study's folder; return whether that succeeded, so that its runs can start."""
        return self._attempt(lambda: _prepare_folder(self.planned))

    def finish(self, failed: Mapping[Job, str]) -> None:
        """Write and print the results; ``failed`` are the runs of all studies that failed, with the reason."""
        lost = [job for job in self.planned.jobs if job in failed]
        self.status = 1 if lost else 0
        self._attempt(self._write_results)
        for job in lost:
            print(f"hw1: failed: {job.condition}, seed {job.seed}; {failed[job]}", file=sys.stderr)

    def _write_results(self) -> None:
        folder = self.planned.folder
        self.results = read_runs(self.planned.study, folder)
        write_page(self.results)
        print(f"view           {shlex.join(['tensorboard', '--logdir', str(folder)])}", flush=True)

    def _attempt(self, work: Callable[[], None]) -> bool:
        try:
            with keep_traceback(self.planned.folder):
                work()
        except (InputError, UnexpectedError) as error:
            print(f"hw1: error: {error}", file=sys.stderr)
            self.status = 2 if isinstance(error, InputError) else 1
            return False
        return True


def _prepare_folder(one: PlannedStudy) -> None:
    """Remove what is replaced, which is nothing without --force, and write which runs the study consists of."""
    remove_runs(replaced_by(one.jobs))
    remove_unfinished_copies(one.folder)
    write_planned(one.folder, {(job.condition, job.seed): job.identity for job in one.jobs})
    with replacing(one.folder / "study.yaml", "; choose --runs_dir") as temporary:
        text = yaml.safe_dump(one.study.as_dict(), sort_keys=False, allow_unicode=True)
        temporary.write_text(text, encoding="utf-8")
