"""The table of readers to fuzz, each with a function that makes damaged and hostile inputs."""

import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from benchmarks.fuzz_bytes import mutate
from benchmarks.fuzz_seeds import image_files, npy_file, npz_file, small_arrays
from benchmarks.fuzz_texts import checkpoint_file, config_file, prepare_fit, read_model, study_file
from hw1_lightning.commands import data as data_command
from hw1_lightning.data.cache import cache_folder
from hw1_lightning.data.image_folder import ImageFolder
from hw1_lightning.data.sources import Landscapes
from hw1_lightning.study.reading import read_study

ODD_NAMES = (
    "é ü",
    ".hidden",
    "Thumbs.db",
    "a.JPG",
    "b.jpeg",
    "no suffix",
    "train",
    "seg_test",
    "c.gif",
    "new\nline.png",
)


@dataclass(frozen=True)
class Reader:
    """A function that reads a file of the user; it may succeed or raise ``InputError``, nothing else.

    Args:
        make: writes one input, chosen by the generator, into an empty folder and returns its path.
        read: reads it, and writes files to the same folder only.
    """

    make: Callable[[Random, Path], Path]
    read: Callable[[Path], object]


def npz_bytes(rng: Random, folder: Path) -> Path:
    """Write a small file of the course's format with damaged bytes."""
    path = folder / "bytes.npz"
    path.write_bytes(mutate(rng, npz_file(compressed=rng.random() < 0.5)))
    return path


def npz_members(rng: Random, folder: Path) -> Path:
    """Write an intact zip file of damaged arrays, which checksums cannot detect."""
    path = folder / "members.npz"
    members = {name: npy_file(array) for name, array in small_arrays().items()}
    for name in rng.sample(sorted(members), rng.randint(1, 2)):
        header = members[name][:128]
        members[name] = mutate(rng, header) + members[name][128:] if rng.random() < 0.8 else npy_file(_odd_array(rng))
    with zipfile.ZipFile(path, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return path


def damaged_images(rng: Random, folder: Path) -> Path:
    """Write a folder of two classes with one damaged image."""
    root = _good_folder(folder)
    name, data = rng.choice(image_files())
    (root / "train" / "sea" / f"damaged{name}").write_bytes(mutate(rng, data))
    return root


def odd_folders(rng: Random, folder: Path) -> Path:
    """Write a random folder tree: odd names, links, loops, empty folders and files."""
    root = folder / "odd"
    root.mkdir()
    folders = [root]
    for _ in range(rng.randint(1, 12)):
        parent = rng.choice(folders)
        path = parent / rng.choice((*ODD_NAMES, "test", "seg_train", parent.name, "sea", "forest"))
        if path.exists() or path.is_symlink():
            continue
        kind = rng.randrange(5)
        if kind <= 1:
            path.mkdir()
            folders.append(path)
        elif kind == 2:
            path.symlink_to(rng.choice((*folders, root / "nothing")))
        elif kind == 3 and hasattr(os, "mkfifo"):
            os.mkfifo(path.with_suffix(".jpg")) if not path.with_suffix(".jpg").exists() else None
        else:
            path.write_bytes(rng.choice((b"", b"text", rng.choice(image_files())[1])))
    for place in folders:
        for number in range(rng.choice((0, 1, 2, 3, 30))):
            (place / f"{number}.jpg").write_bytes(rng.choice(image_files())[1])
    return root


def damaged_cache(rng: Random, folder: Path) -> Path:
    """Write an intact folder whose cache entry is damaged."""
    root = _good_folder(folder)
    ImageFolder(root, 8).load()
    (entry,) = cache_folder().iterdir()
    entry.write_bytes(mutate(rng, entry.read_bytes()))
    return root


def load_from_cache(root: Path) -> None:
    """Read an intact folder twice; damage in the cache must change nothing."""
    hashes = {ImageFolder(root, 8).load().sha256 for _ in range(2)}
    (entry,) = cache_folder().iterdir()
    entry.unlink()
    assert {ImageFolder(root, 8).load().sha256} == hashes, "the damaged cache changed the data"


def import_folder(root: Path) -> None:
    """Run `hw1 data import`; a file that it writes must be readable."""
    output = root.parent / "out.npz"
    try:
        data_command.run(["data", "import", str(root), str(output), "--on_error", "skip"])
    finally:
        if output.exists():
            Landscapes(output).load()


# The script and the tests fuzz every reader in this table.
READERS = {
    "npz bytes": Reader(npz_bytes, lambda path: Landscapes(path).load()),
    "npz members": Reader(npz_members, lambda path: Landscapes(path).load()),
    "pictures": Reader(damaged_images, lambda path: ImageFolder(path, 8).load()),
    "pictures skipped": Reader(damaged_images, lambda path: ImageFolder(path, 8, on_error="skip").load()),
    "folders": Reader(odd_folders, lambda path: ImageFolder(path, 8, on_error="skip").load()),
    "import": Reader(odd_folders, import_folder),
    "cache": Reader(damaged_cache, load_from_cache),
    "studies": Reader(study_file, read_study),
    "configs": Reader(config_file, prepare_fit),
    "checkpoints": Reader(checkpoint_file, read_model),
}


def _odd_array(rng: Random) -> Any:
    kind = rng.choice(["u1", "<i8", ">i4", "f4", "c8", "S3", "U2", "M8[s]", "?", "O", "V5", "i4,f8"])
    shape = rng.choice([(), (0,), (3,), (3, 1), (1, 3), (3, 48, 48, 3), (0, 48, 48, 3), (3, 48, 48, 1), (3, 0)])
    return np.zeros(shape, dtype=kind)


def _good_folder(folder: Path) -> Path:
    root = folder / "good"
    for split, (suffix, data) in zip(("train", "val", "test"), image_files()[:6:2], strict=True):
        for name in ("forest", "sea"):
            (root / split / name).mkdir(parents=True)
            (root / split / name / f"a{suffix}").write_bytes(data)
    return root
