"""Images that are refused, dangerous ones by their headers, and many images at once."""

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from hw1_lightning.data.images import MAX_BYTES, read_image, read_images
from hw1_lightning.errors import InputError
from tests.data.folder import picture


def reason(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_image(path, 8)
    return str(caught.value)


def test_the_content_decides_the_format_not_the_suffix(tmp_path: Path) -> None:
    picture().save(tmp_path / "a.jpg", "PNG")
    assert np.array_equal(read_image(tmp_path / "a.jpg", 12), np.asarray(picture()))


def test_other_formats_are_refused(tmp_path: Path) -> None:
    picture().save(tmp_path / "a.jpg", "GIF")
    assert reason(tmp_path / "a.jpg") == "not a JPEG, PNG or WebP image"


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_truncated_and_empty_files_are_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    picture(0, (64, 64)).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert reason(path)
    path.write_bytes(b"")
    assert reason(path) == "an empty file"


def png_that_claims(path: Path, width: int, height: int) -> Path:
    """Write a PNG file of a few bytes whose header claims a size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")))
    return path


@pytest.mark.parametrize(("width", "height"), [(10_001, 10_000), (30_000, 30_000), (2**31 - 1, 2**31 - 1)])
def test_an_image_of_more_than_100_megapixels_is_refused_by_its_header(
    tmp_path: Path, width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda _: pytest.fail("was decoded"))
    path = png_that_claims(tmp_path / "a.png", width, height)
    with pytest.raises(InputError, match=r"a\.png cannot be read \(.*100 megapixels"):
        read_images([path], 8)


def test_a_file_larger_than_any_image_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.webp").open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # a sparse file, which takes no space
    assert "a file of 0.8 GB" in reason(tmp_path / "a.webp")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    assert reason(tmp_path / "a.png") == "not a regular file"


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert reason(tmp_path / "none.png") == "No such file or directory"
    assert reason(tmp_path) == "not a regular file"


def test_many_images_are_read_in_order_and_broken_ones_reported(tmp_path: Path) -> None:
    paths = [tmp_path / f"{seed}.png" for seed in range(40)]
    for seed, path in enumerate(paths):
        picture(seed).save(path)
    expected = np.stack([np.asarray(picture(seed)) for seed in range(40)])
    assert np.array_equal(read_images(paths, 12).images, expected)
    paths[7].write_bytes(b"no picture")
    paths[31].write_bytes(b"")
    with pytest.raises(InputError, match=r"7\.png cannot be read \(not a JPEG, PNG or WebP image\); .* on_error skip"):
        read_images(paths, 12)
    decoded = read_images(paths, 12, on_error="skip")
    assert decoded.broken == {7: "not a JPEG, PNG or WebP image", 31: "an empty file"}
    assert decoded.kept == [index for index in range(40) if index not in (7, 31)]
    assert np.array_equal(decoded.images, expected[decoded.kept])


def test_broken_images_only_and_too_large_a_size_are_errors(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(InputError, match="none of 1 images can be read"):
        read_images([tmp_path / "a.png"], 8, on_error="skip")
    with pytest.raises(InputError, match=r"1 images of 10000000x10000000 pixels need .* GiB"):
        read_images([tmp_path / "a.png"], 10_000_000)
