"""The pixels of decoded images, compared with a reference and with values by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from hw1_lightning.data.images import read_image
from tests.data.folder import picture

Pixels = npt.NDArray[np.uint8]


def saved(path: Path, image: Image.Image, **options: Any) -> Pixels:
    """Save an image and read it at its own size."""
    image.save(path, **options)
    return read_image(path, min(image.size))


def plain(colour: object, mode: str = "RGB", size: tuple[int, int] = (6, 6)) -> Image.Image:
    return Image.new(mode, size, colour)  # type: ignore[arg-type] # the mode decides the type of a colour


def triangle(image: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return every third row of a filter with weights 1 2 3 2 1: bilinear reduction by 3, except at the borders."""
    padded = sum(
        weight * np.roll(image, -shift, axis=0)
        for shift, weight in zip((-2, -1, 0, 1, 2), np.array([1, 2, 3, 2, 1]) / 9, strict=True)
    )
    return np.asarray(padded)[1::3]


def test_reduction_is_a_triangular_mean(tmp_path: Path) -> None:
    image = picture(1, (144, 144))
    image.save(tmp_path / "a.png")
    pixels = np.asarray(image).astype(np.float64)
    expected = triangle(triangle(pixels).transpose(1, 0, 2)).transpose(1, 0, 2)
    difference = read_image(tmp_path / "a.png", 48)[1:-1, 1:-1] - expected[1:-1, 1:-1]
    assert np.abs(difference).max() <= 1.01, "rounded twice"


def test_an_image_of_the_right_size_is_unchanged(tmp_path: Path) -> None:
    assert np.array_equal(saved(tmp_path / "a.png", picture()), np.asarray(picture()))


@pytest.mark.parametrize("size", [(20, 8), (8, 20), (21, 8)])
def test_the_largest_centred_square_is_cropped(tmp_path: Path, size: tuple[int, int]) -> None:
    image = plain("red", size=size)
    image.paste("blue", ((size[0] - 6) // 2, (size[1] - 6) // 2, (size[0] + 6) // 2, (size[1] + 6) // 2))
    pixels = saved(tmp_path / "a.png", image)
    assert pixels.shape == (8, 8, 3)
    assert (pixels[1:-1, 2:-2] == [0, 0, 255]).all(), "the middle is in the middle"
    assert pixels[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize(("side", "difference"), [(384, 3), (389, 9)])
def test_a_large_jpeg_is_close_to_the_exact_reduction(tmp_path: Path, side: int, difference: int) -> None:
    """JPEG's own reduction is an approximation, and a rougher one at the border of 389 / 8 pixels."""
    picture(2, (10, 10)).resize((side, side), Image.Resampling.BICUBIC).save(tmp_path / "a.jpg", quality=95)
    with Image.open(tmp_path / "a.jpg") as image:
        exact = np.asarray(image.resize((8, 8), Image.Resampling.BILINEAR)).astype(int)
    errors = np.abs(read_image(tmp_path / "a.jpg", 8) - exact)
    assert errors.max() <= difference
    assert errors[:-1, :-1].max() <= 3


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (plain(77, "L"), [77, 77, 77]),
        (plain(1, "1"), [255, 255, 255]),
        (plain((200, 255), "LA"), [200, 200, 200]),
        (plain((0, 0), "LA"), [255, 255, 255]),
        (plain((255, 0, 0, 255), "RGBA"), [255, 0, 0]),
        (plain((255, 0, 0, 0), "RGBA"), [255, 255, 255]),
        (plain((255, 0, 0, 51), "RGBA"), [255, 204, 204]),
        (plain((10, 20, 30)).convert("P", palette=Image.Palette.ADAPTIVE), [10, 20, 30]),
        (Image.fromarray(np.full((6, 6), 0x4321, dtype=np.uint16)), [0x43, 0x43, 0x43]),
    ],
    ids=["grey", "bits", "grey+alpha", "invisible grey", "opaque", "invisible", "a fifth", "palette", "16 bits"],
)
def test_png_modes_become_rgb_on_white(tmp_path: Path, image: Image.Image, expected: list[int]) -> None:
    assert saved(tmp_path / "a.png", image)[3, 3].tolist() == expected


def test_a_transparent_colour_of_a_palette_becomes_white(tmp_path: Path) -> None:
    image = plain(0, "P")
    image.putpalette([9, 9, 9, 50, 60, 70])
    image.paste(1, (0, 0, 3, 6))
    pixels = saved(tmp_path / "a.png", image, transparency=0)
    assert pixels[0, 5].tolist() == [255, 255, 255]
    assert pixels[0, 0].tolist() == [50, 60, 70]


def test_a_cmyk_jpeg_is_read_as_subtractive(tmp_path: Path) -> None:
    pixels = saved(tmp_path / "a.jpg", plain((255, 0, 0, 0), "CMYK", (16, 16)), quality=100)
    assert np.abs(pixels.astype(int) - [0, 255, 255]).max() <= 3


def test_grey_jpeg_and_webp_files_are_read(tmp_path: Path) -> None:
    assert np.abs(saved(tmp_path / "a.jpg", plain(90, "L", (16, 16))).astype(int) - 90).max() <= 2
    assert saved(tmp_path / "a.webp", plain((1, 2, 3)), lossless=True)[0, 0].tolist() == [1, 2, 3]


def test_the_first_frame_of_an_animation_is_read(tmp_path: Path) -> None:
    pixels = saved(tmp_path / "a.webp", plain("red"), save_all=True, append_images=[plain("blue")], lossless=True)
    assert pixels[0, 0].tolist() == [255, 0, 0]


# How to store an upright image for each EXIF orientation.
UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, -1),
}


@pytest.mark.parametrize("suffix", ["png", "webp"])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(UPRIGHT[orientation](np.asarray(picture()))))
    pixels = saved(tmp_path / f"a.{suffix}", stored, exif=exif, lossless=True)
    assert np.array_equal(pixels, np.asarray(picture()))
