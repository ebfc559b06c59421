"""Dividing labelled examples into splits."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hw1_lightning.errors import InputError

Places = npt.NDArray[np.int64]


def stratified_split(
    labels: npt.NDArray[np.generic], shares: Sequence[float], seed: int, class_names: Sequence[str]
) -> list[Places]:
    """Divide examples at random so that every part has its share of every class.

    Each class is shuffled by a generator of its own, seeded with ``(seed, class)``: more pictures of one class do not
    change how the others are divided. A part takes the rounded share of a class, at least one example; scikit-learn's
    split would refuse a part smaller than the number of classes.

    Args:
        labels: classes 0 to C - 1, shape ``(N,)``.
        shares: the fraction of each part but the first, which takes the rest.
        seed: chooses the division, at least 0.
        class_names: C names, for the error.

    Returns:
        The places of each part, ascending: first of the rest, then of the parts with a share.

    Raises:
        InputError: naming a class with too few examples to have one in each part.
    """
    parts: list[list[Places]] = [[] for _ in range(len(shares) + 1)]
    for label, name in enumerate(class_names):
        places = np.flatnonzero(labels == label)
        counts = [max(1, round(share * len(places))) for share in shares]
        if sum(counts) >= len(places):
            raise InputError(
                f"class '{name}' has {len(places)} pictures to divide into {len(parts)} splits; "
                "it needs more, at least one for each"
            )
        shuffled = np.random.default_rng([seed, label]).permutation(places)
        pieces = np.split(shuffled, np.cumsum(counts))
        for part, piece in zip(parts, [pieces[-1], *pieces[:-1]], strict=True):
            part.append(piece)
    return [np.sort(np.concatenate(part)) for part in parts]
