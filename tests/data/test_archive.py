"""Damaged and hostile npz files: nothing is unpickled, no memory is used, one clear error."""

import io
import os
import sys
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


def npy(header: str, data: bytes = b"") -> bytes:
    size = len(header).to_bytes(2, "little")
    return b"\x93NUMPY\x01\x00" + size + header.encode() + data


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return path


@pytest.mark.parametrize(
    "array",
    [np.arange(6).reshape(2, 3), np.asfortranarray(np.ones((3, 2))), np.array("é"), np.zeros((0, 3), np.uint8), True],
)
def test_arrays_are_read_as_they_were_written(tmp_path: Path, array: Any) -> None:
    write_arrays(tmp_path / "a.npz", {"a": np.asarray(array), "b": np.arange(3)})
    read = read_arrays(tmp_path / "a.npz", ["a"], optional=["c"])
    assert list(read) == ["a"]
    assert read["a"].dtype == np.asarray(array).dtype
    assert np.array_equal(read["a"], array)


def test_same_arrays_give_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        write_arrays(tmp_path / name, {"a": np.arange(3)})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("(10**9,)", "malformed node"),
        ("(1000000000000,)", ""),
        ("(1000000000,)", "EOF: reading array data"),
        ("(1, 9)", "EOF: reading array data"),
        ("(-1,)", ""),
        ("(4611686018427387904, 4611686018427387904)", ""),
        ("(4294967296, 4294967296)", ""),
    ],
)
def test_a_shape_larger_than_the_file_is_refused_and_no_memory_is_used(tmp_path: Path, shape: str, said: str) -> None:
    path = zipped(tmp_path / "a.npz", a=npy(f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}}}", b"12345"))
    before = resident_bytes() if sys.platform == "linux" else 0
    assert said in error(path)
    assert (resident_bytes() if sys.platform == "linux" else 0) < before + 50_000_000


def test_a_shape_smaller_than_the_file_is_refused(tmp_path: Path) -> None:
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (4,)}"
    path = zipped(tmp_path / "a.npz", a=npy(header, b"12345"))
    assert error(path) == f"{path}: a has more bytes than its shape says; make or download the file again"


def test_empty_texts_are_refused_since_any_number_of_them_fits_in_a_file(tmp_path: Path) -> None:
    header = "{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000000,)}"
    assert "a is <U0; it must be numbers or text" in error(zipped(tmp_path / "a.npz", a=npy(header)))


def test_a_bomb_of_zeros_is_refused_before_it_is_decompressed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO()
    np.save(data, np.zeros(50_000_000, dtype=np.uint8))
    path = zipped(tmp_path / "a.npz", a=data.getvalue())
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(np.lib.format, "read_array", lambda *_, **__: pytest.fail("was decompressed"))
    monkeypatch.setattr("hw1_lightning.memory.memory_size", lambda _: 40e6)
    assert error(path) == f"the arrays of {path} need 0.0 GiB, but this machine has 0.0 GiB"


@pytest.mark.parametrize(
    ("dtype", "said"),
    [("O", "Object arrays cannot be loaded"), ("i4,O", "Object arrays"), ("i4,f8", "numbers or text"),
     ("V3", "numbers or text"), ("M8[s]", "numbers or text"), ("S3", "numbers or text")],
)  # fmt: skip
def test_only_numbers_and_text_are_read(tmp_path: Path, dtype: str, said: str) -> None:
    np.savez(tmp_path / "a.npz", a=np.zeros(3, dtype=dtype))
    assert said in error(tmp_path / "a.npz")


@pytest.mark.parametrize(
    "header", ["", "{", "[1]", "{'descr': '|u1'}", "(" * 5000, "\x00", "é{", "{'shape': (1,), 5: 2}"]
)
def test_a_damaged_header_is_refused(tmp_path: Path, header: str) -> None:
    assert "a.npz: a cannot be read (" in error(zipped(tmp_path / "a.npz", a=npy(header)))


@pytest.mark.parametrize("content", [b"text", b""])
def test_a_member_that_is_not_an_array_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "; the file must hold numbers or text, written by numpy.savez" in error(zipped(tmp_path / "a", a=content))


def test_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    write_arrays(tmp_path / "a.npz", {"a": np.arange(1000)})
    data = bytearray((tmp_path / "a.npz").read_bytes())
    data[4000] ^= 1
    (tmp_path / "a.npz").write_bytes(data)
    assert "a cannot be read (Bad CRC-32 for file 'a.npy')" in error(tmp_path / "a.npz")


def test_a_missing_array_is_reported_with_those_there_are_in_one_line(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.npz", **{"b\nc": b"", "d": b""})
    assert error(path, "a", "x") == f"{path} lacks a, x; it holds b\\nc, d"


def test_a_file_that_is_missing_or_cannot_be_written_is_reported(tmp_path: Path) -> None:
    assert "no file" in error(tmp_path / "none" / "a.npz")
    assert "a.npz" in error(Path("/dev/null/a.npz"))
    with pytest.raises(InputError, match="cannot be written: Not a directory"):
        write_arrays(Path("/dev/null/a.npz"), {"a": np.arange(3)})
