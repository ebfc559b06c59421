"""Reading the course's npz file, trusting nothing in it."""

import zipfile
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hw1_lightning.errors import InputError

SPLITS = ("train", "val", "test")
KEYS = tuple(f"{split}_{part}" for split in SPLITS for part in ("images", "labels"))
HOW_TO_GET = (
    "get intel_landscapes.v2.npz from the course (README, 'The real photographs'), "
    "or leave --data.source out to use the digits that come with hw1"
)

Array = npt.NDArray[np.generic]


def read_npz(path: Path, image_shape: tuple[int, ...]) -> dict[str, tuple[Array, Array]]:
    """Read images and labels of the three splits.

    Args:
        path: the file.
        image_shape: what one image must look like, channels last.

    Returns:
        For each of ``train``, ``val`` and ``test``: images, uint8 ``(N, *image_shape)``, and labels, int64 ``(N,)``.

    Raises:
        InputError: if the file is missing, no npz, lacks a key, holds Python objects (never unpickled), or an array
            has the wrong shape or dtype.
    """
    _check_is_npz(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [key for key in KEYS if key not in archive.files]
            if missing:
                raise InputError(f"{path} lacks {', '.join(missing)}; it holds {', '.join(archive.files) or 'nothing'}")
            arrays = {key: _read_array(archive, key, path) for key in KEYS}
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise InputError(f"{path} is damaged ({error}); download it again") from error
    return {
        split: (
            _check_images(arrays[f"{split}_images"], f"{split}_images", path, image_shape),
            _check_labels(arrays[f"{split}_labels"], f"{split}_labels", path),
        )
        for split in SPLITS
    }


def _check_is_npz(path: Path) -> None:
    if not path.exists():
        raise InputError(f"no file {path}; {HOW_TO_GET}")
    if not path.is_file():
        raise InputError(f"{path} is not a file; --data.source.path wants an npz file")
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    if b"<html" in head.lower() or b"<!doctype" in head.lower():
        raise InputError(
            f"{path} is a web page saved as a file, no npz; open the link in a browser and download the file"
        )
    if not zipfile.is_zipfile(path):
        raise InputError(f"{path} is no npz file (it starts with {head[:8]!r}); {HOW_TO_GET}")


def _read_array(archive: "np.lib.npyio.NpzFile", key: str, path: Path) -> Array:
    try:
        array = archive[key]
    except ValueError as error:  # NumPy's refusal to unpickle, or a header that is no header
        if "pickle" in str(error):
            raise InputError(
                f"{path}: {key} holds pickled Python objects, which hw1 never loads; save it as numbers"
            ) from error
        raise InputError(f"{path}: {key} cannot be read ({error}); download the file again") from error
    if not isinstance(array, np.ndarray):
        raise InputError(f"{path}: {key} is no array; save it with numpy.savez")
    return array


def _check_images(images: Array, key: str, path: Path, image_shape: tuple[int, ...]) -> Array:
    if images.dtype != np.uint8 or images.shape[1:] != image_shape:
        raise InputError(
            f"{path}: {key} is {images.dtype} of shape {images.shape}; it must be uint8 of shape "
            f"(N, {', '.join(map(str, image_shape))})"
        )
    return images


def _check_labels(labels: Array, key: str, path: Path) -> Array:
    if not np.issubdtype(labels.dtype, np.integer) or labels.shape not in {(labels.size,), (labels.size, 1)}:
        raise InputError(
            f"{path}: {key} is {labels.dtype} of shape {labels.shape}; it must be integers of shape (N,) or (N, 1)"
        )
    return labels.reshape(-1).astype(np.int64)
