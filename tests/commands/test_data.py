"""`hw1 data`: its output, its files and its errors."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hw1_lightning.cli import main
from hw1_lightning.data.image_folder import ImageFolder
from hw1_lightning.data.sources import Landscapes
from tests.conftest import Arrays, Capture, Fit, Refused
from tests.data.folder import kaggle, picture, write_pictures


@pytest.mark.parametrize("args", [["data", "--help"], ["data", "info", "--help"], ["data", "download", "--help"]])
def test_help_needs_no_heavy_library(args: list[str]) -> None:
    code = (
        "import sys\nfrom hw1_lightning.cli import main\n"
        f"try: main({args})\nexcept SystemExit as end: assert not end.code\n"
        "assert not {'torch', 'numpy', 'PIL', 'pooch'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: hw1 data")


def test_folder_is_imported_described_and_trained_on(tmp_path: Path, capsys: Capture, fit: Fit) -> None:
    root, output = kaggle(tmp_path / "Fotos é"), tmp_path / "out é.npz"
    assert main(["data", "import", str(root), str(output)]) == 0
    message = capsys.readouterr().out
    expected = ImageFolder(root).load()
    assert expected.sha256 in message
    assert "train 17, val 3, test 6" in message
    data = Landscapes(output).load()
    assert data.sha256 == expected.sha256
    assert data.class_names == ("forest", "sea"), "not the six of the course"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Fotos é", "out é.npz"]
    options = ["--data.source=Landscapes", f"--data.source.path={output}", "--trainer.max_epochs=1"]
    assert fit("--config=configs/logistic_regression.yaml", *options)["data"]["sha256"] == expected.sha256


def test_import_needs_a_free_name_and_leaves_nothing_when_it_fails(
    tmp_path: Path, capsys: Capture, refused: Refused
) -> None:
    root, output = kaggle(tmp_path / "photos"), tmp_path / "out.npz"
    (root / "seg_train" / "seg_train" / "sea" / "broken.jpg").write_bytes(b"")
    for options, message in (
        ([], "broken.jpg cannot be read (an empty file)"),
        (["--split_seed=-1"], "split_seed is -1"),
    ):
        assert message in refused("data", "import", str(root), str(output), *options)
        assert not output.exists()
    main(["data", "import", str(root), str(output), "--on_error", "skip", "--split_seed", "3"])
    out, err = capsys.readouterr()
    assert "hw1: left out: seg_train/seg_train/sea/broken.jpg (an empty file)" in err
    assert "left out 1 images" in out
    before = output.read_bytes()
    assert "exists; remove it" in refused("data", "import", str(root), str(output), "--on_error", "skip")
    assert output.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.npz", "photos"]


def info(path: Path, capsys: Capture, *options: str) -> list[str]:
    sheet = path.parent / "sheet.png"
    assert main(["data", "info", str(path), "--output", str(sheet), *options]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    with Image.open(sheet) as image:
        assert image.format == "PNG"
    return out.splitlines()


def test_info_of_a_file(npz: Path, npz_arrays: Arrays, capsys: Capture) -> None:
    npz_arrays["test_images"][3] = npz_arrays["train_images"][5]
    npz_arrays["train_images"][8] = npz_arrays["train_images"][9]
    np.savez(npz, **npz_arrays)
    lines = info(npz, capsys)
    assert lines[1] == "images         48x48 pixels, 3 channels, uint8"
    assert lines[3].split() == ["buildings", "10", "16.7", "%", "2", "16.7", "%", "3", "16.7", "%"]
    assert lines[9].split() == ["all", "60", "12", "18"]
    mean = npz_arrays["train_images"].mean(axis=(0, 1, 2)) / 256
    assert f"red {mean[0]:.3f}, green {mean[1]:.3f}, blue {mean[2]:.3f} of 1" in lines[11]
    assert "duplicates     test has 1 that are in train too: test 3 = train 5" in lines
    assert f"{'':15}train has 1 that repeat others of the same split" in lines
    assert f"{'':15}2 of the repeated images have more than one label" in lines
    assert any(Landscapes(npz).load().sha256 in line for line in lines)


def test_a_hidden_folder_of_images_is_named(tmp_path: Path, capsys: Capture) -> None:
    root = kaggle(tmp_path / "photos")
    write_pictures(root / "seg_train" / "seg_train" / ".old", 1)
    lines = info(root, capsys)
    assert "not read       seg_train/seg_train/.old, whose name starts with a dot" in lines
    message = (
        "not read, because their names start with a dot: seg_train/seg_train/.old; rename a folder that is a class"
    )
    main(["data", "import", str(root), str(tmp_path / "out.npz")])
    assert f"hw1: {message}\n" in capsys.readouterr().err
    with pytest.warns(UserWarning, match=re.escape(message)):
        data = ImageFolder(root, 12).load()
    assert data.class_names == ("forest", "sea")


def test_info_of_a_folder_names_files(tmp_path: Path, capsys: Capture) -> None:
    root = kaggle(tmp_path / "photos")
    lines = info(root, capsys)
    assert "duplicates     none, in and between splits" in lines
    assert "broken         none" in lines
    assert "not read       seg_pred, next to the split folders" in lines
    picture(1000).save(root / "seg_train" / "seg_train" / "forest" / "copy.png")
    (root / "seg_test" / "seg_test" / "sea" / "broken.jpg").write_bytes(b"")
    lines = info(root, capsys, "--image_size=12", "--split_seed=0")
    assert "images         12x12 pixels, 3 channels, uint8" in lines
    twice = "seg_test/seg_test/forest/1000.png = seg_train/seg_train/forest/copy.png"
    assert f"duplicates     test has 1 that are in train too: {twice}" in lines
    assert "broken         1" in lines
    assert f"{'':15}seg_test/seg_test/sea/broken.jpg (an empty file)" in lines


MISTAKES: list[tuple[list[str], str]] = [
    ([], "arguments are required: COMMAND"),
    (["inof"], "unknown command 'inof'; allowed are info, import, download; did you mean 'info'?"),
    (["info"], "arguments are required: FILE|FOLDER"),
    (["info", "none.npz"], "no file none.npz"),
    (["info", "none.npz", "--image_size", "8"], "none.npz is not a folder"),
    (["info", ".", "--image_size", "x"], "--image_size is 'x'; it must be a whole number"),
    (["info", ".", "--out", "a.png"], "unrecognized arguments: --out"),
    (["info", "."], "has no class folders"),
    (["import", "none", "out.npz"], "no folder none"),
    (["import", ".", "none/out.npz"], "there is no folder none"),
    (["import", ".", "out.npz", "--on_error", "ignore"], "--on_error is 'ignore'; allowed are raise, skip"),
    (["download", "digits"], "NAME is 'digits'; allowed are landscapes"),
]


@pytest.mark.parametrize(("args", "message"), MISTAKES, ids=lambda value: " ".join(value))
def test_a_mistake_gets_one_line_and_leaves_nothing(
    args: list[str],
    message: str,
    tmp_path: Path,
    refused: Refused,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in refused("data", *args)
    assert list(tmp_path.iterdir()) == []


def test_a_contact_sheet_that_cannot_be_written_is_reported(npz: Path, refused: Refused) -> None:
    error = refused("data", "info", str(npz), "--output", "/dev/null/sheet.png")
    assert "sheet.png cannot be written: Not a directory" in error
