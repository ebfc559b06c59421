"""Where arrays come from. A new data set is one class here."""

from abc import ABC, abstractmethod
from os import PathLike
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from hw1_lightning.data.arrays import ArrayData, Examples
from hw1_lightning.data.npz import read_npz


class Source(ABC):
    """Something that can be loaded into arrays; chosen on the command line by the name of its class."""

    @abstractmethod
    def load(self) -> ArrayData:
        """Read everything into memory.

        Returns:
            The three splits.

        Raises:
            InputError: if the data is missing or not what it claims to be.
        """


class Digits(Source):
    """Handwritten digits, 8x8 pixels, ten classes: scikit-learn's bundled set, so nothing is downloaded.

    1,797 images of the UCI set "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak, 1998) in a fixed
    split of 1,257 / 180 / 360, stratified by class. Intensities stay 0 to 16 as bundled: their norm is then close
    to that of the photographs, so that the same learning rates suit both.
    """

    SPLIT_SEED = 0

    def load(self) -> ArrayData:
        """Read the bundled set and split it."""
        from sklearn.datasets import load_digits  # imported late: it takes longer than the rest of this package
        from sklearn.model_selection import train_test_split

        images, targets = load_digits(return_X_y=True)
        images = images.reshape(-1, 8, 8, 1).astype(np.uint8)
        rest, test = train_test_split(
            np.arange(len(targets)), test_size=360, stratify=targets, random_state=self.SPLIT_SEED
        )
        train, val = train_test_split(rest, test_size=180, stratify=targets[rest], random_state=self.SPLIT_SEED)
        train, val, test = (_examples(images[chosen], targets[chosen]) for chosen in (train, val, test))
        return ArrayData(train, val, test, class_names=tuple("0123456789"))


class Landscapes(Source):
    """The course's file of 48x48 colour photographs in six classes, ``intel_landscapes.v2.npz``.

    The Intel Image Classification data set, preprocessed for the course; pixels are scaled by 1/256.

    Args:
        path: the npz file, with ``train_images``, ``train_labels`` and the same for ``val`` and ``test``:
            images uint8 ``(N, 48, 48, 3)``, labels integers 0 to 5, ``(N,)`` or ``(N, 1)``.
    """

    CLASS_NAMES = ("buildings", "forest", "glacier", "mountain", "sea", "street")

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)

    def load(self) -> ArrayData:
        """Read and check the file; its images stay uint8."""
        arrays = read_npz(self.path, image_shape=(48, 48, 3))
        train, val, test = (_examples(*arrays[name]) for name in ("train", "val", "test"))
        return ArrayData(train, val, test, class_names=self.CLASS_NAMES, input_scale=1 / 256)


def _examples(images: npt.NDArray[np.generic], labels: npt.NDArray[np.generic]) -> Examples:
    return Examples(torch.from_numpy(images), torch.from_numpy(labels).long())
