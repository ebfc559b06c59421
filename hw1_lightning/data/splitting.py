"""Dividing labelled images into splits by their names, so that each stays where it is."""

import hashlib
import unicodedata
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from hw1_lightning.errors import InputError

Places = npt.NDArray[np.int64]
TITLES = {"train": "training", "val": "validation", "test": "test"}


def split_by_name(names: Sequence[str], shares: Sequence[float], seed: int) -> list[Places]:
    """Divide examples by a hash of each one's name, so that no other example decides where it goes.

    A name's SHA-256 with the seed is a uniform number from 0 to 1; a part takes the numbers of its interval. So an
    example that is added or removed moves none of the others, and a part has its share of the examples on average: of
    N examples a share p is N p, give or take sqrt(N p (1 - p)) (binomial distribution, one standard deviation).

    Args:
        names: the examples' names; equal names go to the same part.
        shares: the fraction of each part but the first, which takes the rest.
        seed: chooses the division, at least 0.

    Returns:
        The places of each part, ascending: first of the rest, then of the parts with a share.
    """
    numbers = np.array([uniform_number(name, seed) for name in names])
    parts = np.searchsorted(np.cumsum(shares), numbers, side="right")
    order = (len(shares), *range(len(shares)))
    return [np.flatnonzero(parts == part) for part in order]


def uniform_number(name: str, seed: int) -> float:
    """Turn a name into a number from 0 to 1, by its SHA-256 and a seed.

    Args:
        name: any text; as Unicode composes it (NFC), since file systems differ in how they spell an accent.
        seed: another one gives another number.

    Returns:
        The first 64 bits of the hash, divided by 2^64.
    """
    text = f"{seed}\n{unicodedata.normalize('NFC', name)}"
    return int.from_bytes(hashlib.sha256(text.encode(errors="surrogatepass")).digest()[:8]) / 2**64


def check_splits(
    labels: Mapping[str, npt.NDArray[np.generic]], class_names: Sequence[str], seed: int, what: object
) -> None:
    """Refuse splits that cannot be trained on or evaluated; warn of classes that are not evaluated.

    Args:
        labels: the classes 0 to C - 1 of the examples of each split.
        class_names: C names.
        seed: what the splits were divided with.
        what: what was divided, for the message.

    Raises:
        InputError: if a split is empty or a class has no training example.
    """
    advice = "add images, or choose another split_seed"
    missing = {
        split: [name for label, name in enumerate(class_names) if not (found == label).any()]
        for split, found in labels.items()
    }
    for split, found in labels.items():
        if not len(found):
            total = sum(map(len, labels.values()))
            raise InputError(f"{what}: split_seed {seed} puts none of {total} images into {TITLES[split]}; {advice}")
    for name in missing["train"]:
        raise InputError(f"{what}: split_seed {seed} leaves class '{name}' without training images; {advice}")
    for split, names in missing.items():
        if names:
            shown = ", ".join(f"'{name}'" for name in names)
            message = f"{what}: split_seed {seed} puts no image of {shown} into {TITLES[split]}; {advice}"
            warnings.warn(message, stacklevel=2)
