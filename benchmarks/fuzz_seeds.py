"""Intact inputs, which the fuzzer then damages."""

import io
from functools import cache
from typing import Any

import numpy as np
from PIL import Image


@cache
def small_arrays() -> dict[str, Any]:
    """Return arrays as in the course's file, with three images in each split."""
    rng = np.random.default_rng(0)
    arrays: dict[str, Any] = {"class_names": np.array(["a", "b", "c"])}
    for split in ("train", "val", "test"):
        arrays[f"{split}_images"] = rng.integers(0, 256, (3, 48, 48, 3), dtype=np.uint8)
        arrays[f"{split}_labels"] = np.arange(3)
    return arrays


@cache
def npz_file(compressed: bool) -> bytes:
    """Return the course's file with these arrays."""
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **small_arrays())
    return file.getvalue()


def npy_file(array: Any) -> bytes:
    """Return one array as the bytes of an npy file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@cache
def image_files() -> list[tuple[str, bytes]]:
    """Return small images of every format and mode, as suffix and bytes."""
    pixels = np.random.default_rng(0).integers(0, 256, (20, 24, 4), dtype=np.uint8)
    image = Image.fromarray(pixels)
    exif = Image.Exif()
    exif[0x0112] = 6
    second = Image.fromarray(pixels[::-1].copy())
    made: list[tuple[str, Image.Image, dict[str, Any]]] = [
        (".jpg", image.convert("RGB"), {"exif": exif}),
        (".jpg", image.convert("RGB"), {"progressive": True}),
        (".jpg", image.convert("CMYK"), {}),
        (".JPEG", image.convert("L"), {}),
        (".png", image, {"exif": exif}),
        (".png", image.convert("P"), {"transparency": 3}),
        (".png", Image.fromarray(pixels[:, :, 0].astype(np.uint16) * 257), {}),
        (".webp", image, {"exif": exif}),
        (".webp", image, {"lossless": True}),
        (".webp", image, {"save_all": True, "append_images": [second]}),
    ]
    found = []
    for suffix, content, options in made:
        file = io.BytesIO()
        content.save(file, {"J": "JPEG", "P": "PNG", "W": "WEBP"}[suffix[1].upper()], **options)
        found.append((suffix, file.getvalue()))
    return found
