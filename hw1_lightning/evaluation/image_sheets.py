"""Draws contact sheets of images, and confusion matrices."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

# In pixels: size of a small image on a sheet, space between images, height of a caption's line, size of its font.
TILE, MARGIN, LINE, LETTERS = 144, 8, 26, 20
# Of a confusion matrix: side of a cell and length of a class's name in pixels, and the colour of a share of 1.
CELL, LABEL, DARKEST = 64, 130, (8, 48, 107)


def contact_sheet(images: npt.NDArray[np.uint8], captions: Sequence[str], columns: int) -> Image.Image:
    """Draw images in rows on white, each with a caption below.

    Small images are enlarged by an integer factor, so that each of their pixels is a square.

    Args:
        images: uint8, ``(N, H, W, C)``, with 1 (grey) or 3 channels; N at least 1.
        captions: N texts, of one or more lines; a line that is wider than its image ends in an ellipsis.
        columns: images in a row, at least 1.

    Returns:
        The sheet, in RGB.

    Raises:
        ValueError: if a count or a shape is another.
    """
    if images.ndim != 4 or images.shape[3] not in {1, 3} or not len(images) == len(captions) > 0 or columns < 1:
        found = f"images {images.shape}, {len(captions)} captions and {columns} columns"
        raise ValueError(f"{found}; expected images (N, H, W, 1 or 3), N captions and at least 1 column")
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
        image = Image.fromarray(np.broadcast_to(pixels, (height, width, 3)).copy())
        sheet.paste(image.resize(size, Image.Resampling.NEAREST), (left, top))
        for number, line in enumerate(caption.split("\n")):
            place = (left, top + size[1] + 2 + number * LINE)
            draw.text(place, _shortened(line, size[0], font), font=font, fill="black")
    return sheet


def confusion_image(matrix: npt.NDArray[np.int64], names: Sequence[str]) -> Image.Image:
    """Draw a confusion matrix: true classes on the left, predicted classes on top, counts in the cells.

    A cell's blue is darker the larger its share of the true class, from white to ``DARKEST``. With one hue, colour
    blindness does not matter. A count of 0 is left out.

    Args:
        matrix: counts, ``(C, C)``, rows the true classes.
        names: one per class; a long one ends in an ellipsis.

    Returns:
        The image, in RGB.
    """
    # Pillow takes 0.3 s for 100 classes; a display of scikit-learn or matplotlib takes 0.2 s for 10 and 15 s for 100.
    font = ImageFont.load_default(LETTERS)
    upward = ImageFont.TransposedFont(font, Image.Transpose.ROTATE_90)
    start = LABEL + LINE + 2 * MARGIN
    end = start + CELL * len(names)
    image = Image.new("RGB", (end + MARGIN, end + MARGIN), "white")
    draw = ImageDraw.Draw(image)
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
    return image


def as_images(images: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """Scale a model's inputs so that the largest value of all becomes white.

    Args:
        images: any real dtype, ``(N, H, W, C)``, not negative.

    Returns:
        uint8, of the same shape; 8-bit photographs hardly change.
    """
    numbers = images.astype(np.float64)
    return np.asarray(numbers * (255 / max(numbers.max(), 1e-9))).round().astype(np.uint8)


def _shortened(line: str, width: int, font: ImageFont.ImageFont | ImageFont.FreeTypeFont) -> str:
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(f"{line}…") > width:
        line = line[:-1]
    return f"{line}…"
