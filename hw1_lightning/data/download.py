"""Downloading the course's file."""

import hashlib
import re
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from hw1_lightning.data.archive import is_web_page
from hw1_lightning.errors import InputError, file_errors

FILE_ID = "16AzJIrmra4qWdY7wU9N1ew4bwadmNt4j"
# Google Drive's address of the file itself: the course's link opens a page, and above 100 MB another page asks for a
# confirmation. It was never tried: where hw1 is tested there is no network.
LANDSCAPES_URL = f"https://drive.usercontent.google.com/download?id={FILE_ID}&export=download&confirm=t"
LANDSCAPES_FILE = "intel_landscapes.v2.npz"
BY_HAND = (
    f"by hand: open https://drive.google.com/file/d/{FILE_ID} in a browser, save {LANDSCAPES_FILE} and look at it with "
    f"`hw1 data info {LANDSCAPES_FILE}`"
)
RETRIES = 3  # after 1, 2 and 3 seconds
TIMEOUT = 30.0  # seconds without a byte


def download(url: str, output: Path, check: Callable[[Path], object], sha256: str | None = None) -> None:
    """Download a file; it gets its name only when it is complete and has been checked.

    A download that fails is repeated from the start, up to three times.

    Args:
        url: where it is, http or https.
        output: the file to write.
        check: called with the path of the download; raises ``InputError`` if its content is wrong.
        sha256: the file's checksum, 64 hexadecimal digits, where it is known.

    Raises:
        InputError: if it cannot be downloaded or written, or its content is wrong; says how to get it by hand.
    """
    address = urlsplit(url)
    if address.scheme not in {"http", "https"} or not address.netloc:
        raise InputError(f"url is '{url}'; it must begin with http:// or https://")
    if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise InputError(f"sha256 is '{sha256}'; it must be 64 hexadecimal digits")
    parent = output.absolute().parent
    with file_errors(f"{output} cannot be written"), TemporaryDirectory(prefix=".hw1-download-", dir=parent) as folder:
        downloaded = Path(folder, output.name)
        _fetch(url, downloaded)
        if sha256 is not None and file_sha256(downloaded) != sha256.lower():
            raise InputError(f"the SHA-256 of {url} is {file_sha256(downloaded)}, not {sha256}")
        if is_web_page(downloaded):
            raise InputError(f"{url} is a web page instead of the file; {BY_HAND}")
        try:
            check(downloaded)
        except InputError as error:
            raise InputError(f"{url} is not the file: {error}") from error
        downloaded.replace(output)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(url: str, path: Path) -> None:
    import pooch  # imported late: it and requests take half a second

    print(f"hw1: downloading {url}, with up to {1 + RETRIES} attempts", file=sys.stderr)
    pooch.get_logger().setLevel("WARNING")  # its own lines name the temporary folder
    files = pooch.create(path.parent, url, registry={path.name: None}, urls={path.name: url}, retry_if_failed=RETRIES)
    try:
        files.fetch(path.name, downloader=pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=TIMEOUT))
    except (OSError, ValueError) as error:  # all that requests raises is an OSError without a number
        if isinstance(error, OSError) and error.errno is not None:  # a local error, such as a full disk
            raise
        why = f"({_reason(error)}), after {1 + RETRIES} attempts"
        raise InputError(f"{url} cannot be downloaded {why}; {BY_HAND}") from error


def _reason(error: Exception) -> str:
    """Return why a download failed, in one line: requests wraps what urllib3 wraps."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answers {response.status_code} {response.reason}"
    innermost: BaseException = error
    while (inner := innermost.__cause__ or innermost.__context__) is not None:
        innermost = inner
    if isinstance(innermost, socket.gaierror):
        return "its address cannot be found; check the network"
    return " ".join(str(innermost).split()) or type(innermost).__name__
