"""Small folders of images."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("forest", "sea")


def picture(seed: int = 0, size: tuple[int, int] = (12, 12)) -> Image.Image:
    """Return noise from a seed as an RGB image; ``size`` is width and height."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), dtype=np.uint8))


def write_pictures(folder: Path, count: int, first: int = 0) -> None:
    """Write PNG files named by their seeds."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(first, first + count):
        picture(seed).save(folder / f"{seed}.png")


def class_folders(root: Path, counts: Mapping[str, int], first: int = 0) -> Path:
    """Write a folder for each class, with images that are all different."""
    for name, count in counts.items():
        write_pictures(root / name, count, first)
        first += count
    return root


def kaggle(root: Path, train: int = 10, test: int = 3) -> Path:
    """Write Kaggle's layout of the Intel data set, with two classes."""
    for split, count, first in (("seg_train", train, 0), ("seg_test", test, 1000)):
        class_folders(root / split / split, dict.fromkeys(CLASSES, count), first)
    write_pictures(root / "seg_pred" / "seg_pred", 2, 2000)
    return root
