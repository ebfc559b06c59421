"""Executes runs on a Ray cluster, without a shared disk: data and run folders travel through Ray."""

import dataclasses
import io
import logging
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from hw1_lightning.data.arrays import ArrayData
from hw1_lightning.errors import InputError
from hw1_lightning.study.jobs import Job
from hw1_lightning.study.local_executor import Event, Loaded, LocalExecutor, Work

# How often Ray retries a run whose worker was lost.
RETRIES = 3


class RayExecutor:
    """Executes each run as a Ray task with one core; every node must have this version of hw1 installed.

    Args:
        address: that of a running cluster, such as ``auto`` or ``ray://head:10001``; ``None`` starts one here.

    Raises:
        InputError: if Ray is not installed, or there is no cluster at that address.
    """

    def __init__(self, address: str | None = None) -> None:
        try:
            import ray  # an optional extra, and heavy
        except ImportError as error:
            raise InputError("Ray is not installed; pip install 'hw1-lightning[ray]'") from error
        if not ray.is_initialized():
            try:
                ray.init(address=address, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
            except (ConnectionError, ValueError) as error:
                message = f"no Ray cluster answers at '{address}': {str(error).splitlines()[0]}"
                raise InputError(f"{message}; start one, or leave out --address") from error

    def run(self, jobs: Sequence[Job], work: Work, loaded: Loaded) -> Iterator[Event]:
        """Execute runs; see ``study.local_executor.Executor``. Ray does not report when a run starts."""
        import ray

        held = ray.put(dict(loaded))
        execute = ray.remote(num_cpus=1, max_retries=RETRIES)(_on_worker)
        begun = {job: pack(job.folder) if job.state() == "begun" else b"" for job in jobs}
        pending = {execute.remote(work, job, begun[job], held): job for job in jobs}
        try:
            while pending:
                (ended,), _ = ray.wait(list(pending), num_returns=1)
                job = pending.pop(ended)
                try:
                    archive, succeeded = ray.get(ended)
                except ray.exceptions.RayError as error:
                    job.begin()
                    (job.folder / "failure.txt").write_text(f"{error}\n", encoding="utf-8")
                    yield job, "failed"
                    continue
                unpack(archive, job.folder)
                yield job, "done" if succeeded else "failed"
        finally:
            for left in pending:
                ray.cancel(left, force=True)


def _on_worker(work: Work, job: Job, begun: bytes, loaded: dict[str, ArrayData]) -> tuple[bytes, bool]:
    """Execute a run in a process of this node; return its packed folder and whether it succeeded."""
    with tempfile.TemporaryDirectory(prefix="hw1-") as place:
        here = dataclasses.replace(job, folder=Path(place) / job.folder.parent.name / job.folder.name)
        if begun:
            unpack(begun, here.folder)
        *_, (_, state) = LocalExecutor(1, threads=1).run([here], work, loaded)
        return pack(here.folder), state == "done"


def pack(folder: Path) -> bytes:
    """Pack a folder into the bytes of a tar archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.add(folder, arcname=".")
    return file.getvalue()


def unpack(content: bytes, folder: Path) -> None:
    """Unpack an archive from ``pack``; only plain files and folders, and nothing outside of the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(folder, filter="data")
