"""Folders of images that are not read, since their names start with a dot."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from hw1_lightning.errors import printable

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


def visible(names: Iterable[str]) -> list[str]:
    """The names that do not start with a dot, sorted."""
    return sorted(name for name in names if not name.startswith("."))


def hidden_folders(folder: Path) -> list[str]:
    """The folders in a folder that would be classes, since they hold images, if their names had no dot."""
    return sorted(
        inner.name
        for inner in folder.iterdir()
        if inner.name.startswith(".") and inner.is_dir() and _holds_images(inner)
    )


def hidden_hint(folder: Path) -> str:
    """Part of an error about missing classes: which folders would be some; empty if there are none."""
    hidden = printable(", ".join(hidden_folders(folder)))
    return f" ({hidden} not read, because of the dot; rename to read)" if hidden else ""


def hidden_message(hidden: Sequence[str]) -> str:
    """Name folders of images that are not read, and why.

    Args:
        hidden: at least one, as paths below the folder.
    """
    named = printable(", ".join(hidden))
    return f"not read, because names that start with a dot are no classes: {named}; rename a folder that is a class"


def _holds_images(folder: Path) -> bool:
    """Whether there are images at any depth; a folder that cannot be read counts as empty, since it is left out."""
    return any(name.lower().endswith(SUFFIXES) for _, _, files in os.walk(folder) for name in visible(files))
