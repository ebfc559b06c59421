"""Training and validation examples divided again by a seed."""

import shutil
from pathlib import Path

import pytest
import torch
import yaml

from hw1_lightning.cli import main
from hw1_lightning.data.arrays import Split
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.data.sources import Diabetes, Digits
from hw1_lightning.models import LogisticRegression
from hw1_lightning.runs.correct_examples import read_correct
from tests.conftest import Fit, Refused

STORED = Digits().load()


def rows(examples: Split) -> list[tuple[int, ...]]:
    """Return each example as numbers, for comparisons of sets."""
    inputs, targets = examples.inputs, examples.targets
    return [tuple(row) for row in torch.cat([inputs.flatten(1).long(), targets[:, None]], dim=1).tolist()]


def test_a_division_keeps_all_examples_the_sizes_and_the_test_split() -> None:
    data, other, again = (ArrayDataModule(Digits(), split_seed=seed).arrays for seed in (1, 2, 1))
    assert [len(split) for split in data.splits.values()] == [1257, 180, 360]
    assert data.test is data.origin.test if data.origin else False
    pool = rows(STORED.train) + rows(STORED.val)
    assert sorted(rows(data.train) + rows(data.val)) == sorted(pool)
    assert rows(data.val) != rows(other.val)
    assert rows(data.val) == rows(again.val)
    moved = set(rows(data.val)) & set(rows(STORED.train))
    assert 130 < len(moved) < 180, "about 1257 / 1437 of 180"
    assert [row for row in pool if row in set(rows(data.train))] == rows(data.train), "in the stored order"


def test_the_hash_is_that_of_the_stored_data() -> None:
    assert ArrayDataModule(Digits(), split_seed=3).arrays.sha256 == STORED.sha256


def test_take_equals_indexing_of_all_examples() -> None:
    split = ArrayDataModule(Digits(), split_seed=1).arrays.val
    inputs, targets = split.inputs, split.targets
    for chosen in (slice(5, 70), slice(0, 0), torch.tensor([179, 3, 3, 50])):
        some, classes = split.take(chosen)
        assert torch.equal(some, inputs[chosen])
        assert torch.equal(classes, targets[chosen])
    assert rows(split.to(torch.device("cpu"))) == rows(split)  # type: ignore[attr-defined]


def test_nothing_is_copied_until_it_is_taken() -> None:
    data = ArrayDataModule(Digits(), split_seed=1)
    assert data.arrays.train.first is data.stored.train  # type: ignore[attr-defined]
    assert data.arrays.val.second is data.stored.val  # type: ignore[attr-defined]


def test_data_for_regression_is_divided_too() -> None:
    data = ArrayDataModule(Diabetes(), split_seed=4).arrays
    assert [len(split) for split in data.splits.values()] == [310, 66, 66]
    assert data.train.targets.shape == (310, 1)


def test_a_run_trains_and_is_evaluated_on_its_division(fit: Fit) -> None:
    result = fit("--config=configs/learning_rate.yaml", "--trainer.max_epochs=2", "--data.split_seed=5")
    folder: Path = result["folder"]
    assert (result["split_seed"], result["data"]["sha256"]) == (5, STORED.sha256)
    assert yaml.safe_load((folder / "config.yaml").read_text())["data"]["split_seed"] == 5
    val = ArrayDataModule(Digits(), split_seed=5).arrays.val
    model = LogisticRegression.load_from_checkpoint(folder / "checkpoints" / "last.ckpt", weights_only=True)
    right = model(val.inputs).argmax(1) == val.targets
    assert read_correct(folder, result["data"]["sizes"])["val"].tolist() == right.tolist()
    assert result["final"]["val/accuracy"] == pytest.approx(right.float().mean().item())


def test_another_division_or_one_of_generated_examples_is_refused(fit: Fit, refused: Refused, tmp_path: Path) -> None:
    new = ["--config=configs/learning_rate.yaml", f"--runs_dir={tmp_path / 'new'}", "--data.split_seed"]
    assert "--data.split_seed is -1; it must be at least 0" in refused("fit", *new, "-1")
    teacher = ["--model=QuadraticRegression", "--data.source=Teacher"]
    error = refused("fit", *teacher, "--data.split_seed=1", f"--runs_dir={tmp_path / 'new'}")
    assert "--data.split_seed is 1, but Teacher generates its examples" in error
    path = fit("--config=configs/learning_rate.yaml", "--trainer.max_epochs=1")["folder"] / "checkpoints" / "last.ckpt"
    copy = shutil.copy(path, tmp_path / "copy.ckpt")
    error = refused("fit", *new, "2", f"--ckpt_path={copy}")
    assert f"--data.split_seed is 2, but was not given when {copy} was trained" in error
    assert "may have been trained on examples of this validation split" in refused(
        "validate", f"--ckpt_path={path}", "--data.split_seed=2"
    )
    assert main(["test", f"--ckpt_path={path}", "--data.split_seed=2"]) == 0, "the test split stays"
    assert not (tmp_path / "new").exists()
