"""A folder of photographs becomes three splits; the second time without decoding an image."""

import hashlib
import os
import shutil
import warnings
from pathlib import Path

import numpy as np
import PIL
import pytest
import torch
from PIL import Image

from hw1_lightning.data.cache import cache_folder
from hw1_lightning.data.image_folder import ImageFolder
from hw1_lightning.errors import InputError
from tests.conftest import Fit
from tests.data.folder import class_folders, kaggle, picture, write_pictures


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Record which images are decoded."""
    import hw1_lightning.data.images as images

    read, seen = images.read_image, []

    def spy(path: Path, size: int) -> images.Pixels:
        seen.append(path)
        return read(path, size)

    monkeypatch.setattr(images, "read_image", spy)
    return seen


def seed_of(name: str) -> int:
    return int(Path(name).stem)


def test_kaggles_layout_gives_its_test_split_and_a_tenth_of_training_for_validation(tmp_path: Path) -> None:
    source = ImageFolder(kaggle(tmp_path), 12)
    data, names = source.load(), source.read().names
    assert data.class_names == ("forest", "sea")
    assert {name: len(split) for name, split in data.splits.items()} == {"train": 17, "val": 3, "test": 6}
    assert sorted(map(seed_of, names["train"] + names["val"])) == list(range(20))
    assert sorted(map(seed_of, names["test"])) == list(range(1000, 1006))
    assert data.train.inputs.dtype == torch.uint8
    assert data.input_scale == 1 / 256
    for name, split in data.splits.items():
        expected = np.stack([np.asarray(picture(seed_of(file))) for file in names[name]])
        assert np.array_equal(split.inputs.numpy(), expected), "each name belongs to its image"
        assert [f"/{data.class_names[label]}/" in file for label, file in zip(split.targets, names[name], strict=True)]
    assert source.read().unlabelled == ("seg_pred",)


def test_class_folders_are_split_by_the_hash_of_names_and_seed(tmp_path: Path) -> None:
    class_folders(tmp_path, {"a": 60, "b": 40})
    content = ImageFolder(tmp_path, 12).read()
    for split, low, high in (("val", 0.0, 0.1), ("test", 0.1, 0.3), ("train", 0.3, 1.0)):
        for name in content.names[split]:
            digest = hashlib.sha256(f"0\n{Path(name).name}".encode()).digest()
            assert low <= int.from_bytes(digest[:8]) / 2**64 < high
    sizes = {split: np.bincount(labels).tolist() for split, (_, labels) in content.labelled.splits.items()}
    assert sizes == {"train": [47, 23], "val": [4, 6], "test": [9, 11]}
    assert sorted(name for names in content.names.values() for name in names) == sorted(
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png")
    )
    assert ImageFolder(tmp_path, 12, split_seed=1).read().names != content.names


def test_a_validation_folder_is_the_validation_split(tmp_path: Path) -> None:
    for number, split in enumerate(("train", "valid", "test")):
        class_folders(tmp_path / split, {"a": 3, "b": 2}, 100 * number)
    sizes = {name: len(split) for name, split in ImageFolder(tmp_path, 12).load().splits.items()}
    assert sizes == {"train": 5, "val": 5, "test": 5}
    names = ImageFolder(tmp_path, 12).read().names["val"]
    assert all(name.startswith("valid/") for name in names)


def test_the_second_start_decodes_nothing_and_gives_the_same(tmp_path: Path, decoded: list[Path]) -> None:
    root = kaggle(tmp_path / "Fotos für später 山")
    first, names = ImageFolder(root, 12).load(), ImageFolder(root, 12).read().names
    assert len(decoded) == 26
    assert ImageFolder(root, 12).load().sha256 == first.sha256
    assert ImageFolder(root, 12).read().names == names
    assert len(decoded) == 26
    ImageFolder(root, 6).load()
    assert len(decoded) == 52, "another size is another entry"
    ImageFolder(root, 12).load()
    assert len(decoded) == 52, "which does not replace the first"


@pytest.mark.parametrize("change", ["touched", "replaced", "added", "removed", "renamed"])
def test_changed_files_are_noticed(tmp_path: Path, decoded: list[Path], change: str) -> None:
    root = kaggle(tmp_path)
    file = root / "seg_test" / "seg_test" / "sea" / "1003.png"
    before = ImageFolder(root, 12).load()
    count, status = len(decoded), file.stat()
    if change == "touched":
        os.utime(file, ns=(0, 0))
    elif change == "replaced":  # the same size and time of modification, another time of change
        file.write_bytes(file.read_bytes()[::-1])
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    elif change == "added":
        picture(7777).save(file.with_name("7777.png"))
    elif change == "removed":
        file.unlink()
    else:
        file.rename(file.with_name("9.png"))
    if change == "replaced":
        with pytest.raises(InputError, match=r"1003\.png cannot be read"):
            ImageFolder(root, 12).load()
    else:
        after = ImageFolder(root, 12).load()
        assert (after.sha256 == before.sha256) == (change == "touched")
    assert len(decoded) > count


def test_a_damaged_cache_is_rebuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decoded: list[Path]) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = kaggle(tmp_path / "photos")
    before = ImageFolder(root, 12).load().sha256
    (entry,) = cache_folder().iterdir()
    data = bytearray(entry.read_bytes())
    data[len(data) // 2] ^= 255
    entry.write_bytes(data)
    assert ImageFolder(root, 12).load().sha256 == before
    assert len(decoded) == 52


def test_a_broken_image_is_an_error_or_is_left_out_with_a_warning(tmp_path: Path, decoded: list[Path]) -> None:
    root = kaggle(tmp_path)
    (root / "seg_train" / "seg_train" / "sea" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    (root / "seg_test" / "seg_test" / "sea" / "link.jpg").symlink_to(tmp_path / "nothing")
    with pytest.raises(InputError, match=r"sea/broken\.jpg cannot be read .*on_error skip"):
        ImageFolder(root, 12).load()
    for _ in range(2):  # from the files, and from the cache
        with pytest.warns(UserWarning, match=r"cannot be read: 2: .*broken\.jpg \(.*link\.jpg \(No such file"):
            data = ImageFolder(root, 12, on_error="skip").load()
        assert {name: len(split) for name, split in data.splits.items()} == {"train": 17, "val": 3, "test": 6}
    count = len(decoded)
    with pytest.raises(InputError, match=r"sea/broken\.jpg cannot be read"):
        ImageFolder(root, 12).load()
    assert len(decoded) == count, "the cache records that it is broken"


def test_many_broken_images_give_one_short_line(tmp_path: Path) -> None:
    root = kaggle(tmp_path)
    for number in range(30):
        (root / "seg_train" / "seg_train" / "sea" / f"broken{number}.jpg").write_bytes(b"")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ImageFolder(root, 12, on_error="skip").load()
    (warning,) = caught
    assert "cannot be read: 30: " in str(warning.message)
    assert str(warning.message).count("an empty file") == 5
    assert "and 25 more" in str(warning.message)
    assert len(ImageFolder(root, 12, on_error="skip").read().broken) == 30


def test_a_class_of_broken_images_only_is_an_error(tmp_path: Path) -> None:
    root = kaggle(tmp_path)
    for file in (root / "seg_test" / "seg_test" / "sea").iterdir():
        file.write_bytes(b"")
    with pytest.raises(InputError, match=r"no image of class 'sea' can be read \(test\)"):
        ImageFolder(root, 12, on_error="skip").load()


@pytest.mark.parametrize(
    ("counts", "seed", "said"),
    [
        ({"a": 3, "b": 2}, 0, "split_seed 0 puts none of 5 images into validation; add images, or choose another"),
        ({"a": 30, "b": 1}, 0, "split_seed 0 leaves class 'b' without training images; add images, or choose another"),
    ],
)
def test_a_folder_too_small_to_split_is_refused(tmp_path: Path, counts: dict[str, int], seed: int, said: str) -> None:
    class_folders(tmp_path, counts)
    for _ in range(2):  # from the files, and from the cache
        with pytest.raises(InputError, match=said):
            ImageFolder(tmp_path, 12, seed).load()


@pytest.mark.filterwarnings("ignore:.*puts no image of")  # 14 of a class are few
def test_added_images_move_no_other_image_to_another_split(tmp_path: Path) -> None:
    class_folders(tmp_path, dict.fromkeys("abcdef", 14))
    before = ImageFolder(tmp_path, 12).read()
    for count, kind in enumerate("abcdef", 1):  # one or more a class
        write_pictures(tmp_path / kind, count, 1000 * count)
    after = ImageFolder(tmp_path, 12).read()
    for split, names in before.names.items():
        assert set(names) <= set(after.names[split])
    trained = {image.tobytes() for image in before.labelled.splits["train"][0]}
    tested = {image.tobytes() for image in after.labelled.splits["test"][0]}
    assert len(trained) == len(before.names["train"]) > 50
    assert not trained & tested


def test_an_image_that_is_moved_to_another_class_stays_in_its_split(tmp_path: Path) -> None:
    class_folders(tmp_path, {"a": 30, "b": 30})
    before = ImageFolder(tmp_path, 12).read().names
    (file,) = before["test"][:1]
    (tmp_path / file).rename(tmp_path / "b" / Path(file).name)
    after = ImageFolder(tmp_path, 12).read().names
    assert {split: {Path(name).name for name in names} for split, names in after.items()} == {
        split: {Path(name).name for name in names} for split, names in before.items()
    }


def test_splits_of_an_earlier_version_are_not_read_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decoded: list[Path]
) -> None:
    kaggle(tmp_path)
    with monkeypatch.context() as earlier:
        earlier.setattr("hw1_lightning.data.image_folder.MADE_BY", f"hw1 format 1, Pillow {PIL.__version__}")
        ImageFolder(tmp_path, 12).read()
    ImageFolder(tmp_path, 12).read()
    assert len(decoded) == 52


@pytest.mark.parametrize("options", [{"image_size": 0}, {"split_seed": -1}])
def test_numbers_out_of_range_are_refused(tmp_path: Path, options: dict[str, int]) -> None:
    with pytest.raises(InputError, match="it must be at least"):
        ImageFolder(tmp_path, **options)  # type: ignore[arg-type] # on_error is not a number


def test_a_copy_elsewhere_has_the_same_hash(tmp_path: Path) -> None:
    root = kaggle(tmp_path / "one")
    shutil.copytree(root, tmp_path / "two")
    assert ImageFolder(root, 12).load().sha256 == ImageFolder(tmp_path / "two", 12).load().sha256


@pytest.mark.filterwarnings("ignore:images left out")
def test_a_folder_of_mixed_image_formats_trains(fit: Fit, tmp_path: Path) -> None:
    root = kaggle(tmp_path / "photos")
    image = Image.new("RGBA", (30, 17), (1, 2, 3, 90))
    image.save(root / "seg_train" / "seg_train" / "sea" / "a.webp")
    image.convert("L").save(root / "seg_train" / "seg_train" / "sea" / "B.JPEG")
    (root / "seg_train" / "seg_train" / "sea" / "c.jpg").write_bytes(b"")
    options = ["--data.source=ImageFolder", f"--data.source.path={root}", "--data.source.image_size=16"]
    options += ["--data.source.on_error=skip"]
    result = fit("--config=configs/logistic_regression.yaml", *options, "--trainer.max_epochs=2")
    assert result["data"]["source"] == "ImageFolder"
    assert result["data"]["sizes"] == {"train": 19, "val": 3, "test": 6}
    assert result["data"]["sha256"] == ImageFolder(root, 16, on_error="skip").load().sha256
