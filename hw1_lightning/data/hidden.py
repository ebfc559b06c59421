"""Folders of images that are not read because their names start with a dot."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from hw1_lightning.errors import printable

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


def visible(names: Iterable[str]) -> list[str]:
    """Return the names that do not start with a dot, sorted."""
    return sorted(name for name in names if not name.startswith("."))


def hidden_folders(folder: Path) -> list[str]:
    """Return the hidden folders in a folder that hold images, and so would be classes without the dot."""
    return sorted(inner.name for inner in folder.glob(".*") if inner.is_dir() and _holds_images(inner))


def hidden_hint(folder: Path) -> str:
    """Return a hint for an error about missing classes that names hidden folders; empty if there are none."""
    hidden = printable(", ".join(hidden_folders(folder)))
    return f" ({hidden} is not read because of the dot; rename it to read it)" if hidden else ""


def hidden_message(hidden: Sequence[str]) -> str:
    """Return a message that names folders of images that are not read.

    Args:
        hidden: at least one, as paths below the folder.
    """
    named = printable(", ".join(hidden))
    return f"not read, because their names start with a dot: {named}; rename a folder that is a class"


def _holds_images(folder: Path) -> bool:
    """Return whether there are images at any depth; a folder that cannot be read counts as empty."""
    return any(name.lower().endswith(SUFFIXES) for _, _, files in os.walk(folder) for name in visible(files))
