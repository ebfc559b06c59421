"""Sound inputs, which are then damaged."""

import io
from functools import cache
from typing import Any

import numpy as np
from PIL import Image


@cache
def small_arrays() -> dict[str, Any]:
    """What the course's file holds, with three pictures a split."""
    rng = np.random.default_rng(0)
    arrays: dict[str, Any] = {"class_names": np.array(["a", "b", "c"])}
    for split in ("train", "val", "test"):
        arrays[f"{split}_images"] = rng.integers(0, 256, (3, 48, 48, 3), dtype=np.uint8)
        arrays[f"{split}_labels"] = np.arange(3)
    return arrays


@cache
def npz_file(compressed: bool) -> bytes:
    """The file itself."""
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **small_arrays())
    return file.getvalue()


def npy_file(array: Any) -> bytes:
    """One array as a file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@cache
def picture_files() -> list[tuple[str, bytes]]:
    """Small pictures of every kind, with the ends of their names."""
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
    for suffix, picture, options in made:
        file = io.BytesIO()
        picture.save(file, {"J": "JPEG", "P": "PNG", "W": "WEBP"}[suffix[1].upper()], **options)
        found.append((suffix, file.getvalue()))
    return found
