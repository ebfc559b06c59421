"""Pictures of many pictures."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

# Pixels: least side of a picture on a sheet, space between pictures, height of a caption's line and of its letters.
TILE, MARGIN, LINE, LETTERS = 144, 8, 26, 20
# Of a confusion matrix: side of a cell, room for a class's name, and the colour of a cell that holds all of its class.
CELL, LABEL, DARKEST = 64, 130, (8, 48, 107)


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


def confusion_image(matrix: npt.NDArray[np.int64], names: Sequence[str]) -> Image.Image:
    """Draw a confusion matrix: true classes on the left, predicted ones on top, counts in cells.

    A cell is the darker blue the larger its share of the true class, from white to ``DARKEST``: one hue, which colour
    blindness does not matter to. A count of 0 is left out.

    Args:
        matrix: counts, ``(C, C)``, rows the true classes.
        names: one a class; a long one ends in an ellipsis.

    Returns:
        The picture, in RGB.
    """
    font = ImageFont.load_default(LETTERS)
    upward = ImageFont.TransposedFont(font, Image.Transpose.ROTATE_90)
    start = LABEL + LINE + 2 * MARGIN
    end = start + CELL * len(names)
    picture = Image.new("RGB", (end + MARGIN, end + MARGIN), "white")
    draw = ImageDraw.Draw(picture)
    draw.text(((start + end) / 2, MARGIN), "predicted", font=font, fill="black", anchor="ma")
    draw.text((MARGIN, (start + end - font.getlength("true")) // 2), "true", font=upward, fill="black")
    for index, name in enumerate(names):
        label, middle = _shortened(name, LABEL - MARGIN, font), start + CELL * index + CELL // 2
        draw.text((start - MARGIN, middle), label, font=font, fill="black", anchor="rm")
        width, height = upward.getbbox(label)[2:]
        draw.text((middle - width // 2, start - MARGIN - height), label, font=upward, fill="black")
    shares = matrix / np.maximum(matrix.sum(1, keepdims=True), 1)
    for (row, column), count in np.ndenumerate(matrix):
        share, left, top = shares[row, column], start + CELL * column, start + CELL * row
        colour = tuple(round(255 + share * (dark - 255)) for dark in DARKEST)
        draw.rectangle((left, top, left + CELL, top + CELL), fill=colour, outline="#cccccc")
        place, ink = (left + CELL / 2, top + CELL / 2), "white" if share > 0.5 else "black"
        draw.text(place, str(count or ""), font=font, fill=ink, anchor="mm")
    return picture


def as_images(images: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
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
