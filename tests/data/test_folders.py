"""Lists of a folder: which files belong to which split and class."""

import os
from pathlib import Path

import pytest

from hw1_lightning.data.folders import find_images, list_classes
from hw1_lightning.errors import InputError


def touch(root: Path, *names: str) -> Path:
    """Create empty files: only their names matter."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def error(root: Path) -> str:
    with pytest.raises(InputError) as caught:
        list_classes(root)
    return str(caught.value)


def test_class_folders_are_listed_in_order_of_their_names(tmp_path: Path) -> None:
    listing = list_classes(touch(tmp_path, "sea/2.png", "sea/10.png", "Alps/b.webp", "forest/1.jpg"))
    assert listing.class_names == ("Alps", "forest", "sea")
    assert listing.splits == {"all": [["Alps/b.webp"], ["forest/1.jpg"], ["sea/10.png", "sea/2.png"]]}


def test_kaggles_layout_is_recognised(tmp_path: Path) -> None:
    touch(tmp_path, "seg_train/seg_train/sea/1.jpg", "seg_train/seg_train/forest/2.jpg", "seg_pred/seg_pred/9.jpg")
    listing = list_classes(touch(tmp_path, "seg_test/seg_test/sea/3.jpg", "seg_test/seg_test/forest/4.jpg"))
    assert listing.class_names == ("forest", "sea")
    assert listing.splits == {
        "train": [["seg_train/seg_train/forest/2.jpg"], ["seg_train/seg_train/sea/1.jpg"]],
        "test": [["seg_test/seg_test/forest/4.jpg"], ["seg_test/seg_test/sea/3.jpg"]],
    }
    assert listing.unlabelled == ("seg_pred",)
    assert list_classes(tmp_path / "seg_train").splits == {"all": [["forest/2.jpg"], ["sea/1.jpg"]]}


def test_split_folders_of_any_case_are_found_inside_a_doubled_folder(tmp_path: Path) -> None:
    inner = tmp_path / "photos" / "photos"
    names = [f"{split}/{kind}/1.jpg" for split in ("Train", "VAL", "test") for kind in "ab"]
    listing = list_classes(touch(inner, *names).parent)
    assert listing.root == inner
    assert {split: len(classes) for split, classes in listing.splits.items()} == {"train": 2, "val": 2, "test": 2}


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    assert list_classes(touch(tmp_path, "train/1.jpg", "bus/1.jpg")).class_names == ("bus", "train")


def test_images_are_found_at_any_depth_and_hidden_ones_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "a/1.JPG", "a/x/2.Jpeg", "a/x/y/3.PNG", "a/.4.jpg", "a/.git/5.jpg", "a/notes.txt", "a/Thumbs.db")
    listing = list_classes(touch(tmp_path, "b/1.webp", ".hidden/1.jpg", "loose.jpg"))
    assert listing.splits["all"] == [["a/1.JPG", "a/x/2.Jpeg", "a/x/y/3.PNG"], ["b/1.webp"]]
    assert listing.hidden == (".hidden",), "a folder that would be a class is named"


def test_hidden_folders_next_to_classes_are_reported(tmp_path: Path) -> None:
    touch(tmp_path, "train/a/1.jpg", "train/b/1.jpg", "test/a/1.jpg", "test/b/1.jpg")
    assert list_classes(touch(tmp_path, "train/.c/x/1.jpg", ".git/HEAD", "test/.d/notes.txt")).hidden == ("train/.c",)
    lone = touch(tmp_path / "lone", ".c/1.jpg")
    with pytest.raises(
        InputError, match=r"has no class folders \(\.c is not read because of the dot; rename it to read it\)"
    ):
        list_classes(lone)
    with pytest.raises(InputError, match=r"has one class folder, 'a' \(\.c is not read"):
        list_classes(touch(lone, "a/1.jpg"))


def test_links_are_followed_once(tmp_path: Path) -> None:
    root = touch(tmp_path / "root", "a/1.jpg", "b/inner/2.jpg")
    elsewhere = touch(tmp_path / "elsewhere", "3.jpg")
    (root / "c").symlink_to(elsewhere)
    (root / "b" / "loop").symlink_to(root / "b")
    (root / "b" / "again").symlink_to(root / "b" / "inner")
    (root / "b" / "4.jpg").symlink_to(elsewhere / "3.jpg")
    assert list_classes(root).splits["all"] == [["a/1.jpg"], ["b/4.jpg", "b/again/2.jpg"], ["c/3.jpg"]]


def test_a_link_to_itself_is_not_a_folder(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "no folder" in error(tmp_path / "loop") or "cannot be read" in error(tmp_path / "loop")
    same = tmp_path / "same"
    same.mkdir()
    (same / "same").symlink_to(same)
    assert error(same)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a/1.jpg", "b/notes.txt"], "b holds no images (.jpg, .jpeg, .png, .webp)"),
        (["a/1.jpg"], "has one class folder, 'a'; give a folder of two or more"),
        (["1.jpg", "2.jpg"], "holds images but no class folders"),
        (["notes.txt"], "has no class folders"),
        (["train/a/1.jpg", "train/b/1.jpg", "val/a/1.jpg"], "split folders train, val but none for test"),
        (["seg_test/a/1.jpg", "seg_pred/1.jpg"], "seg_pred, seg_test but none for train"),
        (["train/a/1.jpg", "training/a/1.jpg"], "several train folders, train and training"),
        (
            ["train/a/1.jpg", "train/b/1.jpg", "test/a/1.jpg", "test/c/1.jpg"],
            "different classes (c only in test; b only in train)",
        ),
        (["a\nb/1.jpg", "c/1.jpg"], r"the name of class folder 'a\nb' in "),
    ],
)
def test_a_folder_that_is_not_a_data_set_is_refused(tmp_path: Path, names: list[str], said: str) -> None:
    message = error(touch(tmp_path, *names))
    assert said in message
    assert "\n" not in message


def test_a_missing_folder_and_a_file_are_refused(tmp_path: Path) -> None:
    assert error(tmp_path / "none").startswith("no folder")
    assert "is not a folder" in error(touch(tmp_path, "a.jpg") / "a.jpg")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_is_reported(tmp_path: Path) -> None:
    touch(tmp_path, "a/1.jpg", "b/1.jpg")
    (tmp_path / "b").chmod(0)
    assert "b cannot be read: Permission denied" in error(tmp_path)
    (tmp_path / "b").chmod(0o700)


def test_unlabelled_images_are_found_sorted_at_any_depth(tmp_path: Path) -> None:
    touch(tmp_path, "seg_pred/2.jpg", "seg_pred/10.PNG", "seg_pred/x.txt", ".hidden.jpg", "a b é.webp")
    names = [path.relative_to(tmp_path).as_posix() for path in find_images(tmp_path)]
    assert names == ["a b é.webp", "seg_pred/10.PNG", "seg_pred/2.jpg"]
    assert find_images(str(tmp_path / "seg_pred" / "x.txt")) == [tmp_path / "seg_pred" / "x.txt"]
    with pytest.raises(InputError, match="no folder"):
        find_images(tmp_path / "none")
    with pytest.raises(InputError, match="holds no images"):
        find_images(touch(tmp_path, "empty/notes.txt") / "empty")
