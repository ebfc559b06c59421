"""Pictures of many pictures."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

# Pixels: least side of a picture on a sheet, space between pictures, height of a caption's line and of its letters.
TILE, MARGIN, LINE, LETTERS = 144, 8, 26, 20


def contact_sheet(images: npt.NDArray[np.uint8], captions: Sequence[str], columns: int) -> Image.Image:
    """Draw pictures in rows on white, each with its caption below.

    Small pictures are enlarged by a whole factor, so that each of their pixels is a square.

    Args:
        images: uint8, ``(N, H, W, C)``, with 1 (grey) or 3 channels; N at least 1.
        captions: N texts, perhaps of several lines; a line that is wider than its picture ends in an ellipsis.
        columns: pictures in a row, at least 1.

    Returns:
        The sheet, in RGB.

    Raises:
        ValueError: if a count or a shape is not as described.
    """
    if images.ndim != 4 or images.shape[3] not in {1, 3} or not len(images) == len(captions) > 0 or columns < 1:
        raise ValueError(
            f"images {images.shape}, {len(captions)} captions and {columns} columns; there must be images "
            "(N, H, W, 1 or 3), N captions and at least 1 column"
        )
    height, width = images.shape[1:3]
    factor = max(1, TILE // max(height, width))
    size = (width * factor, height * factor)
    font = ImageFont.load_default(LETTERS)
    lines = max(caption.count("\n") + 1 for caption in captions)
    cell = (size[0] + MARGIN, size[1] + lines * LINE + MARGIN)
    columns = min(columns, len(images))
    rows = math.ceil(len(images) / columns)
    sheet = Image.new("RGB", (MARGIN + columns * cell[0], MARGIN + rows * cell[1]), "white")
    draw = ImageDraw.Draw(sheet)
    for index, (pixels, caption) in enumerate(zip(images, captions, strict=True)):
        left, top = MARGIN + index % columns * cell[0], MARGIN + index // columns * cell[1]
        picture = Image.fromarray(np.broadcast_to(pixels, (height, width, 3)).copy())
        sheet.paste(picture.resize(size, Image.Resampling.NEAREST), (left, top))
        for number, line in enumerate(caption.split("\n")):
            place = (left, top + size[1] + 2 + number * LINE)
            draw.text(place, _shortened(line, size[0], font), font=font, fill="black")
    return sheet


def as_pictures(images: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """Inputs of a model as something to look at: the brightest value of all becomes white.

    Args:
        images: any real dtype, ``(N, H, W, C)``, not negative.

    Returns:
        uint8, of that shape; photographs of 8 bits hardly change.
    """
    numbers = images.astype(np.float64)
    return np.asarray(numbers * (255 / max(numbers.max(), 1e-9))).round().astype(np.uint8)


def _shortened(line: str, width: int, font: ImageFont.ImageFont | ImageFont.FreeTypeFont) -> str:
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(f"{line}…") > width:
        line = line[:-1]
    return f"{line}…"
