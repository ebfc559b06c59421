"""correct.npz: one bit per example, of the weights that were evaluated."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from hw1_lightning.cli import main
from hw1_lightning.data.sources import Digits
from hw1_lightning.errors import InputError
from hw1_lightning.models import LogisticRegression
from hw1_lightning.runs.correct_examples import read_correct, write_correct
from tests.conftest import Fit

SIZES = {"train": 1257, "val": 180, "test": 360}
FAST = ("--config=configs/learning_rate.yaml", "--model.learning_rate=0.1")


@pytest.mark.slow
def test_bits_are_those_of_the_final_weights(fit: Fit) -> None:
    result = fit(*FAST, "--trainer.max_epochs=3", "--trainer.check_val_every_n_epoch=2")
    folder: Path = result["folder"]
    correct = read_correct(folder, SIZES)
    model = LogisticRegression.load_from_checkpoint(folder / "checkpoints" / "last.ckpt", weights_only=True)
    data = Digits().load()
    for split in ("val", "test"):
        examples = data.splits[split]
        right = (model(examples.inputs).argmax(1) == examples.targets).numpy()
        assert np.array_equal(correct[split], right)
    assert correct["val"].mean() == pytest.approx(result["final"]["val/accuracy"])
    assert correct["test"].mean() == pytest.approx(result["test"]["test/accuracy"])
    assert (folder / "correct.npz").stat().st_size < 700


@pytest.mark.slow
def test_test_bits_are_of_the_weights_that_were_tested(fit: Fit) -> None:
    result = fit(*FAST, "--trainer.max_epochs=8", "--test_weights=best")
    assert result["best"]["epoch"] != result["epochs"], "best and final weights must differ"
    correct = read_correct(result["folder"], SIZES)
    assert correct["val"].mean() == pytest.approx(result["final"]["val/accuracy"])
    assert correct["test"].mean() == pytest.approx(result["test"]["test/accuracy"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "splits"),
    [
        (["--test_after_fit=false"], {"val"}),
        (["--trainer.limit_val_batches=1"], {"test"}),
        (["--trainer.limit_val_batches=0", "--trainer.limit_test_batches=1"], set()),
        (["--model=QuadraticRegression", "--model.ridge=1", "--data.source=Diabetes"], set()),
    ],
)
def test_a_split_that_was_not_evaluated_completely_has_no_bits(options: list[str], splits: set[str], fit: Fit) -> None:
    base = [] if "--data.source=Diabetes" in options else FAST
    folder = fit(*base, "--trainer.max_epochs=1", *options)["folder"]
    assert set(read_correct(folder, SIZES)) == splits
    assert (folder / "correct.npz").is_file() == bool(splits)


@pytest.mark.slow
def test_a_run_that_diverges_after_resuming_loses_its_bits(tmp_path: Path) -> None:
    options = ["fit", *FAST, f"--runs_dir={tmp_path}", "--name=run"]
    assert main([*options, "--trainer.max_epochs=1"]) == 0
    folder = tmp_path / "run" / "version_0"
    assert (folder / "correct.npz").is_file()
    again = ["--ckpt_path=last", "--trainer.max_epochs=9", "--model.learning_rate=1e30"]
    assert main([*options, *again]) == 1
    assert json.loads((folder / "result.json").read_text())["status"] == "diverged"
    assert not (folder / "correct.npz").exists()


def test_a_file_that_is_damaged_or_of_other_sizes_is_an_error(tmp_path: Path) -> None:
    assert read_correct(tmp_path, SIZES) == {}
    write_correct(tmp_path, {"val": torch.arange(11) % 3 == 0})
    assert read_correct(tmp_path, {"val": 11})["val"].tolist() == [n % 3 == 0 for n in range(11)]
    with pytest.raises(InputError, match="val is uint8 of shape \\(2,\\), but the split has 30 examples"):
        read_correct(tmp_path, {"val": 30})
    (tmp_path / "correct.npz").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(InputError):
        read_correct(tmp_path, {"val": 11})
