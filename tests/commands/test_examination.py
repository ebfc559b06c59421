"""Confusion matrix, worst mistakes and scores by class after `hw1 fit` and `hw1 test`."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from hw1_lightning.cli import main
from tests.conftest import Capture, Fit

SHORT = ("--config=configs/mlp.yaml", "--trainer.max_epochs=3", "--model.hidden_sizes=[16]")


def images_in(folder: Path) -> set[str]:
    events = EventAccumulator(str(folder))
    events.Reload()
    return set(events.Tags()["images"])


def test_fit_leaves_class_scores_and_images(fit: Fit) -> None:
    result = fit(*SHORT)
    classes = result["classes"]
    assert list(classes) == list("0123456789")
    assert sum(row["examples"] for row in classes.values()) == 360
    right = sum((row["recall"] or 0) * row["examples"] for row in classes.values())
    assert right / 360 == pytest.approx(result["test"]["test/accuracy"], abs=1e-6)
    assert {"test/confusion_matrix", "test/worst_mistakes"} <= images_in(result["folder"])
    for name in ("confusion_matrix", "worst_mistakes"):
        with Image.open(result["folder"] / f"{name}.png") as picture:
            assert picture.mode == "RGB"
            assert min(picture.size) > 400


@pytest.mark.parametrize(
    "options", [(*SHORT, "--test_after_fit=false"), ("--config=configs/quadratic.yaml", "--trainer.max_epochs=1")]
)
def test_there_are_no_scores_by_class_without_a_test_or_without_classes(options: tuple[str, ...], fit: Fit) -> None:
    result = fit(*options)
    assert result["classes"] == {}
    assert ("test/loss" in result["test"]) == ("--test_after_fit=false" not in options)
    assert not list(result["folder"].glob("*.png"))


def test_a_test_leaves_a_folder_of_its_own(fit: Fit, capsys: Capture) -> None:
    run = fit(*SHORT)
    best = run["folder"] / "checkpoints" / "last.ckpt"
    for path, folder in (
        (best, run["folder"] / "test_last"),
        (Path(shutil.copy(best, best.parents[4] / "mine.ckpt")), best.parents[4] / "test_mine"),
    ):
        for _ in range(2):
            main(["test", f"--ckpt_path={path}"])
        table = capsys.readouterr().out.splitlines()[-12:]
        assert table[0].split() == ["class", "precision", "recall", "f1", "examples"]
        assert table[-1].endswith(str(folder))
        names = sorted(path.name for path in folder.iterdir())
        assert names[0] == "confusion_matrix.png"
        assert names[1].startswith("events.out")
        assert names[2:] == ["result.json", "worst_mistakes.png"]
        result = json.loads((folder / "result.json").read_text())
        assert (result["checkpoint"], result["test"], result["classes"]) == (path.name, run["test"], run["classes"])
        assert result["data"]["sha256"] == run["data"]["sha256"]
        assert images_in(folder) == {"test/confusion_matrix", "test/worst_mistakes"}
        same = [np.asarray(Image.open(place / "confusion_matrix.png")) for place in (folder, run["folder"])]
        assert np.array_equal(same[0], same[1])


def test_a_class_that_is_never_predicted_has_no_precision(fit: Fit) -> None:
    text = (fit(*SHORT, "--model.learning_rate=0")["folder"] / "result.json").read_text()
    assert '"precision": null' in text
    assert "NaN" not in text
