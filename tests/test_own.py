"""All blocks of docs/own.md run, and models that cannot be loaded are refused."""

import csv
import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from hw1_lightning.cli import main
from tests.conftest import Refused
from tests.data.folder import class_folders

PAGE = Path("docs/own.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("my_cnn", "my_plain", "my_source", "broken"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


def write_files() -> None:
    for _, text in BLOCKS:
        if named := re.match(r"# (\w+\.\w+)\n", text):
            Path(named[1]).write_text(text, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*LeafSpec")
def test_every_block_of_the_page_runs(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    class_folders(folder / "photos", {"sea": 20, "street": 20})
    write_files()
    for language, text in BLOCKS:
        if language == "python" and not text.startswith("# my_"):
            exec(compile(text, "docs/own.md", "exec"), {})
        for line in text.splitlines() if language == "bash" else []:
            assert main(shlex.split(line)[1:]) == 0, line
    runs = folder / "runs"
    with (runs / "Plain" / "version_0" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"], "the run went on"
    assert all(float(row["train/loss"]) > 0 and float(row["val/accuracy"]) > 0 for row in rows)
    assert "output_9" in (folder / "predictions.csv").read_text().splitlines()[0]
    assert json.loads((runs / "light" / "version_0" / "result.json").read_text())["final"]["val/accuracy"] > 0.9
    assert (runs / "width" / "report.html").is_file()


def test_a_missing_untrusted_or_unknown_model_is_refused(refused: Refused) -> None:
    Path("own_net.py").write_text("from hw1_lightning.models import MLP\n\nclass OwnNet(MLP):\n    pass\n")
    assert "no model is chosen" in refused("fit")
    assert "add --trust own_net" in refused("fit", "--model", "own_net.OwnNet")
    assert "own_net.Ownet, which cannot be" in refused("fit", "--trust", "own_net", "--model", "own_net.Ownet")
    assert "there is neither own_ne.py in" in refused("fit", "--trust", "own_ne", "--model", "own_ne.OwnNet")
    Path("broken.py").write_text("import nothing_like_it\n")
    assert "import failed: No module named 'nothing" in refused("fit", "--trust", "broken", "--model", "broken.A")
    Path("broken.py").write_text("1 / 0\n")
    assert "failed with ZeroDivisionError" in refused("fit", "--trust", "broken", "--model", "broken.A")


def test_a_plain_module_cannot_export_or_predict_images(folder: Path, refused: Refused) -> None:
    write_files()
    plain = ["--trust", "my_plain", "--model", "my_plain.Plain"]
    assert main(["fit", *plain, "--trainer.max_epochs=1", "--trainer.enable_progress_bar=false"]) == 0
    checkpoint = ["--trust", "my_plain", "--ckpt_path", "runs/Plain/version_0/checkpoints/last.ckpt"]
    assert "not a classifier of hw1" in refused("predict", *checkpoint, "--pictures", ".")
    assert "neither a model of hw1" in refused("export", *checkpoint, "plain.onnx")
    assert "train_accuracy is true" in refused("fit", *plain, "--train_accuracy=true")


def test_an_untrusted_module_is_not_imported(refused: Refused) -> None:
    Path("own_other.py").write_text("raise SystemExit('imported')\n")
    write_files()
    assert "add --trust own_other" in refused("fit", "--trust", "my_plain", "--model", "own_other.Net")
