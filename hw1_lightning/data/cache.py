"""Arrays in the user's cache folder, so that slow work is done once."""

import hashlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from hw1_lightning.data.archive import Array, read_arrays, write_arrays
from hw1_lightning.errors import InputError, file_errors
from hw1_lightning.files import replacing

FINGERPRINT = "fingerprint"


def cached(
    what: str, fingerprint: str, keys: Sequence[str], make: Callable[[], Mapping[str, Array]]
) -> Mapping[str, Array]:
    """Read arrays from the cache, or make them and write them to it.

    Each ``what`` has one entry, an npz file without pickles, so the cache does not grow when a source changes. An entry
    that is damaged (checksums are verified) or has another fingerprint is replaced. If the cache folder cannot be
    written, the arrays are made every time, with a warning; a folder for temporary files would not outlive the session
    and could be another user's.

    Args:
        what: what the arrays are made from: the path and the options of a source.
        fingerprint: a text that changes when the source does.
        keys: the names of the arrays.
        make: makes the arrays.

    Returns:
        The arrays by name.
    """
    folder = cache_folder()
    entry = folder / f"{hashlib.sha256(what.encode(errors='surrogateescape')).hexdigest()[:24]}.npz"
    if folder.is_absolute():
        with suppress(InputError):
            if str(read_arrays(entry, [FINGERPRINT])[FINGERPRINT]) == fingerprint:
                return read_arrays(entry, keys)
    arrays = make()
    try:
        if not folder.is_absolute():
            raise InputError("this user has no home folder")
        with file_errors(f"{folder} cannot be created"):
            folder.mkdir(parents=True, exist_ok=True)
        with replacing(entry) as temporary:
            write_arrays(temporary, {**arrays, FINGERPRINT: np.array(fingerprint)})
    except InputError as error:
        fix = "set XDG_CACHE_HOME to a folder that can be written"
        warnings.warn(f"decoded images are not cached: {error}; {fix}", stacklevel=2)
    return arrays


def cache_folder() -> Path:
    """Return the user's cache folder for hw1 (``$XDG_CACHE_HOME/hw1`` or ``~/.cache/hw1`` on Linux)."""
    from platformdirs import user_cache_path

    return user_cache_path("hw1", appauthor=False)
