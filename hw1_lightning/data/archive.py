"""Reading and writing npz files without trusting their content."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hw1_lightning.errors import InputError, file_errors
from hw1_lightning.memory import check_memory

Array = npt.NDArray[np.generic]
KINDS = "biufU"  # NumPy's letters for booleans, integers, floating numbers and text


def read_arrays(path: Path, required: Sequence[str], optional: Sequence[str] = (), hint: str = "") -> dict[str, Array]:
    """Read arrays by name, without unpickling; sizes are compared with the memory before anything is read.

    Args:
        path: an npz file.
        required: names of arrays that must be in the file.
        optional: names of arrays that may be in the file.
        hint: what to do if the file is missing or not an npz file.

    Returns:
        The arrays by name: numbers or text of the shape the file says.

    Raises:
        InputError: if the file is missing, not an npz file, damaged or larger than memory, lacks a required array or
            holds Python objects.
    """
    _check_is_npz(path, hint)
    arrays: dict[str, Array] = {}
    subject = str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            if missing := [name for name in required if name not in members]:
                raise InputError(f"{path} lacks {', '.join(missing)}; it holds {', '.join(members) or 'nothing'}")
            chosen = {name: members[name] for name in (*required, *optional) if name in members}
            check_memory(sum(info.file_size for info in chosen.values()), f"the arrays of {path}")
            for name, info in chosen.items():
                subject = f"{path}: {name}"
                arrays[name] = _read_array(archive, info, subject)
    except InputError:
        raise
    except Exception as error:  # zipfile, the decompressors and NumPy raise nearly every kind on damaged bytes
        reason = " ".join(str(error).split()) or type(error).__name__
        fix = "the file must hold numbers or text, written by numpy.savez: make or download it again"
        raise InputError(f"{subject} cannot be read ({reason}); {fix}") from error
    return arrays


def write_arrays(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write an npz file; the same arrays always give the same bytes.

    Args:
        path: the file.
        arrays: numbers or text by name.

    Raises:
        InputError: if the file cannot be written.
    """
    with file_errors(f"{path} cannot be written"), path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type] # its keywords are arrays


def is_web_page(path: Path) -> bool:
    """Return whether a file is a page that a browser or a server gave instead of the file."""
    with path.open("rb") as file:
        head = file.read(512).lower()
    return b"<html" in head or b"<!doctype" in head


def _check_is_npz(path: Path, hint: str) -> None:
    hint = f"; {hint}" if hint else ""
    with file_errors(f"{path} cannot be read"):
        if not path.exists():
            raise InputError(f"no file {path}{hint}")
        if not path.is_file():
            raise InputError(f"{path} is not a file; give an npz file")
        if is_web_page(path):
            fix = "open the link in a browser and download the file"
            raise InputError(f"{path} is a web page saved as a file, not an npz file; {fix}")
        if not zipfile.is_zipfile(path):
            raise InputError(f"{path} is not an npz file{hint}")


def _read_array(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Array:
    """Read one array as ``np.load`` does, and refuse one that is not all of its member."""
    with archive.open(info) as file:
        array: Array = np.lib.format.read_array(file, allow_pickle=False)
        if file.read(1):
            raise InputError(f"{name} has more bytes than its shape says; make or download the file again")
    if array.dtype.kind not in KINDS or array.dtype.itemsize == 0:
        raise InputError(f"{name} is {array.dtype}; it must be numbers or text")
    return array
