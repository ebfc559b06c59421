"""`hw1 predict --pictures`: predictions for the user's own images."""

import csv
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hw1_lightning.cli import main
from hw1_lightning.data.images import read_image
from hw1_lightning.errors import InputError
from hw1_lightning.evaluation.user_images import photograph_size
from hw1_lightning.models import MLP
from hw1_lightning.runs.loading import load_model
from tests.conftest import Capture, Fit, Refused

COLUMNS = ["file", "class", "probability", "runner_up", "runner_up_probability"]


@pytest.fixture
def checkpoint(fit: Fit, npz: Path) -> Path:
    """A model of photographs, taken out of its run's folder; its data is gone."""
    options = ("--config=configs/data/landscapes.yaml", f"--data.source.path={npz}", "--trainer.max_epochs=2")
    run = fit("--config=configs/mlp.yaml", "--model.hidden_sizes=[8]", *options)
    alone = shutil.copy(run["folder"] / "checkpoints" / "best.ckpt", npz.with_name("alone.ckpt"))
    shutil.rmtree(run["folder"])
    npz.unlink()
    return Path(alone)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of images of several kinds, and a text file."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "meine Föten"
    (folder / "inner").mkdir(parents=True)
    for name, shape in {
        "b.jpg": (60, 90, 3),
        "a.png": (48, 48, 4),
        "inner/c.webp": (300, 200, 3),
        "é.png": (7, 9),
    }.items():
        Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).save(folder / name)
    (folder / "notes.txt").write_text("not an image")
    return folder


def rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_images_get_the_classes_of_the_model(checkpoint: Path, photos: Path, tmp_path: Path, capsys: Capture) -> None:
    output = tmp_path / "out.csv"
    assert main(["predict", f"--ckpt_path={checkpoint}", f"--pictures={photos}", f"--output={output}"]) == 0
    found = rows(output)
    assert list(found[0]) == COLUMNS
    assert [row["file"] for row in found] == ["a.png", "b.jpg", "inner/c.webp", "é.png"]
    model = load_model(checkpoint)
    assert isinstance(model, MLP)
    for row in found:
        image = np.array(read_image(photos / row["file"], 48))
        shares = model.probabilities(model(torch_from(image))).flatten()
        best = shares.topk(2)
        assert [row["class"], row["runner_up"]] == [model.class_names[place] for place in best.indices]
        assert [float(row[name]) for name in (COLUMNS[2], COLUMNS[4])] == pytest.approx(best.values.tolist(), abs=1e-6)
    with Image.open(tmp_path / "out.png") as sheet:
        assert sheet.width > 4 * 144
        assert sheet.height > 144
    assert "out.csv (4 rows)" in capsys.readouterr().out
    assert sorted(path.suffix for path in tmp_path.iterdir()) == ["", "", ".ckpt", ".csv", ".png"], (
        "nothing else is left"
    )


def torch_from(image: "np.ndarray[Any, np.dtype[np.uint8]]") -> Any:
    import torch

    return torch.from_numpy(image)[None]


def test_a_single_image_is_predicted(checkpoint: Path, photos: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    main(["predict", f"--ckpt_path={checkpoint}", f"--pictures={photos / 'b.jpg'}", f"--output={output}"])
    assert [row["file"] for row in rows(output)] == ["b.jpg"]


def test_a_broken_image_is_refused_or_skipped(checkpoint: Path, photos: Path, tmp_path: Path, refused: Refused) -> None:
    (photos / "broken.jpg").write_bytes((photos / "b.jpg").read_bytes()[:200])
    given = ["predict", f"--ckpt_path={checkpoint}", f"--pictures={photos}", f"--output={tmp_path / 'out.csv'}"]
    assert "broken.jpg cannot be read" in refused(*given)
    assert not (tmp_path / "out.csv").exists()
    with pytest.warns(UserWarning, match=r"left out: broken.jpg \("):
        main([*given, "--on_error=skip"])
    assert [row["file"] for row in rows(tmp_path / "out.csv")] == ["a.png", "b.jpg", "inner/c.webp", "é.png"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--pictures=nowhere"], "no folder nowhere"),
        (["--data.batch_size=3"], "unknown option '--data.batch_size'"),
        (["--output=/dev/null/x.csv"], "/dev/null/x.csv cannot be written"),
    ],
)
def test_mistakes(change: list[str], message: str, checkpoint: Path, photos: Path, refused: Refused) -> None:
    assert message in refused("predict", f"--ckpt_path={checkpoint}", f"--pictures={photos}", *change)


@pytest.mark.parametrize("options", [("--config=configs/mlp.yaml",), ("--config=configs/quadratic.yaml",)])
def test_a_model_of_other_data_is_refused(options: tuple[str, ...], fit: Fit, photos: Path, refused: Refused) -> None:
    path = fit(*options, "--trainer.max_epochs=1")["folder"] / "checkpoints" / "best.ckpt"
    error = refused("predict", f"--ckpt_path={path}", f"--pictures={photos}")
    assert "was trained on inputs of shape (8, 8, 1)" in error or "predicts numbers, not classes" in error


def test_size_is_that_of_the_model() -> None:
    assert photograph_size(MLP(input_shape=(20, 20, 3), num_classes=2, input_scale=1 / 256)) == 20
    for shape, scale in (((20, 20, 3), 1.0), ((20, 30, 3), 1 / 256), ((20, 20, 1), 1 / 256), ((1200,), 1 / 256)):
        with pytest.raises(InputError, match="was trained on inputs of shape"):
            photograph_size(MLP(input_shape=shape, num_classes=2, input_scale=scale))
