"""Decoding of image files to small square arrays, in parallel."""

import os
import stat
import sys
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, UnidentifiedImageError
from tqdm import tqdm

from hw1_lightning.errors import InputError, printable
from hw1_lightning.memory import check_memory

# Models multiply pixels by this, as the course's code does.
PIXEL_SCALE = 1 / 256
FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 100_000_000
MAX_BYTES = 8 * MAX_PIXELS  # 16 bits in each of four channels, uncompressed: no valid file is larger
# An image is first reduced to this many times its final size, by fast means: JPEG's own, or means of 2x2 pixels.
GAP = 3

# What makes an image upright, by its EXIF orientation.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Pixels = npt.NDArray[np.uint8]
OnError = Literal["raise", "skip"]


@dataclass(frozen=True)
class DecodedImages:
    """Images that could be read, and why others could not.

    Args:
        images: uint8, ``(N, size, size, 3)``.
        kept: which of the files they are, N ascending indices.
        broken: for the index of each other file, why it could not be read.
    """

    images: Pixels
    kept: list[int]
    broken: dict[int, str]


def read_images(paths: Sequence[Path], size: int, on_error: OnError = "raise") -> DecodedImages:
    """Read images in parallel, with a progress bar where standard error is a terminal.

    Pillow releases Python's lock while it decodes and resizes, so threads are enough.

    Args:
        paths: the files.
        size: height and width of the results, in pixels.
        on_error: whether a file that cannot be read is an error or is left out.

    Returns:
        The images that could be read, in the order of their files; see ``read_image``.

    Raises:
        InputError: if a file is broken and ``on_error`` is ``raise``, if all are broken, or if the images do not fit in
            memory.
    """
    check_memory(len(paths) * size * size * 3, f"{len(paths):,} images of {size}x{size} pixels")
    images = np.empty((len(paths), size, size, 3), dtype=np.uint8)
    broken: dict[int, str] = {}

    def read(index: int) -> str:
        try:
            images[index] = read_image(paths[index], size)
        except InputError as error:
            return str(error)
        return ""

    with warnings.catch_warnings(), ThreadPoolExecutor(_cores()) as pool:
        # Pillow warns of large images, which have a limit of their own here, and of odd metadata.
        warnings.filterwarnings("ignore", module="PIL")
        done = pool.map(read, range(len(paths)))
        bar = tqdm(done, "reading images", len(paths), unit="", disable=not sys.stderr.isatty(), dynamic_ncols=True)
        for index, reason in enumerate(bar):
            if reason:
                broken[index] = reason
            if reason and on_error == "raise":
                raise InputError(broken_message(paths[index], reason))
    kept = [index for index in range(len(paths)) if index not in broken]
    if not kept:
        raise InputError(f"none of {len(paths)} images can be read; {broken_message(paths[0], broken[0])}")
    return DecodedImages(images[kept] if broken else images, kept, broken)


def broken_message(path: Path, reason: str) -> str:
    """Return the error message that names a broken image."""
    return f"{path} cannot be read ({reason}); fix or remove it, or leave out such images with on_error skip"


def read_image(path: Path, size: int) -> Pixels:
    """Read one image as a small RGB square.

    The largest centred square is cropped and resized with Pillow's bilinear filter, whose support grows with the
    reduction. Square photographs become bit-identical to the course's file; 30 of Kaggle's 10,899 are not square, and
    the course may have treated them differently. EXIF orientation is applied. Transparent parts become white; grey,
    palette and CMYK become RGB without colour profiles, 16-bit values lose their lower 8 bits. Of an animation, the
    first frame is read.

    Args:
        path: a JPEG, PNG or WebP file with any suffix.
        size: height and width of the result, in pixels.

    Returns:
        The pixels, ``(size, size, 3)``.

    Raises:
        InputError: if the file is missing, not such an image, damaged, or of more than 100 megapixels by its header;
            the message says why, without the file's name.
    """
    try:
        _check_regular_files(path)
        with Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InputError(f"{image.width}x{image.height} pixels; at most {MAX_PIXELS // 10**6} megapixels")
            return np.asarray(_small_square(image, size))
    except InputError:
        raise
    except UnidentifiedImageError as error:
        raise InputError("not a JPEG, PNG or WebP image") from error
    except Image.DecompressionBombError as error:
        raise InputError(f"more than {MAX_PIXELS // 10**6} megapixels") from error
    except Exception as error:  # decoders raise nearly every kind of exception on damaged bytes
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(printable(" ".join(reason.split())) or type(error).__name__) from error


def _check_regular_files(path: Path) -> None:
    """Refuse what would block on opening, such as a pipe, or fill the memory."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise InputError("not a regular file")
    if status.st_size == 0:
        raise InputError("an empty file")
    if status.st_size > MAX_BYTES:
        raise InputError(f"a file of {status.st_size / 10**9:.1f} GB; at most {MAX_BYTES / 10**9:.1f}")


def _small_square(image: Image.Image, size: int) -> Image.Image:
    reduced = image.draft(None, (GAP * size, GAP * size))  # a JPEG of an eighth may end inside its last pixel
    width, height = reduced[1][2:] if reduced else image.size
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    small = _to_rgb(image).resize((size, size), Image.Resampling.BILINEAR, box, reducing_gap=GAP)
    return small if turn is None else small.transpose(turn)  # a centred square stays one when it is turned


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a pixel
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
