from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from hw1_lightning.data.sources import Digits, Landscapes
from tests.conftest import SIZES, Arrays


def test_digits_are_all_of_scikit_learns_images_split_without_overlap() -> None:
    data = Digits().load()
    ours = torch.cat([split.inputs.flatten(1) for split in data.splits.values()]).numpy()
    theirs = load_digits().data
    assert {name: len(split) for name, split in data.splits.items()} == {"train": 1257, "val": 180, "test": 360}
    assert np.array_equal(ours[np.lexsort(ours.T)], theirs[np.lexsort(theirs.T)])
    assert data.train.inputs.dtype == torch.uint8
    assert int(data.train.inputs.max()) == 16


def test_digits_are_stratified() -> None:
    data = Digits().load()
    share = torch.stack([torch.bincount(split.targets) / len(split) for split in data.splits.values()])
    assert (share.max(0).values - share.min(0).values).max() < 0.01


@pytest.mark.parametrize("column", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
def test_landscapes_reads_the_course_file(tmp_path: Path, npz_arrays: Arrays, column: bool, dtype: type) -> None:
    for name in SIZES:
        labels = npz_arrays[f"{name}_labels"].astype(dtype)
        npz_arrays[f"{name}_labels"] = labels[:, None] if column else labels
    np.savez(tmp_path / "a.npz", **npz_arrays)
    data = Landscapes(tmp_path / "a.npz").load()
    for name, size in SIZES.items():
        assert np.array_equal(data.splits[name].inputs.numpy(), npz_arrays[f"{name}_images"])
        assert data.splits[name].targets.tolist() == [i % 6 for i in range(size)]
        assert data.splits[name].targets.dtype == torch.int64
    assert data.train.inputs.dtype == torch.uint8
    assert data.input_scale == 1 / 256
    assert data.class_names[5] == "street"


def test_hash_changes_with_one_pixel_or_one_label(tmp_path: Path, npz_arrays: Arrays) -> None:
    def sha256() -> str:
        np.savez(tmp_path / "a.npz", **npz_arrays)
        return Landscapes(tmp_path / "a.npz").load().sha256

    hashes = [sha256(), sha256()]
    npz_arrays["test_images"][3, 1, 2, 0] ^= 1
    hashes.append(sha256())
    npz_arrays["val_labels"][0] = 5
    hashes.append(sha256())
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3
