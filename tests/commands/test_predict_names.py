"""File and class names of any kind: no formulas in predictions.csv, and no file that loses all predictions."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from hw1_lightning.cli import main
from hw1_lightning.csv_cells import from_cell
from hw1_lightning.runs.metrics_reader import read_rows
from tests.conftest import Capture, Fit, Refused
from tests.data.folder import class_folders, picture

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems refuse such file names")

STARTS = (b"=1+", b"+", b"-", b"@SUM(1)", b"\t", b"\r", b"'", b"a\xff", b"\xff\xfe", b"")
NAMES = [start + b"1.png" for start in STARTS]
CLASSES = ("=cmd|' calc'!A0", "@b")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two classes with names that a spreadsheet would compute."""
    folder = tmp_path_factory.mktemp("data")
    class_folders(folder / "photos", dict.fromkeys(CLASSES, 20))
    data = ["--data.source=ImageFolder", f"--data.source.path={folder / 'photos'}", "--data.source.image_size=8"]
    model = ["--model=MLP", "--model.hidden_sizes=[4]", "--trainer.max_epochs=1"]
    main(["fit", *data, *model, "--name=run", f"--runs_dir={folder}"])
    return folder / "run" / "version_0" / "checkpoints" / "best.ckpt"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Images under such names, in a folder of such a name."""
    folder = tmp_path / os.fsdecode(b"photos \xff")
    folder.mkdir()
    for seed, name in enumerate(NAMES):
        picture(seed).save(folder / os.fsdecode(name))
    return folder


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_file_is_predicted_and_no_cell_is_a_formula(checkpoint: Path, photos: Path) -> None:
    output = photos / os.fsdecode(b"out \xff.csv")
    assert main(["predict", f"--ckpt_path={checkpoint}", f"--pictures={photos}", f"--output={output}"]) == 0
    rows = cells(output)
    assert {os.fsencode(from_cell(row["file"])) for row in rows} == set(NAMES)
    for row in rows:
        for name in ("file", "class", "runner_up"):
            assert not row[name].startswith(("=", "+", "-", "@", "\t", "\r")), row
        assert {from_cell(row["class"]), from_cell(row["runner_up"])} == set(CLASSES)
        assert float(row["probability"]) >= 0.5
    by_file = {row["file"]: row for row in rows}
    assert r"a\udcff1.png" in by_file
    assert "'=1+1.png" in by_file
    with Image.open(output.with_suffix(".png")) as sheet:
        assert sheet.width > 8 * 144


def test_labels_are_not_formulas(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    main(["predict", f"--ckpt_path={checkpoint}"])
    assert all(
        row[name].startswith(("'=cmd", "'@b")) for row in cells(Path("predictions.csv")) for name in ("label", "class")
    )


def test_a_broken_file_of_such_a_name_is_reported(
    checkpoint: Path, photos: Path, tmp_path: Path, refused: Refused
) -> None:
    (photos / os.fsdecode(b"broken\xff.png")).write_bytes(b"no image")
    given = ["predict", f"--ckpt_path={checkpoint}", f"--pictures={photos}", f"--output={tmp_path / 'out.csv'}"]
    assert r"broken\udcff.png cannot be read" in refused(*given)
    with pytest.warns(UserWarning, match=r"left out: broken\\udcff.png \("):
        main([*given, "--on_error=skip"])
    assert len(cells(tmp_path / "out.csv")) == len(NAMES)


def test_negative_numbers_stay_numbers(fit: Fit, tmp_path: Path) -> None:
    run = fit("--config=configs/quadratic.yaml", "--trainer.max_epochs=1")
    output = tmp_path / "numbers.csv"
    main(["predict", f"--ckpt_path={run['folder'] / 'checkpoints' / 'best.ckpt'}", f"--output={output}"])
    assert min(float(row["target_0"]) for row in cells(output)) < 0


def test_a_metric_whose_name_looks_like_a_formula_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text("epoch,'=x\n1,-2.5\n")
    assert read_rows(tmp_path / "metrics.csv") == [{"epoch": "1", "=x": "-2.5"}]


def test_a_path_that_no_config_can_hold_is_refused_before_a_folder_is_made(
    photos: Path, tmp_path: Path, refused: Refused
) -> None:
    for option in (f"--data.source.path={photos}", f"--runs_dir={photos / 'runs'}"):
        error = refused("fit", "--model=MLP", "--data.source=ImageFolder", option)
        assert r"photos \udcff" in error
        assert "is not UTF-8, so neither config.yaml nor TensorBoard can hold it; rename" in error
    assert not (photos / "runs").exists()


def test_images_of_such_names_train_and_are_imported(tmp_path: Path, fit: Fit, capsys: Capture) -> None:
    for kind, first in (("a", 0), ("b", 100)):
        for number in range(20):
            (tmp_path / "photos" / kind).mkdir(parents=True, exist_ok=True)
            picture(number).save(tmp_path / "photos" / kind / os.fsdecode(b"\xff%d.png" % (first + number)))
    data = ("--data.source=ImageFolder", f"--data.source.path={tmp_path / 'photos'}", "--data.source.image_size=8")
    for _ in range(2):  # from the files, and from the cache
        fit("--model=LogisticRegression", *data, "--trainer.max_epochs=1")
    main(["data", "import", str(tmp_path / "photos"), str(tmp_path / "photos.npz")])
    capsys.readouterr()
    main(["data", "info", str(tmp_path / "photos"), "--output", str(tmp_path / "sheet.png")])
    assert r"\udcff" in capsys.readouterr().out, "of the images that are there twice"


@pytest.mark.slow
def test_a_strict_terminal_ends_no_command(photos: Path, tmp_path: Path) -> None:
    class_folders(photos / "data", {"a": 20, "b": 20})
    command = [sys.executable, "-m", "hw1_lightning", "data", "info", str(photos / "data"), "--output"]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run([*command, str(photos / "sheet.png")], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert rb"photos \udcff/sheet.png" in done.stdout
