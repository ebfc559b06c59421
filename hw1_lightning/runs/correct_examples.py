"""correct.npz: which examples a run's classifier predicted correctly, one bit per example."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hw1_lightning.data.archive import read_arrays, write_arrays
from hw1_lightning.errors import InputError
from hw1_lightning.files import replacing

if TYPE_CHECKING:
    from torch import Tensor

FILE = "correct.npz"
SPLITS = ("val", "test")


def write_correct(folder: Path, correct: Mapping[str, "Tensor"]) -> None:
    """Write correct.npz atomically: a uint8 array for each split, bit 7 of byte 0 for its first example.

    Args:
        folder: the run's folder.
        correct: for ``val`` and ``test``, bool, one per example in the split's stored order; if empty, an existing
            file is removed.

    Raises:
        InputError: if it cannot be written.
    """
    if not correct:
        (folder / FILE).unlink(missing_ok=True)
        return
    with replacing(folder / FILE) as temporary:
        write_arrays(temporary, {name: np.packbits(right.numpy()) for name, right in correct.items()})


def read_correct(folder: Path, sizes: Mapping[str, int]) -> dict[str, npt.NDArray[np.bool_]]:
    """Read correct.npz, without running code from it.

    Args:
        folder: the run's folder.
        sizes: number of examples of each split, from result.json.

    Returns:
        For each split in the file, bool, one per example; empty if there is no file.

    Raises:
        InputError: if the file is damaged, or its splits have other sizes.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    found = {}
    for name, bits in read_arrays(path, (), SPLITS).items():
        size = sizes.get(name, 0)
        if bits.dtype != np.uint8 or bits.shape != (-(-size // 8),):
            raise InputError(f"{path}: {name} is {bits.dtype} of shape {bits.shape}, but the split has {size} examples")
        found[name] = np.unpackbits(bits.astype(np.uint8), count=size).astype(np.bool_)
    return found
