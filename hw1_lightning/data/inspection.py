"""What to know about labelled images before training: duplicates, and an overview for a contact sheet."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]
Labelled = Mapping[str, tuple[Pixels, Labels]]


@dataclass(frozen=True)
class Duplicates:
    """Images that occur more than once, equal in every pixel.

    Args:
        between: for two splits the images of the later that the earlier has too, as indices in the later and the
            earlier; a test image that was trained on makes the test result too good.
        within: for each split, how many of its images repeat another one in it.
        conflicting: number of different images that have more than one label.
    """

    between: dict[tuple[str, str], list[tuple[int, int]]]
    within: dict[str, int]
    conflicting: int


def find_duplicates(splits: Labelled) -> Duplicates:
    """Find equal images by the SHA-256 of their pixels.

    Args:
        splits: images, uint8 ``(N, H, W, C)``, and labels, ``(N,)``, by name of the split.

    Returns:
        The duplicates within and between splits, in the order of ``splits``.
    """
    digests = {split: [sha256(image.tobytes()).digest() for image in images] for split, (images, _) in splits.items()}
    first: dict[str, dict[bytes, int]] = {}
    labels_of: defaultdict[bytes, set[int]] = defaultdict(set)
    for split, found in digests.items():
        first[split] = {digest: index for index, digest in reversed(list(enumerate(found)))}
        for digest, label in zip(found, splits[split][1].tolist(), strict=True):
            labels_of[digest].add(label)
    between = {
        (earlier, later): [
            (index, first[earlier][digest]) for index, digest in enumerate(digests[later]) if digest in first[earlier]
        ]
        for earlier, later in combinations(digests, 2)
    }
    within = {split: len(found) - len(first[split]) for split, found in digests.items()}
    return Duplicates(between, within, sum(len(labels) > 1 for labels in labels_of.values()))


def overview(images: Pixels, labels: Labels, class_names: tuple[str, ...], columns: int) -> tuple[Pixels, list[str]]:
    """Return images for a contact sheet: a row for each class, with its mean and evenly spaced examples.

    Args:
        images: uint8, ``(N, H, W, C)``.
        labels: classes, ``(N,)``.
        class_names: one name for each class.
        columns: images in a row, the mean included.

    Returns:
        The images, uint8, row by row, and their captions: the class of a mean, the index of an example.
        A class with fewer examples is filled up with white. The last image is the mean of all.
    """
    chosen: list[Pixels] = []
    captions: list[str] = []
    white = np.full(images.shape[1:], 255, dtype=np.uint8)
    for label, name in enumerate(class_names):
        indices = np.flatnonzero(labels == label)
        count = min(columns - 1, len(indices))
        examples = indices[np.linspace(0, len(indices) - 1, count).round().astype(np.int64)]
        blank = columns - 1 - count
        chosen += [_mean_image(images[indices]) if count else white, *images[examples], *[white] * blank]
        captions += [name, *(str(index) for index in examples), *[""] * blank]
    return np.stack([*chosen, _mean_image(images)]), [*captions, "mean of all"]


def _mean_image(images: Pixels) -> Pixels:
    mean: npt.NDArray[np.float64] = images.mean(axis=0, dtype=np.float64)
    return mean.round().astype(np.uint8)
