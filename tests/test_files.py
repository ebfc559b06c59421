"""Files are written atomically and synced."""

import errno
import os
from pathlib import Path

import pytest

from hw1_lightning.errors import InputError
from hw1_lightning.files import replacing
from hw1_lightning.runs.checkpoints import AtomicCheckpointIO
from hw1_lightning.runs.folder import write_result


def test_a_file_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert temporary.parent == tmp_path
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_no_file(tmp_path: Path, error: type[BaseException]) -> None:
    def fail() -> None:
        with replacing(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_or_a_file_is_reported(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        with replacing(path) as temporary:
            temporary.write_text("a")

    with pytest.raises(InputError, match=r"none/a\.txt cannot be written: No such file or directory"):
        write(tmp_path / "none" / "a.txt")
    with pytest.raises(InputError, match=r"a\.txt cannot be written: Not a directory"):
        write(Path("/dev/null/a.txt"))


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """Record what is synced: a file or folder, and the names in the folder at that moment."""
    calls: list[tuple[str, list[str]]] = []

    def record(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        folder = path if path.is_dir() else path.parent
        calls.append((path.name, sorted(inner.name for inner in folder.iterdir())))

    monkeypatch.setattr(os, "fsync", record)
    return calls


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs Linux's list of open files")
@pytest.mark.parametrize("name", ["last.ckpt", "result.json"])
def test_a_checkpoint_is_synced_before_it_gets_its_name_and_its_folder_after(
    name: str, tmp_path: Path, synced: list[tuple[str, list[str]]]
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    if name == "last.ckpt":
        AtomicCheckpointIO().save_checkpoint({"state_dict": {}}, folder / name)
    else:
        write_result(folder, {"epochs": 1})
    (file, before), (parent, after) = synced
    assert file.startswith(f".{name}.")
    assert before == [file], "it has not got its name yet"
    assert (parent, after) == ("run", [name])


def test_a_file_system_that_cannot_sync_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(number: int) -> None:
        def fsync(_: int) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fsync", fsync)

    refuse(errno.EINVAL)
    write_result(tmp_path, {"epochs": 1})
    refuse(errno.EIO)
    with pytest.raises(InputError, match=r"result.json cannot be written: Input/output error"):
        write_result(tmp_path, {"epochs": 2})


def test_a_link_with_the_name_of_a_temporary_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine")
    (tmp_path / f".result.json.{os.getpid()}.tmp").symlink_to(tmp_path / "victim")
    write_result(tmp_path, {"epochs": 1})
    assert (tmp_path / "victim").read_text() == "mine"
