"""Division of labelled images into splits by their names, so that each image stays in its split."""

import hashlib
import unicodedata
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from hw1_lightning.errors import InputError

Indices = npt.NDArray[np.int64]
TITLES = {"train": "training", "val": "validation", "test": "test"}


def split_by_name(names: Sequence[str], shares: Sequence[float], seed: int) -> list[Indices]:
    """Divide examples by the hash of each name, independently of the other examples.

    The SHA-256 of a name with the seed is a uniform number from 0 to 1; each part is an interval. So an example that is
    added or removed moves no other one, and a part has its share of the examples on average: a share p of N examples is
    N p +- sqrt(N p (1 - p)) (binomial distribution, one standard deviation).

    Args:
        names: the examples' names; equal names go to the same part.
        shares: the fraction of each part except the first, which is the rest.
        seed: chooses the division, at least 0.

    Returns:
        The ascending indices of each part: first of the rest, then of the parts with a share.
    """
    parts = np.searchsorted(np.cumsum(shares), [uniform_number(name, seed) for name in names], side="right")
    return [np.flatnonzero(parts == part) for part in (len(shares), *range(len(shares)))]


def uniform_number(name: str, seed: int) -> float:
    """Turn a name into a number from 0 to 1, by its SHA-256 and a seed.

    Args:
        name: any text; normalised to NFC, since file systems encode accents differently.
        seed: changes the number.

    Returns:
        The first 64 bits of the hash, divided by 2^64.
    """
    text = f"{seed}\n{unicodedata.normalize('NFC', name)}"
    return int.from_bytes(hashlib.sha256(text.encode(errors="surrogatepass")).digest()[:8]) / 2**64


def check_splits(
    labels: Mapping[str, npt.NDArray[np.generic]], class_names: Sequence[str], seed: int, what: object
) -> None:
    """Refuse splits that cannot be trained on or evaluated; warn about classes that are not evaluated.

    Args:
        labels: the classes 0 to C - 1 of the examples of each split, training first.
        class_names: C names.
        seed: the seed of the division.
        what: what was divided, for the message.

    Raises:
        InputError: if a split is empty or a class has no training example.
    """
    advice = "add images, or choose another split_seed"
    for split, found in labels.items():
        if not len(found):
            total = sum(map(len, labels.values()))
            raise InputError(f"{what}: split_seed {seed} puts none of {total} images into {TITLES[split]}; {advice}")
    for split, found in labels.items():
        missing = [f"'{name}'" for label, name in enumerate(class_names) if not (found == label).any()]
        if missing and split == "train":
            raise InputError(f"{what}: split_seed {seed} leaves class {missing[0]} without training images; {advice}")
        if missing:
            message = f"{what}: split_seed {seed} puts no image of {', '.join(missing)} into {TITLES[split]}; {advice}"
            warnings.warn(message, stacklevel=2)
