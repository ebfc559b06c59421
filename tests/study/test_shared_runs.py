"""Which of several equal runs is executed, and copies of it: complete or not there, whatever fails or is killed."""

import dataclasses
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hw1_lightning.errors import InputError
from hw1_lightning.runs.folder import exclusive_lock
from hw1_lightning.study import shared_runs
from hw1_lightning.study.jobs import Job
from hw1_lightning.study.shared_runs import copy_all, copy_run, describe_copies, remove_unfinished_copies, share
from tests.study.conftest import write_run


def job(folder: Path, study: str, condition: str, seed: int, identity: str) -> Job:
    return Job(condition, seed, folder / study / condition / f"seed={seed:02d}", (condition,), identity)


def finish(job: Job) -> Job:
    job.begin()
    record = (job.folder / "run.json").read_bytes()
    write_run(job.folder, 0.5, job.seed)
    (job.folder / "run.json").write_bytes(record)
    (job.folder / "checkpoints").mkdir()
    (job.folder / "checkpoints" / "last.ckpt").write_bytes(b"weights")
    return job


def begin(job: Job) -> Job:
    finish(job)
    (job.folder / "result.json").unlink()
    return job


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_equal_runs_are_executed_once_in_the_order_of_the_seeds(tmp_path: Path) -> None:
    first = [job(tmp_path, "one", "a", seed, f"equal {seed}") for seed in (1, 2)]
    second = [job(tmp_path, "two", "b", seed, f"equal {seed}") for seed in (1, 2)]
    other = job(tmp_path, "two", "c", 1, "other")
    shared = share([*first, *second, other])
    assert shared.execute == (first[0], other, first[1])
    assert shared.copies == shared.waiting() == dict(zip(second, first, strict=True))
    assert shared.ready() == {}
    assert describe_copies(shared.copies) == [f"2 runs of {tmp_path / 'two'} are those of {tmp_path / 'one'}"]
    assert describe_copies({second[0]: first[0]}) == [f"1 run of {tmp_path / 'two'} is one of {tmp_path / 'one'}"]


def test_a_run_that_was_begun_is_executed_and_one_that_is_done_is_copied(tmp_path: Path) -> None:
    one, two, three = (job(tmp_path, name, "a", 1, "equal") for name in ("one", "two", "three"))
    begin(two)
    shared = share([one, two, three])
    assert (shared.execute, shared.copies) == ((two,), {one: two, three: two})
    finish(three)
    shared = share([one, two, three])
    assert (set(shared.done), shared.execute) == ({three}, ())
    assert shared.copies == shared.ready() == {one: three, two: three}
    assert shared.waiting() == {}


def test_damaged_runs_links_and_other_options_are_not_copied(tmp_path: Path) -> None:
    done, copy = finish(job(tmp_path, "one", "a", 1, "equal")), job(tmp_path, "two", "b", 1, "equal")
    assert share([done, copy]).ready() == {copy: done}
    assert share([done, dataclasses.replace(copy, identity="other")]).copies == {}
    (done.folder / "checkpoints" / "more").symlink_to("/dev/zero")
    assert share([done, copy]).execute == (copy,)
    (done.folder / "checkpoints" / "more").unlink()
    (done.folder / "metrics.csv").write_text("epoch\n")
    assert share([done, copy]).execute == (done,)
    lost = copy_all({copy: done}, {})
    assert lost[copy].endswith(f"cannot be copied from {done.folder}, which is not the same finished run")
    assert not copy.folder.exists()


def test_a_copy_is_a_run_of_its_own_study(tmp_path: Path) -> None:
    done, copy = finish(job(tmp_path, "one", "a", 1, "equal")), begin(job(tmp_path, "two", "b", 1, "equal"))
    (copy.folder / "failure.txt").write_text("of an earlier time")
    before = content(done.folder)
    assert copy_all({copy: done}, {}) == {}
    assert content(done.folder) == before
    assert copy.state() == "done"
    copied = content(copy.folder)
    assert copied.keys() == before.keys()
    assert {name for name in before if copied[name] != before[name]} == {"run.json", "result.json"}
    assert copy.recorded() == {
        **done.recorded(),
        "condition": "b",
        "arguments": ["b"],
        "copy_of": "one/a/seed=01",
    }
    results = [json.loads(files["result.json"]) for files in (before, copied)]
    assert results[1] == {**results[0], "name": "b", "version": "seed=01"}
    assert share([done, copy]).copies == {}


def test_a_failure_is_recorded_for_both(tmp_path: Path) -> None:
    failed, copy = begin(job(tmp_path, "one", "a", 1, "equal")), job(tmp_path, "two", "b", 1, "equal")
    (failed.folder / "failure.txt").write_text("MemoryError: too big\n")
    assert copy_all({copy: failed}, {failed: "why"}) == {copy: f"see {copy.folder / 'failure.txt'}"}
    assert (copy.folder / "failure.txt").read_text() == "MemoryError: too big\n"
    assert copy.recorded()["condition"] == "b"
    assert share([copy, failed]).execute == (failed,), "it has a checkpoint"


def test_a_run_that_another_process_uses_is_not_copied(tmp_path: Path) -> None:
    done, copy = finish(job(tmp_path, "one", "a", 1, "equal")), job(tmp_path, "two", "b", 1, "equal")
    with exclusive_lock(done.folder):
        assert f"another process is using {done.folder}" in copy_all({copy: done}, {})[copy]
    assert not copy.folder.exists()


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    ("module", "name"), [(shutil, "copyfile"), (shared_runs, "sync"), (shared_runs, "write_result"), (Path, "rename")]
)
@pytest.mark.parametrize("make", [begin, lambda job: job], ids=["begun", "new"])
def test_a_copy_that_fails_leaves_what_was_there(
    module: object, name: str, make: Callable[[Job], Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, copy = finish(job(tmp_path, "one", "a", 1, "equal")), make(job(tmp_path, "two", "b", 1, "equal"))
    source, before = content(done.folder), content(tmp_path / "two")
    with monkeypatch.context() as patch:
        patch.setattr(module, name, full_disk)
        reason = f"{copy.folder} cannot be copied from {done.folder}: No space left on device"
        assert copy_all({copy: done}, {}) == {copy: reason}
    assert content(done.folder) == source
    # The old folder makes way for the new one just before the last step.
    assert content(tmp_path / "two") == ({} if name == "rename" else before)
    assert copy_all({copy: done}, {}) == {}
    assert copy.state() == "done"


KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from tests.study.test_shared_runs import copy_run, job

def kill_at(module, name, count):
    original = getattr(module, name)
    calls = iter(range(count))
    def call(*args):
        if next(calls, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*args)
    setattr(module, name, call)

folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
kill_at(Path if name == "rename" else shutil, name, count)
copy_run(job(folder, "one", "a", 1, "equal"), job(folder, "two", "b", 1, "equal"))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "count"), [("copyfile", 0), ("copyfile", 2), ("rename", 0), ("rmtree", 0)])
def test_a_copy_that_is_killed_is_made_again(name: str, count: int, tmp_path: Path) -> None:
    done, copy = finish(job(tmp_path, "one", "a", 1, "equal")), begin(job(tmp_path, "two", "b", 1, "equal"))
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), name, str(count)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert copy.state() in ("begun", "new")
    assert [path.name for path in copy.folder.parent.glob("seed=*")] in ([copy.folder.name], [])
    assert list(tmp_path.glob("two/*/.*.copying"))
    remove_unfinished_copies(tmp_path / "two")
    assert not list(tmp_path.glob("two/*/.*"))
    assert share([done, copy]).ready() == {copy: done}
    copy_run(done, copy)
    assert copy.state() == "done"


def test_a_copy_is_never_mixed_with_what_a_kill_has_left(tmp_path: Path) -> None:
    done, copy = finish(job(tmp_path, "one", "a", 1, "equal")), job(tmp_path, "two", "b", 1, "equal")
    left = copy.folder.with_name(".seed=01.copying")
    left.mkdir(parents=True)
    (left / "stale.txt").touch()
    assert copy_all({copy: done}, {})[copy].endswith(": File exists")
    copy_run(done, copy)
    assert not (copy.folder / "stale.txt").exists()


def test_the_copy_of_a_run_with_other_options_is_refused(tmp_path: Path) -> None:
    done = finish(job(tmp_path, "one", "a", 1, "equal"))
    with pytest.raises(InputError, match="which is not the same finished run"):
        copy_run(done, job(tmp_path, "two", "b", 1, "other"))
