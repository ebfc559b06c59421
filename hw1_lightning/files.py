"""A file is written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hw1_lightning.errors import InputError


@contextmanager
def replacing(path: Path, hint: str = "") -> Iterator[Path]:
    """A temporary file's path that becomes ``path`` if the block ends well, and vanishes if it does not.

    It is in the same folder, so that the last step is a renaming, which either happens or does not.

    Args:
        path: the file to write; an older one stays until the new one is whole.
        hint: what the error is to say beside the reason.

    Yields:
        The path to write to.

    Raises:
        InputError: if the file cannot be written.
    """
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}.tmp")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}{hint}") from error
    finally:
        if temporary.exists():
            temporary.unlink()
