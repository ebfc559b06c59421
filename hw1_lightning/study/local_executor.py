"""Executes runs as processes of this machine, several at a time, which share the data and the threads."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from typing import Any, Literal, Protocol

import torch
import torch.multiprocessing  # lets processes hand tensors in shared memory to each other

from hw1_lightning.data.arrays import ArrayData
from hw1_lightning.data.shared import offer
from hw1_lightning.study.jobs import Job

Work = Callable[[Job], None]
# A run and its new state.
Event = tuple[Job, Literal["running", "done", "failed"]]
Loaded = Mapping[str, ArrayData]


class Executor(Protocol):
    """The interface of classes that execute runs."""

    def run(self, jobs: Sequence[Job], work: Work, loaded: Loaded) -> Iterator[Event]:
        """Execute runs.

        Args:
            jobs: the runs.
            work: a module's function that executes a run in its own process and writes its folder.
            loaded: data by ``shared.source_key`` its source.

        Yields:
            Each run as ``done`` or ``failed`` when it has ended and, where its start is known, before that as
            ``running``. Closing the iterator stops the runs that are still running.
        """


class LocalExecutor:
    """Executes each run in a process of its own, so that a crash does not affect other runs.

    Args:
        workers: number of runs at a time.
        threads: CPU threads of each; ``None`` divides those of torch evenly.
    """

    def __init__(self, workers: int, threads: int | None = None) -> None:
        self.workers = workers
        self.threads = threads or max(1, torch.get_num_threads() // workers)

    def run(self, jobs: Sequence[Job], work: Work, loaded: Loaded) -> Iterator[Event]:
        """Execute runs; see ``Executor``."""
        method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        context: Any = multiprocessing.get_context(method)  # its type lacks Process, which every context has
        if method == "forkserver":  # imports the modules of all runs once
            context.set_forkserver_preload([work.__module__])
        waiting, running = deque(jobs), dict[Any, tuple[BaseProcess, Job]]()
        try:
            while waiting or running:
                while waiting and len(running) < self.workers:
                    job = waiting.popleft()
                    process = context.Process(target=_run_in_process, args=(work, job, dict(loaded), self.threads))
                    process.start()
                    running[process.sentinel] = process, job
                    yield job, "running"
                for sentinel in connection.wait(list(running)):
                    process, job = running.pop(sentinel)
                    process.join()
                    yield job, "failed" if process.exitcode else "done"
        finally:
            for process, _ in running.values():
                process.kill()
                process.join()


def _run_in_process(work: Work, job: Job, loaded: dict[str, ArrayData], threads: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles it
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    torch.set_num_threads(threads)
    offer(loaded)
    work(job)


def _exit_with_parent() -> None:
    """Exit with the parent, so that an orphaned run never writes to a folder that its successor uses."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
