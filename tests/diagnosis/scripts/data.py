"""The data of the programs: the digits in hw1's split, or a file of photographs."""

from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

Array = np.ndarray[Any, Any]
Report = dict[str, float | list[float]]
"""What a report prints: by metric, the final value or the values after each epoch."""


@dataclass(frozen=True)
class Data:
    """Images in three splits.

    Args:
        splits: ``train``, ``val`` and ``test``: intensities, shape (N, D), and labels, shape (N,).
        classes: number of classes.
        divisor: correct programs divide intensities by it.
    """

    splits: dict[str, tuple[Array, Array]]
    classes: int
    divisor: float

    def features(self, split: str, dtype: Any) -> Array:
        """Return the features of a split, shape (N, D)."""
        features: Array = self.splits[split][0].astype(dtype) / dtype(self.divisor)
        return features


def digits() -> Data:
    """Return the digits of scikit-learn, intensities 0 to 16, which are not divided."""
    images, labels = load_digits(return_X_y=True)
    rows = np.arange(len(labels))
    rest, test = train_test_split(rows, test_size=360, stratify=labels, random_state=0)
    train, val = train_test_split(rest, test_size=180, stratify=labels[rest], random_state=0)
    chosen = {"train": train, "val": val, "test": test}
    return Data({name: (images[index], labels[index]) for name, index in chosen.items()}, classes=10, divisor=1)


def photographs(path: str | PathLike[str]) -> Data:
    """Return the photographs of the course's npz file: bytes, divided by 256."""
    with np.load(path) as file:
        splits = {
            name: (file[f"{name}_images"].reshape(len(file[f"{name}_images"]), -1), file[f"{name}_labels"].ravel())
            for name in ("train", "val", "test")
        }
    return Data(splits, classes=int(splits["train"][1].max()) + 1, divisor=256)
