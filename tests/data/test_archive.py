"""Nothing is allocated, unpickled or left half-written on a file's word."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hw1_lightning.data.archive import read_arrays, write_arrays
from hw1_lightning.errors import InputError


def error(path: Path, *names: str) -> str:
    with pytest.raises(InputError) as caught:
        read_arrays(path, names or ["a"])
    assert "\n" not in str(caught.value)
    return str(caught.value)


def npy(header: str, data: bytes = b"", version: int = 1) -> bytes:
    size = len(header).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + header.encode() + data


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return path


@pytest.fixture
def allocates_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np.lib.format, "read_array", lambda *_, **__: pytest.fail("was allocated"))


@pytest.mark.parametrize(
    "array",
    [np.arange(6).reshape(2, 3), np.asfortranarray(np.ones((3, 2))), np.array("é"), np.zeros((0, 3), np.uint8), True],
)
def test_arrays_come_back_as_they_were_written(tmp_path: Path, array: Any) -> None:
    write_arrays(tmp_path / "a.npz", {"a": np.asarray(array), "b": np.arange(3)})
    read = read_arrays(tmp_path / "a.npz", ["a"], optional=["c"])
    assert list(read) == ["a"]
    assert read["a"].dtype == np.asarray(array).dtype
    assert np.array_equal(read["a"], array)


def test_same_arrays_give_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        write_arrays(tmp_path / name, {"a": np.arange(3)})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.usefixtures("allocates_nothing")
@pytest.mark.parametrize("shape", ["(1000000000000,)", "(-1,)", "(10**3,)", "(2**62, 2**62)", "(1, 9)"])
def test_header_that_claims_more_than_there_is_is_refused(tmp_path: Path, shape: str) -> None:
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}}}"
    message = error(zipped(tmp_path / "a.npz", a=npy(header, b"12345")))
    assert "claims" in message or "damaged header" in message


@pytest.mark.usefixtures("allocates_nothing")
def test_bomb_of_zeros_is_refused_before_it_unfolds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO()
    np.save(data, np.zeros(50_000_000, dtype=np.uint8))
    path = zipped(tmp_path / "a.npz", a=data.getvalue())
    assert path.stat().st_size < 100_000
    monkeypatch.setattr("hw1_lightning.data.archive.memory_size", lambda _: 40e6)
    assert error(path) == f"the arrays of {path} need 0.0 GiB, but this machine has 0.0 GiB"


@pytest.mark.parametrize(
    ("dtype", "said"),
    [("O", "pickled Python objects"), ("i4,O", "pickled"), ("i4,f8", "numbers or text"), ("V3", "numbers or text"),
     ("M8[s]", "numbers or text"), ("S3", "numbers or text")],
)  # fmt: skip
def test_only_numbers_and_text_are_read(tmp_path: Path, dtype: str, said: str) -> None:
    np.savez(tmp_path / "a.npz", a=np.zeros(3, dtype=dtype))
    assert said in error(tmp_path / "a.npz")


@pytest.mark.parametrize(
    "header", ["", "{", "[1]", "{'descr': '|u1'}", "(" * 5000, "\x00", "é{", "{'shape': (1,), 5: 2}"]
)
def test_damaged_headers_are_told(tmp_path: Path, header: str) -> None:
    assert "damaged" in error(zipped(tmp_path / "a.npz", a=npy(header)))


def test_members_that_are_no_arrays_or_of_another_version_are_told(tmp_path: Path) -> None:
    assert "no array" in error(zipped(tmp_path / "a.npz", a=b"text"))
    assert "no array" in error(zipped(tmp_path / "b.npz", a=b""))
    assert "npy version (3, 0)" in error(zipped(tmp_path / "c.npz", a=npy("{}", version=3)))


def test_wrong_checksum_is_damage(tmp_path: Path) -> None:
    write_arrays(tmp_path / "a.npz", {"a": np.arange(1000)})
    data = bytearray((tmp_path / "a.npz").read_bytes())
    data[4000] ^= 1
    (tmp_path / "a.npz").write_bytes(data)
    assert "damaged" in error(tmp_path / "a.npz")


def test_names_that_are_lacking_and_there_are_told_on_one_line(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.npz", **{"b\nc": b"", "d": b""})
    assert error(path, "a", "x") == f"{path} lacks a, x; it holds b\\nc, d"


def test_locked_and_missing_folders_are_told(tmp_path: Path) -> None:
    assert "no file" in error(tmp_path / "none" / "a.npz")
    assert "a.npz" in error(Path("/dev/null/a.npz"))
    with pytest.raises(InputError, match="cannot be written: Not a directory"):
        write_arrays(Path("/dev/null/a.npz"), {"a": np.arange(3)})
