import numpy as np
import pytest

from hw1_lightning.evaluation.image_sheets import (
    CELL,
    DARKEST,
    LINE,
    MARGIN,
    TILE,
    as_images,
    confusion_image,
    contact_sheet,
)


def test_images_are_in_rows_and_enlarged_by_an_integer_factor() -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 48, 48, 3), dtype=np.uint8)
    sheet = np.asarray(contact_sheet(images, [""] * 5, 3))
    assert sheet.shape == (MARGIN + 2 * (TILE + LINE + MARGIN), MARGIN + 3 * (TILE + MARGIN), 3)
    for index, image in enumerate(images):
        top, left = MARGIN + index // 3 * (TILE + LINE + MARGIN), MARGIN + index % 3 * (TILE + MARGIN)
        assert np.array_equal(sheet[top : top + TILE : 3, left : left + TILE : 3], image)
        sheet = sheet.copy()
        sheet[top : top + TILE, left : left + TILE] = 255
    assert (sheet == 255).all(), "the rest must be white"


def test_grey_becomes_rgb_and_large_images_keep_their_size() -> None:
    sheet = contact_sheet(np.full((1, 200, 300, 1), 77, dtype=np.uint8), ["a"], 4)
    assert sheet.mode == "RGB"
    assert sheet.size == (MARGIN + 300 + MARGIN, MARGIN + 200 + LINE + MARGIN)
    assert sheet.getpixel((MARGIN + 299, MARGIN + 199)) == (77, 77, 77)


def test_long_captions_and_those_of_two_lines_fit_below_their_images() -> None:
    images = np.zeros((2, 48, 48, 3), dtype=np.uint8)
    sheet = np.asarray(contact_sheet(images, ["sea\nforest 0.93 山", "w" * 100], 2))
    assert sheet.shape[0] == MARGIN + TILE + 2 * LINE + MARGIN
    assert (sheet[MARGIN + TILE :, : MARGIN + TILE] < 128).any(), "the caption is drawn"
    assert (sheet[:, -MARGIN:] == 255).all(), "not beyond the border"
    assert (sheet[MARGIN + TILE + LINE :, MARGIN + TILE + MARGIN :] == 255).all(), "the second has one line"


@pytest.mark.parametrize(
    ("shape", "captions", "columns"),
    [((0, 8, 8, 3), 0, 1), ((2, 8, 8, 3), 1, 1), ((1, 8, 8, 4), 1, 1), ((8, 8, 3), 8, 1), ((1, 8, 8, 3), 1, 0)],
)
def test_wrong_counts_and_shapes_are_errors(shape: tuple[int, ...], captions: int, columns: int) -> None:
    with pytest.raises(ValueError, match="expected images"):
        contact_sheet(np.zeros(shape, dtype=np.uint8), ["a"] * captions, columns)


def test_a_cell_of_a_confusion_matrix_has_the_colour_of_its_share() -> None:
    names = ("forest", "sea", "a name that is far too long for any label")
    matrix = np.array([[9, 0, 0], [2, 2, 0], [0, 0, 0]])
    image = np.asarray(confusion_image(matrix, names)).astype(int)
    start = image.shape[0] - MARGIN - 3 * CELL
    corners = [[image[start + CELL * row + 8, start + CELL * column + 8] for column in range(3)] for row in range(3)]
    assert corners[0][0].tolist() == list(DARKEST)
    assert corners[1][0].tolist() == corners[1][1].tolist() == [round((255 + dark) / 2) for dark in DARKEST]
    for row, column in ((0, 1), (1, 2), (2, 0), (2, 2)):
        assert corners[row][column].tolist() == [255, 255, 255]


def test_the_largest_value_becomes_white() -> None:
    assert as_images(np.array([[0, 8, 16]])).tolist() == [[0, 128, 255]]
    assert as_images(np.zeros((1, 2))).tolist() == [[0, 0]]
    photographs = np.random.default_rng(0).integers(0, 256, (3, 5, 5, 3), dtype=np.uint8)
    photographs[0, 0, 0, 0] = 255
    assert np.array_equal(as_images(photographs), photographs)
