"""Reading and writing npz files of any content, trusting nothing in them."""

import lzma
import math
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from hw1_lightning.errors import InputError
from hw1_lightning.memory import memory_size

Array = npt.NDArray[np.generic]
KINDS = "biufU"  # NumPy's letters for booleans, integers, floating numbers and text
# What zipfile, the decompressors and NumPy raise for bytes that are not what they should be; RuntimeError is what
# zipfile says to a password.
DAMAGE = (
    OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError, RuntimeError,
    ValueError, OverflowError, MemoryError,
)  # fmt: skip


def read_arrays(path: Path, required: Sequence[str], optional: Sequence[str] = (), hint: str = "") -> dict[str, Array]:
    """Read arrays by name; nothing in the file is unpickled, and nothing is allocated on its word alone.

    Args:
        path: an npz file.
        required: names of arrays that must be there.
        optional: names of arrays that may be there.
        hint: what to do if the file is missing or no npz.

    Returns:
        The arrays by name: numbers or text of the shape the file says.

    Raises:
        InputError: if the file is missing, no npz, damaged or larger than memory, lacks a name or holds Python objects.
    """
    _check_is_npz(path, hint)
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            missing = [name for name in required if name not in members]
            if missing:
                raise InputError(f"{path} lacks {', '.join(missing)}; it holds {', '.join(members) or 'nothing'}")
            chosen = {name: members[name] for name in (*required, *optional) if name in members}
            check_memory(sum(info.file_size for info in chosen.values()), f"the arrays of {path}")
            return {name: _read_member(archive, info, f"{path}: {name}") for name, info in chosen.items()}
    except InputError:
        raise
    except DAMAGE as error:
        raise InputError(f"{path} is damaged ({_one_line(error)}); make or download it again") from error


def write_arrays(path: Path, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
    """Write an npz file; the same arrays always give the same bytes.

    Args:
        path: the file.
        arrays: numbers or text by name.

    Raises:
        InputError: if the file cannot be written.
    """
    try:
        with path.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type] # its keywords are arrays
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}") from error


def check_memory(needed: int, what: str) -> None:
    """Refuse what claims to be larger than all memory.

    Args:
        needed: size in bytes.
        what: what needs it, in the plural; begins the message.

    Raises:
        InputError: saying both sizes.
    """
    total = memory_size(None)
    if needed > total:
        raise InputError(f"{what} need {needed / 2**30:,.1f} GiB, but this machine has {total / 2**30:,.1f} GiB")


def is_web_page(path: Path) -> bool:
    """Whether a file is a page that a browser or a server gave in place of the file."""
    with path.open("rb") as file:
        head = file.read(512).lower()
    return b"<html" in head or b"<!doctype" in head


def _check_is_npz(path: Path, hint: str) -> None:
    hint = f"; {hint}" if hint else ""
    try:
        if not path.exists():
            raise InputError(f"no file {path}{hint}")
        if not path.is_file():
            raise InputError(f"{path} is not a file; an npz file is wanted")
        if is_web_page(path):
            raise InputError(
                f"{path} is a web page saved as a file, no npz; open the link in a browser and download the file"
            )
        with path.open("rb") as file:
            head = file.read(8)
            if not zipfile.is_zipfile(file):
                raise InputError(f"{path} is no npz file (it starts with {head!r}){hint}")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Array:
    """Read one array once its header is known to fit its size."""
    with archive.open(info) as file:
        if file.read(6) != b"\x93NUMPY":
            raise InputError(f"{name} is no array; save it with numpy.savez")
    with archive.open(info) as file:
        shape, dtype = _read_header(file, name)
        claimed, there = math.prod(shape) * dtype.itemsize, info.file_size - file.tell()
        if claimed != there or dtype.itemsize == 0:
            raise InputError(f"{name} claims {claimed:,} bytes but has {there:,}; make or download the file again")
    with archive.open(info) as file:
        array: Array = np.lib.format.read_array(file, allow_pickle=False)
        return array


def _read_header(file: IO[bytes], name: str) -> tuple[tuple[int, ...], np.dtype[np.generic]]:
    """The shape and type of an array, if it is one of numbers or text."""
    version = np.lib.format.read_magic(file)
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}.get(version)
    if read is None:  # version 3 is for records with named fields
        raise InputError(f"{name} has npy version {version}; save it as numbers with numpy.savez")
    try:
        shape, _, dtype = read(file)
    except Exception as error:  # a header is a Python literal: parsing one that is none raises nearly everything
        raise InputError(
            f"{name} has a damaged header ({_one_line(error)}); make or download the file again"
        ) from error
    if dtype.hasobject:
        raise InputError(f"{name} holds pickled Python objects, which hw1 never loads; save it as numbers")
    if dtype.kind not in KINDS:
        raise InputError(f"{name} is {dtype}; it must be numbers or text")
    return shape, dtype


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
