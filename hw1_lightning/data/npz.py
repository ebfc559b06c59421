"""The course's npz file: three splits of images and labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hw1_lightning.data.archive import Array, read_arrays, write_arrays
from hw1_lightning.errors import InputError
from hw1_lightning.files import replacing

SPLITS = ("train", "val", "test")
KEYS = tuple(f"{split}_{part}" for split in SPLITS for part in ("images", "labels"))
HOW_TO_GET = (
    "get intel_landscapes.v2.npz with `hw1 data download landscapes` (docs/data.md has the course's link), or leave "
    "out --data.source to use the digits that come with hw1"
)


@dataclass(frozen=True)
class LabelledImages:
    """The content of the course's npz file.

    Args:
        splits: for each of ``train``, ``val`` and ``test``: images, uint8 ``(N, H, W, C)``, and labels, int64 ``(N,)``.
        class_names: one name for each class in the order of the labels; empty if the file has none, like the course's.
    """

    splits: dict[str, tuple[Array, Array]]
    class_names: tuple[str, ...] = ()


def read_npz(path: Path) -> LabelledImages:
    """Read images and labels of the three splits.

    Args:
        path: the file.

    Returns:
        Its content, with the names of the classes if the file has an array ``class_names``.

    Raises:
        InputError: if the file is missing, not an npz file, damaged or larger than memory, lacks a key, holds Python
            objects (never unpickled), or an array has the wrong shape or dtype.
    """
    arrays = read_arrays(path, KEYS, optional=["class_names"], hint=HOW_TO_GET)
    splits = {
        split: (_checked_images(arrays, f"{split}_images", path), _checked_labels(arrays, f"{split}_labels", path))
        for split in SPLITS
    }
    return LabelledImages(splits, _check_class_names(arrays["class_names"], path) if "class_names" in arrays else ())


def write_npz(path: Path, content: LabelledImages) -> None:
    """Write such a file atomically, and only if it reads back the same.

    Args:
        path: the file.
        content: what to write, class names included.

    Raises:
        InputError: if the file cannot be written or does not read back.
    """
    arrays: dict[str, Array] = {"class_names": np.array(content.class_names)}
    for split, (images, labels) in content.splits.items():
        arrays |= {f"{split}_images": images, f"{split}_labels": labels}
    with replacing(path) as temporary:
        write_arrays(temporary, arrays)
        written = read_arrays(temporary, list(arrays))
        if not all(np.array_equal(written[name], array) for name, array in arrays.items()):
            raise InputError(f"{path} does not read back as it was written; check the disk")


def _wrong(array: Array, key: str, path: Path, rule: str) -> InputError:
    return InputError(f"{path}: {key} is {array.dtype} of shape {array.shape}; it must be {rule}")


def _checked_images(arrays: Mapping[str, Array], key: str, path: Path) -> Array:
    images, image_shape = arrays[key], arrays["train_images"].shape[1:]
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != image_shape:
        shape = ", ".join(map(str, image_shape)) if len(image_shape) == 3 else "H, W, C"
        raise _wrong(images, key, path, f"uint8 of shape (N, {shape}), the same for all splits")
    return images


def _checked_labels(arrays: Mapping[str, Array], key: str, path: Path) -> Array:
    labels = arrays[key]
    if not np.issubdtype(labels.dtype, np.integer) or labels.shape not in {(labels.size,), (labels.size, 1)}:
        raise _wrong(labels, key, path, "integers of shape (N,) or (N, 1)")
    return labels.reshape(-1).astype(np.int64)


def _check_class_names(names: Array, path: Path) -> tuple[str, ...]:
    if names.dtype.kind != "U" or names.ndim != 1 or len(set(names.tolist())) < 2 or not all(names.tolist()):
        raise _wrong(names, "class_names", path, "text of shape (C,): at least two different names")
    return tuple(names.tolist())
