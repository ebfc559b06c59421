"""A run written by hw1 0.1, before modules were moved, can be loaded, tested, resumed and repeated."""

import json
import shutil
from pathlib import Path

import pytest

from hw1_lightning.cli import main
from hw1_lightning.runs.loading import load_model
from hw1_lightning.runs.metrics_reader import read_metrics

WRITTEN = Path(__file__).parent / "written_by_0_1"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    return Path(shutil.copytree(WRITTEN, tmp_path / "runs" / "old" / "version_0"))


def test_its_checkpoint_loads_and_has_the_same_test_accuracy(older: Path, capsys: pytest.CaptureFixture[str]) -> None:
    last = older / "checkpoints" / "last.ckpt"
    model = load_model(last)
    assert model.hparams["hidden_sizes"] == [4]
    assert main(["test", f"--ckpt_path={last}"]) == 0
    accuracy = json.loads((older / "result.json").read_text())["test"]["test/accuracy"]
    assert f"test/accuracy  {accuracy:.4f}" in capsys.readouterr().out


def test_it_resumes_with_its_options(older: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = read_metrics(older / "metrics.csv")
    assert main(["fit", f"--ckpt_path={older / 'checkpoints' / 'last.ckpt'}", "--trainer.max_epochs=3"]) == 0
    assert "trainer.max_epochs 2 -> 3 from epoch 3 on" in capsys.readouterr().err
    rows = read_metrics(older / "metrics.csv")
    assert rows[:2] == before
    assert rows[2]["train/loss"] < rows[1]["train/loss"]


def test_its_config_gives_the_same_metrics(older: Path, tmp_path: Path) -> None:
    assert main(["fit", f"--config={older / 'config.yaml'}", f"--runs_dir={tmp_path / 'again'}"]) == 0
    again, written = (read_metrics(path / "metrics.csv") for path in (tmp_path / "again" / "old" / "version_0", older))
    for row, expected in zip(again, written, strict=True):
        assert row == pytest.approx(expected, rel=1e-5)
