"""Atomic writing of files, and syncing of those that cannot be made again."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hw1_lightning.errors import file_errors


@contextmanager
def replacing(path: Path, hint: str = "", synced: bool = False) -> Iterator[Path]:
    """Write a file atomically: yield a temporary path, which is renamed if the block succeeds and removed if it fails.

    It is in the same folder, so that renaming is atomic.

    Args:
        path: the file to write; an older one stays until the new one is complete.
        hint: what the error message says after the reason.
        synced: whether to wait until content and name are on the disk, so that they survive a power cut; takes about
            10 ms.

    Yields:
        The path to write to.

    Raises:
        InputError: if the file cannot be written.
    """
    # A name that cannot be guessed: in a folder from another user it could already exist, as a link to another file.
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.tmp")
    try:
        with file_errors(f"{path} cannot be written", hint):
            yield temporary
            if synced:
                sync(temporary)
            temporary.replace(path)
            if synced:
                sync(path.parent)
    finally:
        if temporary.exists():
            temporary.unlink()


def sync(path: Path) -> None:
    """Wait until a file's content, or a folder's list of files, is on the disk.

    Windows cannot sync a folder; its file systems do so themselves.

    Args:
        path: the file or folder.

    Raises:
        OSError: if the disk reports an error.
    """
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # a file system that cannot sync, as on some networks
            raise
    finally:
        os.close(handle)
