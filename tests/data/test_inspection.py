import numpy as np

from hw1_lightning.data.inspection import find_duplicates, overview


def images(*values: int) -> np.ndarray:
    return np.stack([np.full((2, 2, 3), value, dtype=np.uint8) for value in values])


def test_duplicates_are_found_within_and_between_splits() -> None:
    found = find_duplicates(
        {
            "train": (images(1, 2, 2, 3), np.array([0, 1, 1, 0])),
            "val": (images(9, 8), np.array([0, 1])),
            "test": (images(3, 7, 2, 9), np.array([0, 0, 0, 0])),
        }
    )
    assert found.between == {("train", "val"): [], ("train", "test"): [(0, 3), (2, 1)], ("val", "test"): [(3, 0)]}
    assert found.within == {"train": 1, "val": 0, "test": 0}
    assert found.conflicting == 1, "2 is of class 1 and of class 0"


def test_images_that_differ_in_one_pixel_are_not_duplicates() -> None:
    other = images(1)
    other[0, 1, 1, 2] = 2
    found = find_duplicates({"train": (images(1), np.array([0])), "test": (other, np.array([0]))})
    assert found.between == {("train", "test"): []}


def test_the_overview_has_a_row_for_each_class_with_its_mean_first() -> None:
    sheet, captions = overview(images(10, 20, 30, 40, 50, 60, 200), np.array([0, 0, 0, 0, 0, 0, 1]), ("a", "b"), 4)
    assert captions == ["a", "0", "2", "5", "b", "6", "", "", "mean of all"]
    assert sheet[:, 0, 0, 0].tolist() == [35, 10, 30, 60, 200, 200, 255, 255, 59]
