"""A folder of photographs as a source."""

import hashlib
import os
import warnings
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
import PIL

from hw1_lightning.data.archive import Array
from hw1_lightning.data.arrays import ArrayData
from hw1_lightning.data.cache import cached
from hw1_lightning.data.folders import Listing, list_classes
from hw1_lightning.data.hidden import hidden_message
from hw1_lightning.data.images import OnError, broken_message, read_images
from hw1_lightning.data.npz import KEYS, SPLITS, LabelledImages
from hw1_lightning.data.sources import Source, as_array_data
from hw1_lightning.data.splitting import Indices, check_splits, split_by_name
from hw1_lightning.errors import InputError, printable

NAMES = tuple(f"{split}_names" for split in SPLITS)
# Part of every fingerprint: the arrays from the same files depend on these.
MADE_BY = f"hw1 format 2, Pillow {PIL.__version__}"
VAL_SHARE, TEST_SHARE = 0.1, 0.2
SHOWN = 5  # broken images named in a warning


@dataclass(frozen=True)
class FolderContent:
    """The content of a folder of images.

    Args:
        labelled: the splits and the names of the classes.
        names: the files of each split, as paths below the folder, in the order of the images.
        broken: each image that cannot be read, as a path below the folder, and why.
        unlabelled: folders next to the split folders, which are not read.
        hidden: folders of images next to class folders whose names start with a dot, which are not read.
    """

    labelled: LabelledImages
    names: dict[str, list[str]]
    broken: list[tuple[str, str]]
    unlabelled: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


class ImageFolder(Source):
    """Your own photographs: a folder with a folder of JPEG, PNG or WebP files for each class.

    With split folders (``train`` and ``test``, perhaps ``val``; Kaggle's ``seg_train/seg_train``, ``seg_test/seg_test``
    of the Intel data set as they are), the test images are the test split, and a tenth of the training images is
    the validation split if it has no folder. Without split folders, a fifth of all images is the test split and a tenth
    the validation split.

    Where folders do not decide the split of a file, ``split_seed`` and its name do: its path below the class folder. An
    image that is added, removed or moved to another class moves no other image, so an image that was trained on never
    gets into the test split; an image that is renamed may move. The shares are not exact, neither in all nor by class:
    of 1,000 images, 200 +- 13 are for the test and 100 +- 9 for validation (one standard deviation).

    A folder whose name starts with a dot is not a class (in torchvision it is); if it holds images, hw1 warns.

    Each image is cropped to its largest centred square and resized; pixels are scaled by 1/256. See ``read_image``.

    Decoded images are cached in the user's cache folder and used as long as names, sizes and times of modification and
    change of the files are the same: hashing all bytes of 24,000 files would make the second start slow. The SHA-256 in
    ``result.json`` is that of the arrays. One more image changes the SHA-256, and the order of the examples in its
    split: training is then another run.

    Args:
        path: the folder.
        image_size: height and width of the decoded images, in pixels.
        split_seed: seed of the splits that folders do not decide.
        on_error: ``raise`` stops at an image that cannot be read, ``skip`` leaves it out and warns.

    Raises:
        InputError: if a number is out of its range.
    """

    def __init__(
        self, path: str | PathLike[str], image_size: int = 48, split_seed: int = 0, on_error: OnError = "raise"
    ) -> None:
        for name, value, least in (("image_size", image_size, 1), ("split_seed", split_seed, 0)):
            if value < least:
                raise InputError(f"{name} is {value}; it must be at least {least}")
        self.path = Path(path)
        self.image_size, self.split_seed, self.on_error = image_size, split_seed, on_error

    def load(self) -> ArrayData:
        """Read the images, as uint8, from the cache or from the files."""
        content = self.read()
        if content.hidden:
            warnings.warn(hidden_message(content.hidden), stacklevel=2)
        if content.broken:
            more = f", and {len(content.broken) - SHOWN} more" if len(content.broken) > SHOWN else ""
            shown = ", ".join(f"{file} ({why})" for file, why in content.broken[:SHOWN]) + more
            what = f"images left out because they cannot be read: {len(content.broken)}: {printable(shown)}"
            warnings.warn(f"{what}; `hw1 data info FOLDER` lists all", stacklevel=2)
        return as_array_data(content.labelled)

    def read(self) -> FolderContent:
        """Read the images with their file names; broken images are listed without a warning.

        Returns:
            The content, the same whether it comes from the cache or from the files.

        Raises:
            InputError: if the folder is not a folder of class folders, an image cannot be read and ``on_error`` is
                ``raise``, or there are too few images for the splits.
        """
        listing = list_classes(self.path)
        what = f"{listing.root}\n{self.image_size} {self.split_seed}"
        arrays = cached(what, fingerprint(listing), (*KEYS, *NAMES, "broken"), lambda: self._decode(listing))
        broken: list[tuple[str, str]] = [(file, why) for file, why in arrays["broken"].tolist()]
        if broken and self.on_error == "raise":  # a cache entry that was made with skip
            raise InputError(broken_message(listing.root / broken[0][0], broken[0][1]))
        labels = {split: arrays[f"{split}_labels"] for split in SPLITS}
        check_splits(labels, listing.class_names, self.split_seed, listing.root)
        splits = {split: (arrays[f"{split}_images"], labels[split]) for split in SPLITS}
        names = {split: arrays[f"{split}_names"].tolist() for split in SPLITS}
        labelled = LabelledImages(splits, listing.class_names)
        return FolderContent(labelled, names, broken, listing.unlabelled, listing.hidden)

    def _decode(self, listing: Listing) -> dict[str, Array]:
        """Read all images of all folders, then split."""
        rows = [
            (split, label, name, name.removeprefix(f"{listing.class_folders[split][label]}/"))
            for split, classes in listing.splits.items()
            for label, names in enumerate(classes)
            for name in names
        ]
        decoded = read_images([listing.root / row[2] for row in rows], self.image_size, self.on_error)
        columns = zip(*(rows[i] for i in decoded.kept), strict=True)
        folders, labels, names, below = (np.array(column) for column in columns)
        broken = np.array([(rows[i][2], why) for i, why in decoded.broken.items()], dtype=np.str_)
        arrays: dict[str, Array] = {"broken": broken.reshape(-1, 2)}
        for split, chosen in self._split_indices(folders, labels, below, listing).items():
            arrays |= {f"{split}_images": decoded.images[chosen], f"{split}_labels": labels[chosen]}
            arrays[f"{split}_names"] = names[chosen]
        return arrays

    def _split_indices(self, folders: Array, labels: Array, names: Array, listing: Listing) -> dict[str, Indices]:
        """Return the indices of each split among the decoded images; names are below the class folders."""
        given = {split: np.flatnonzero(folders == split) for split in listing.splits}
        for split, indices in given.items():
            if lost := set(range(len(listing.class_names))) - set(labels[indices].tolist()):
                name = listing.class_names[min(lost)]
                raise InputError(f"{listing.root}: no image of class '{name}' can be read ({split}); fix or remove it")
        if "all" in given:
            parts = split_by_name(names.tolist(), (VAL_SHARE, TEST_SHARE), self.split_seed)
            return dict(zip(SPLITS, parts, strict=True))
        if "val" not in given:
            pool = given["train"]
            parts = split_by_name(names[pool].tolist(), (VAL_SHARE,), self.split_seed)
            given["train"], given["val"] = (pool[part] for part in parts)
        return given


def fingerprint(listing: Listing) -> str:
    """Return a text that changes with any file: the SHA-256 of names, sizes and times of modification and change.

    Args:
        listing: the files.

    Returns:
        64 hexadecimal digits.
    """
    digest = hashlib.sha256(f"{MADE_BY}\n{listing.class_names}\n".encode())
    for split, classes in listing.splits.items():
        for names in classes:
            digest.update(f"{split} {len(names)}\n".encode())
            for name in names:
                try:
                    status = os.stat(f"{listing.root}/{name}")  # noqa: PTH116 - a Path takes three times as long
                except OSError:  # removed, or a broken link: reading it reports that
                    continue
                digest.update(os.fsencode(name))
                digest.update(f"\0{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}\n".encode())
    return digest.hexdigest()
