from pathlib import Path

import pytest

from hw1_lightning.errors import InputError
from hw1_lightning.files import replacing


def test_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert temporary.parent == tmp_path
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_fails_leaves_everything_as_it_was(tmp_path: Path, error: type[BaseException]) -> None:
    def fail() -> None:
        with replacing(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_full_disk_and_missing_folder_are_told(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        with replacing(path) as temporary:
            temporary.write_text("a")

    with pytest.raises(InputError, match=r"none/a\.txt cannot be written: No such file or directory"):
        write(tmp_path / "none" / "a.txt")
    with pytest.raises(InputError, match=r"a\.txt cannot be written: Not a directory"):
        write(Path("/dev/null/a.txt"))
