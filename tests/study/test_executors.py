"""Executing runs in several processes, of which one fails, is killed, or loses its worker."""

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from hw1_lightning.data.arrays import ArrayData
from hw1_lightning.data.shared import load, move_to_shared_memory, offer, source_key
from hw1_lightning.data.sources import Digits, Teacher
from hw1_lightning.study.jobs import Job
from hw1_lightning.study.local_executor import Executor, LocalExecutor
from hw1_lightning.study.ray_executor import RayExecutor, pack, unpack
from tests.study.conftest import write_run


def jobs(folder: Path, *arguments: str) -> list[Job]:
    named = enumerate(arguments, start=1)
    return [Job("condition", seed, folder / f"seed={seed:02d}", (do,), f"id{seed}") for seed, do in named]


def finish(job: Job) -> None:
    identity = (job.folder / "run.json").read_bytes()
    write_run(job.folder, 0.5, job.seed)
    (job.folder / "run.json").write_bytes(identity)


def note(job: Job) -> None:
    """Replace a run: do what the argument says, and note the data and the threads."""
    job.begin()
    (do,) = job.arguments
    if do == "fail":
        raise SystemExit(1)
    if do == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if do.startswith("lose worker once "):
        marker = Path(do.removeprefix("lose worker once "))
        if not marker.exists():
            marker.touch()
            parent = multiprocessing.parent_process()
            assert parent is not None
            assert parent.pid is not None
            os.kill(parent.pid, signal.SIGKILL)
            time.sleep(60)
    data = load(Digits())
    finish(job)
    (job.folder / "seen.txt").write_text(f"{data.sha256} {data.train.inputs.is_shared()} {torch.get_num_threads()}")


@pytest.fixture(scope="module")
def ray_executor() -> Iterator[Executor]:
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    yield RayExecutor()
    ray.shutdown()


@pytest.fixture(params=["local", "ray"])
def executor(request: pytest.FixtureRequest) -> Executor:
    return LocalExecutor(2) if request.param == "local" else request.getfixturevalue("ray_executor")


def digits() -> dict[str, ArrayData]:
    data = Digits().load()
    assert move_to_shared_memory(data)
    return {source_key(Digits()): data}


@pytest.mark.slow
def test_a_failed_run_does_not_affect_the_others(executor: Executor, tmp_path: Path) -> None:
    wanted = jobs(tmp_path, "work", "fail", "work", "die", "work")
    ended = dict(executor.run(wanted, note, digits()))
    assert [ended[job] for job in wanted] == ["done", "failed", "done", "failed", "done"]
    for job in wanted:
        assert job.state() == ("done" if ended[job] == "done" else "new")
        if ended[job] == "done":
            sha256, shared, threads = (job.folder / "seen.txt").read_text().split()
            assert (sha256, shared, threads) == (Digits().load().sha256, "True", "1")


def test_ray_retries_a_run_whose_worker_was_lost(ray_executor: Executor, tmp_path: Path) -> None:
    wanted = jobs(tmp_path, f"lose worker once {tmp_path / 'marker'}", "work")
    assert dict(ray_executor.run(wanted, note, digits())) == dict.fromkeys(wanted, "done")
    assert (tmp_path / "marker").exists()


def test_closing_the_executor_kills_running_jobs(tmp_path: Path) -> None:
    wanted = jobs(tmp_path, "a", "b", "c")
    running = LocalExecutor(2).run(wanted, sleep_or_note, digits())
    assert [next(running) for _ in range(3)] == [(wanted[0], "running"), (wanted[1], "running"), (wanted[0], "done")]
    start = time.monotonic()
    running.close()  # type: ignore[attr-defined] # a generator
    assert time.monotonic() - start < 30
    assert not multiprocessing.active_children()


def sleep_or_note(job: Job) -> None:
    if job.arguments == ("a",):
        note(job)
    else:
        time.sleep(60)


def test_the_state_of_a_job_depends_on_its_identity_and_files(tmp_path: Path) -> None:
    job = jobs(tmp_path, "work")[0]
    assert job.state() == "new"
    job.begin()
    (job.folder / "checkpoints").mkdir()
    (job.folder / "checkpoints" / "last.ckpt").touch()
    assert job.state() == "new", "its curves are missing"
    (job.folder / "metrics.csv").write_text("epoch,val/loss\n1,0.5\n")
    assert job.state() == "begun"
    (job.folder / "metrics.csv").write_text("epoch,val/loss\n1,0.5")
    assert job.state() == "new", "its last row is cut off"
    finish(job)
    assert job.state() == "done"
    (job.folder / "result.json").write_text("")
    assert job.state() == "new"
    finish(job)
    other = Job(job.condition, job.seed, job.folder, job.arguments, "another identity")
    assert other.state() == "new"
    other.begin()
    assert not (job.folder / "result.json").exists()
    (job.folder / "run.json").write_text("{")
    assert other.state() == "new"


def test_a_packed_folder_is_unpacked_unchanged(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(b"\x00\xff")
    unpack(pack(tmp_path / "a"), tmp_path / "c")
    assert (tmp_path / "c" / "b" / "file").read_bytes() == b"\x00\xff"


def test_equal_sources_share_data_and_others_do_not() -> None:
    data = Digits().load()
    offer({source_key(Teacher(n_inputs=3)): data})
    assert load(Teacher(n_inputs=3)) is data
    assert load(Teacher(n_inputs=4)) is not data
    assert not move_to_shared_memory(Teacher(n_inputs=4).load())
