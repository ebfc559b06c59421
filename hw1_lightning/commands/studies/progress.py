"""Progress of a study: a bar on a terminal, otherwise a line every ten seconds."""

import sys
import threading
import time
from typing import Self

from tqdm import tqdm

from hw1_lightning.study.jobs import Job

LINE_SECONDS = 10.0


class StudyProgress:
    """How many runs have ended, how many are running and have failed, and the time left.

    Without a terminal, a thread prints the lines, since a single run may take longer than ten seconds.

    Args:
        total: the number of runs to execute.
    """

    def __init__(self, total: int) -> None:
        self.states: dict[Job, str] = {}
        self._total, self._started = total, time.monotonic()
        is_terminal = sys.stderr.isatty()
        self._bar = tqdm(total=total, unit="run", disable=not is_terminal, dynamic_ncols=True)
        self._ended = threading.Event()
        self._thread = None if is_terminal else threading.Thread(target=self._print_lines, daemon=True)

    def __enter__(self) -> Self:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        self._bar.close()

    def update(self, job: Job, state: str) -> None:
        """Record the state of a run: "running", "done" or "failed"."""
        self.states[job] = state
        self._bar.update(state != "running")
        self._bar.set_postfix_str(self._counts().removeprefix(", "))

    def _counts(self) -> str:
        now = list(self.states.values())
        return "".join(f", {now.count(state)} {state}" for state in ("running", "failed") if state in now)

    def _print_lines(self) -> None:
        while not self._ended.wait(LINE_SECONDS):
            ended = sum(state != "running" for state in list(self.states.values()))
            seconds = (time.monotonic() - self._started) / ended * (self._total - ended) if ended else 0.0
            left = f", {tqdm.format_interval(seconds)} left" if ended else ""
            print(f"hw1: {ended}/{self._total} runs ended{self._counts()}{left}", file=sys.stderr, flush=True)
