"""Fetching the course's file from the network."""

import hashlib
import re
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from hw1_lightning.data.archive import is_web_page
from hw1_lightning.errors import InputError

FILE_ID = "16AzJIrmra4qWdY7wU9N1ew4bwadmNt4j"
# Google Drive's address for a file itself: the course's link opens a page, and beyond 100 MB another page asks for a
# confirmation. It was not tried: where hw1 is tested there is no network.
LANDSCAPES_URL = f"https://drive.usercontent.google.com/download?id={FILE_ID}&export=download&confirm=t"
LANDSCAPES_FILE = "intel_landscapes.v2.npz"
BY_HAND = (
    f"by hand: open https://drive.google.com/file/d/{FILE_ID} in a browser, save {LANDSCAPES_FILE} and look at it with "
    f"`hw1 data info {LANDSCAPES_FILE}`"
)
WAITS = (1.0, 2.0, 4.0)  # seconds before each new try
TIMEOUT = 30.0  # seconds without a byte
ASKED_TO_WAIT = {408, 429}  # the client errors that may pass: timed out, too many requests


def download(url: str, output: Path, check: Callable[[Path], object], sha256: str | None = None) -> None:
    """Fetch a file; it appears under its name only when it is whole and has been checked.

    A connection that breaks, stalls or answers with a server's error is tried anew, from the start, up to three times.

    Args:
        url: where it is, http or https.
        output: the file to write.
        check: called with the path of what was fetched; raises ``InputError`` if it is not what it should be.
        sha256: the file's checksum, 64 hexadecimal digits, where it is known.

    Raises:
        InputError: if it cannot be fetched or written, or is not what it should be; says how to get it by hand.
    """
    address = urlsplit(url)
    if address.scheme not in {"http", "https"} or not address.netloc:
        raise InputError(f"url is '{url}'; it must begin with http:// or https://")
    if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise InputError(f"sha256 is '{sha256}'; it must be 64 hexadecimal digits")
    try:
        with tempfile.TemporaryDirectory(prefix=".hw1-download-", dir=output.parent) as folder:
            fetched = Path(folder, output.name)
            _fetch_patiently(url, fetched)
            if sha256 is not None and file_sha256(fetched) != sha256.lower():
                raise InputError(f"what {url} gives has the SHA-256 {file_sha256(fetched)}, not {sha256}")
            if is_web_page(fetched):
                raise InputError(f"{url} gives a web page in place of the file; {BY_HAND}")
            try:
                check(fetched)
            except InputError as error:
                raise InputError(f"what {url} gives is not the file: {error}") from error
            fetched.replace(output)
    except OSError as error:
        raise InputError(f"{output} cannot be written: {error.strerror or error}") from error


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch_patiently(url: str, path: Path) -> None:
    for wait in (*WAITS, None):
        try:
            return _fetch(url, path)
        except OSError as error:  # all that requests raises is one
            if error.errno is not None:  # this machine's trouble, such as a full disk
                raise
            reason, may_pass = _diagnose(error)
            if wait is None or not may_pass:
                tries = f", after {len(WAITS) + 1} tries" if may_pass else ""
                raise InputError(f"{url} cannot be fetched{tries}: {reason}; {BY_HAND}") from error
            print(f"hw1: {reason}; trying again in {wait:g} s", file=sys.stderr)
            time.sleep(wait)


def _diagnose(error: OSError) -> tuple[str, bool]:
    """Why a fetch failed, in a line, and whether another try may do better."""
    response = getattr(error, "response", None)
    if response is not None:
        status: int = response.status_code
        return f"it answers {status} {response.reason}", status >= 500 or status in ASKED_TO_WAIT
    innermost: BaseException = error
    while (inner := innermost.__cause__ or innermost.__context__) is not None:  # requests wraps what urllib3 wraps
        innermost = inner
    if isinstance(innermost, socket.gaierror):
        return "its address is not found, is there a network?", False
    return " ".join(str(innermost).split()) or type(innermost).__name__, True


def _fetch(url: str, path: Path) -> None:
    import pooch  # imported late: it and requests take half a second

    fetch = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=TIMEOUT)
    try:
        fetch(url, str(path), None)
    except ValueError as error:  # an address or a header that cannot be understood
        raise InputError(f"{url} cannot be fetched ({error}); {BY_HAND}") from error
