"""Damaged, foreign and hostile files: one line that says what is wrong and what to do."""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hw1_lightning.data.sources import Landscapes
from hw1_lightning.errors import InputError
from tests.conftest import Arrays


def load_error(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        Landscapes(path).load()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_missing_file_is_reported_with_how_to_get_it(tmp_path: Path) -> None:
    assert "course" in load_error(tmp_path / "none.npz")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "not a file" in load_error(tmp_path)


def test_a_web_page_saved_as_npz_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "page.npz"
    path.write_text("<!DOCTYPE html><html><body>Google Drive: file too large to scan</body></html>")
    assert "web page" in load_error(path)


def test_other_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bytes.npz"
    path.write_bytes(b"\x00" * 100)
    assert "not an npz file" in load_error(path)


def test_a_truncated_file_is_refused(npz: Path) -> None:
    npz.write_bytes(npz.read_bytes()[:-2000])
    assert "not an npz file" in load_error(npz)


def test_flipped_bytes_are_refused(npz: Path) -> None:
    data = bytearray(npz.read_bytes())
    data[5000:5100] = bytes(100)
    npz.write_bytes(data)
    assert "train_images cannot be read (Bad CRC-32" in load_error(npz)


Spoil = Callable[[Arrays], object]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda a: a.pop("val_labels"), "lacks val_labels; it holds train_images, train_labels, val_images"),
        (lambda a: a.update(train_images=a["train_images"].astype(np.float32)), "float32"),
        (lambda a: a.update(train_images=a["train_images"][:, :32]), "uint8 of shape (N, 32, 48, 3)"),
        (lambda a: a.update(train_images=np.uint8(3)), "shape ()"),
        (lambda a: a.update(train_labels=a["train_labels"] / 2), "float64"),
        (lambda a: a.update(train_labels=np.zeros((60, 2), int)), "(60, 2)"),
        (lambda a: a.update(train_labels=np.int64(3)), "shape ()"),
        (lambda a: a.update(train_labels=a["train_labels"][:-1]), "60 images but 59 labels"),
        (lambda a: a.update(test_labels=a["test_labels"] + 1), "from 1 to 6; allowed are 0 to 5"),
        (lambda a: a.update(test_labels=a["test_labels"] - 1), "from -1 to 4; allowed are 0 to 5"),
        (lambda a: a.update(val_images=a["val_images"][:0], val_labels=a["val_labels"][:0]), "val split is empty"),
    ],
)
def test_wrong_content_is_reported(tmp_path: Path, npz_arrays: Arrays, spoil: Spoil, said: str) -> None:
    spoil(npz_arrays)
    np.savez(tmp_path / "bad.npz", **npz_arrays)
    assert said in load_error(tmp_path / "bad.npz")


class Bomb:
    """Would leave a file behind if it were unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


def test_pickles_are_never_loaded(tmp_path: Path, npz_arrays: Arrays) -> None:
    trace = tmp_path / "executed"
    npz_arrays["val_images"] = np.array([Bomb(trace)], dtype=object)
    np.savez(tmp_path / "bomb.npz", **npz_arrays)
    assert "val_images cannot be read (Object arrays cannot be loaded" in load_error(tmp_path / "bomb.npz")
    assert not trace.exists()
    pickle.loads(pickle.dumps(Bomb(trace)))  # the bomb works
    assert trace.exists()
