"""Lists of the images in a folder of class folders or split folders, including Kaggle's nested folders of one name."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from hw1_lightning.data.hidden import SUFFIXES, hidden_folders, hidden_hint, visible
from hw1_lightning.errors import InputError, file_errors

# Names of split folders, in lower or upper case; seg_* is Kaggle's Intel data set.
SPLIT_NAMES = {
    "train": ("train", "training", "seg_train"),
    "val": ("val", "valid", "validation", "seg_val"),
    "test": ("test", "testing", "seg_test"),
}
UNLABELLED = ("pred", "predict", "seg_pred")


@dataclass(frozen=True)
class Listing:
    """The file names of a folder's images by split and class.

    Args:
        root: the folder.
        class_names: sorted.
        splits: for ``train``, ``test`` and perhaps ``val``, or for ``all`` if there are no split folders: the
            images of each class, as sorted paths below ``root`` with forward slashes.
        class_folders: for the same keys the folder of each class, as a path below ``root``.
        unlabelled: folders next to the split folders; their images are not used.
        hidden: folders next to split or class folders that hold images but are not read, since their names start with a
            dot; as paths below ``root``.
    """

    root: Path
    class_names: tuple[str, ...]
    splits: dict[str, list[list[str]]]
    class_folders: dict[str, list[str]]
    unlabelled: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


def list_classes(path: Path) -> Listing:
    """List the images of a folder of class folders, or of split folders with class folders in them.

    A class is a folder; its images are the JPEG, PNG and WebP files at any depth below it. Symbolic links are
    followed, each folder once. Files of other kinds, and files and folders whose names start with a dot, are left out
    (``.git``, ``.ipynb_checkpoints``); such a folder next to class folders is listed in ``hidden``. A folder that holds
    nothing but a folder of its own name (``seg_train/seg_train``) is replaced by that one. Folders are split folders if
    their names say so (see ``SPLIT_NAMES``) and there is one for training and one for the test.

    Args:
        path: the folder.

    Returns:
        The names of the images.

    Raises:
        InputError: if there is no such folder, a class has no images, there are fewer than two classes, or the
            splits have different ones.
    """
    root = _innermost_folder(_existing_folder(path))
    splits = _split_folders(root)
    unlabelled = tuple(name for name in _folders(root) if root / name not in splits.values()) if splits else ()
    classes = {split: _classes(_innermost_folder(folder)) for split, folder in (splits or {"all": root}).items()}
    names = next(iter(classes.values()))
    for split, folders in classes.items():
        extra = {split: folders.keys() - names, next(iter(classes)): names.keys() - folders}
        if wrong := [f"{', '.join(sorted(only))} only in {where}" for where, only in extra.items() if only]:
            raise InputError(f"{root}: the splits have different classes ({'; '.join(wrong)}); rename or remove them")
    if len(names) < 2:
        hint = hidden_hint(next(iter(names.values())).parent)
        raise InputError(f"{root} has one class folder, '{next(iter(names))}'{hint}; give a folder of two or more")
    found = {split: [_below(root, folder) for folder in folders.values()] for split, folders in classes.items()}
    below = {split: [one.relative_to(root).as_posix() for one in each.values()] for split, each in classes.items()}
    parents = dict.fromkeys([root, *(folder.parent for each in classes.values() for folder in each.values())])
    hidden = tuple((each / name).relative_to(root).as_posix() for each in parents for name in hidden_folders(each))
    return Listing(root, tuple(names), found, below, unlabelled, hidden)


def find_images(path: str | os.PathLike[str]) -> list[Path]:
    """Find all images in a folder without labels, at any depth.

    Args:
        path: a folder, such as Kaggle's ``seg_pred``, or one image with any suffix.

    Returns:
        The JPEG, PNG and WebP files, sorted by their paths.

    Raises:
        InputError: if there is no such folder, or no image in it.
    """
    path = Path(path)
    if os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises where a folder above must not be read
        return [path]
    folder = _existing_folder(path)
    if found := sorted(_walk(folder)):
        return [folder / name for name in found]
    raise InputError(f"{path} holds no images ({', '.join(SUFFIXES)})")


def _existing_folder(path: Path) -> Path:
    with file_errors(f"{path} cannot be read"):
        if not path.exists():
            raise InputError(f"no folder {path}")
        if not path.is_dir():
            raise InputError(f"{path} is not a folder; give a folder with a folder of images for each class")
        return path.resolve()  # '.' has no name to compare with


def _folders(folder: Path) -> list[str]:
    try:
        return visible(inner.name for inner in folder.iterdir() if inner.is_dir())
    except OSError as error:
        _check_readable(error)


def _innermost_folder(folder: Path) -> Path:
    """Return the innermost folder of nested folders with the same name, such as ``seg_train/seg_train``."""
    while folder.name and _folders(folder) == [folder.name]:
        folder = folder / folder.name
    return folder


def _split_folders(root: Path) -> dict[str, Path]:
    """Return the split folders; empty if the folders are classes."""
    found: dict[str, Path] = {}
    folders = _folders(root)
    for split, names in SPLIT_NAMES.items():
        if len(matching := [name for name in folders if name.lower() in names]) > 1:
            raise InputError(f"{root} has several {split} folders, {' and '.join(matching)}; keep one")
        if matching:
            found[split] = root / matching[0]
    if {"train", "test"} <= found.keys():
        return found
    known = {name for names in SPLIT_NAMES.values() for name in names}.union(UNLABELLED)
    if found and all(name.lower() in known for name in folders):
        missing = "test" if "train" in found else "train"
        fix = "add one, or give a folder of class folders, which hw1 splits"
        raise InputError(f"{root} has the split folders {', '.join(folders)} but none for {missing}; {fix}")
    return {}


def _classes(folder: Path) -> dict[str, Path]:
    """Return the class folders by name, sorted."""
    names = _folders(folder)
    for name in names:
        if not name.isprintable():
            raise InputError(f"the name of class folder '{name}' in {folder} cannot be printed; rename it")
    if not names:
        has = f"{'holds images but' if any(_walk(folder)) else 'has'} no class folders{hidden_hint(folder)}"
        raise InputError(f"{folder} {has}; put the images of each class into a folder")
    return {name: folder / name for name in names}


def _below(root: Path, folder: Path) -> list[str]:
    prefix = folder.relative_to(root).as_posix()
    if found := sorted(f"{prefix}/{name}" for name in _walk(folder)):
        return found
    raise InputError(f"class folder {folder} holds no images ({', '.join(SUFFIXES)}); fill or remove it")


def _walk(folder: Path) -> Iterator[str]:
    """Yield the paths of all images below a folder; a folder that links lead to twice is entered once.

    As strings: with 17,000 files, Path objects took twice as long as all else that reading the cache needs.
    """
    seen: set[tuple[int, int]] = set()
    for parent, folders, files in os.walk(folder, followlinks=True, onerror=_check_readable):
        status = Path(parent).stat()
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = visible(folders)
        prefix = "" if Path(parent) == folder else f"{Path(parent).relative_to(folder).as_posix()}/"
        yield from (prefix + name for name in visible(files) if name.lower().endswith(SUFFIXES))


def _check_readable(error: OSError) -> NoReturn:
    raise InputError(f"{error.filename} cannot be read: {error.strerror}") from error
