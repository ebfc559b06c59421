"""`hw1 diagnose` with its runs: programs written without hw1, and what it says about their numbers."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from hw1_lightning.cli import main
from hw1_lightning.commands.diagnosing import engine
from hw1_lightning.commands.diagnosing.engine import ORDERED, ROUNDED, SEEDED
from hw1_lightning.diagnosis.catalogue import steps
from tests.conftest import Capture, Refused
from tests.diagnosis.scripts.registry import CORRECT, LISTED, Case

EPOCHS = 2
RUNS = 1 + ROUNDED + ORDERED + SEEDED  # of a correct program
PRINTED = ("test/accuracy", "weights/l2_norm", "val/accuracy", "val/loss")
WORKERS = ("--workers", "2", "--runs_dir", "runs")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, which is empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def experiment(case: Case) -> dict[str, Any]:
    """Return what a report says about a program, with four digits."""
    printed = {name: value for name, value in case(epochs=EPOCHS).items() if name in PRINTED}
    numbers = {
        name: [f"{each:.4f}" for each in value] if isinstance(value, list) else f"{value:.4f}"
        for name, value in printed.items()
    }
    options = {"trainer.max_epochs": EPOCHS}
    return {"config": case.experiment, "options": options, "reported": numbers}


def write_report(**cases: Case) -> str:
    named = {name: experiment(case) for name, case in cases.items()}
    Path("report.yaml").write_text(yaml.safe_dump({"title": "Group K", "experiments": named}))
    return "report.yaml"


def test_a_correct_program_is_reproduced_to_the_digit_and_run_once(capsys: Capture) -> None:
    path = write_report(logistic=CORRECT["logistic_regression", "correct"])
    assert main(["diagnose", path, *WORKERS]) == 0
    printed = capsys.readouterr()
    assert f"runs           {RUNS}, {RUNS} of them executed now" in printed.out
    assert "in short       The experiment is reproduced.\n" in printed.out
    assert "reproduced     logistic: 7 numbers, to the last digit\n" in printed.out
    assert "hw1: correct programs: 1 run\n" in printed.err
    assert "<h1>The experiment is reproduced</h1>" in Path("runs/diagnosis/report.html").read_text()

    assert main(["diagnose", path, *WORKERS, "--format", "json", "--out", "scores.csv"]) == 0
    printed = capsys.readouterr()
    (report,) = json.loads(printed.out)["reports"]
    assert (report["runs"], report["executed"]) == (RUNS, 0)
    assert [each["how"] for each in report["experiments"]] == ["digits"]
    assert len(Path("scores.csv").read_text().splitlines()) == 1 + 7
    assert "correct programs" not in printed.err


@pytest.mark.slow
def test_a_mistake_is_named_with_the_line_to_look_at(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a part of the catalogue, to be quick; ``benchmarks.diagnosis`` tries all of it."""
    monkeypatch.setattr(engine, "CATALOGUE", steps.MISTAKES)
    path = write_report(logistic=LISTED["logistic_regression", "softmax_before_loss"])
    assert main(["diagnose", path, *WORKERS]) == 0
    out = capsys.readouterr().out
    assert "in short       The experiment is explained by a mistake.\n" in out
    assert "mistake        softmax before cross-entropy\n  explains     logistic\n" in out
    assert "with the mistake the same digits, without it" in out
    assert "  look at      Look for a softmax at the end of the model's forward function" in out


@pytest.mark.parametrize(
    ("config", "options", "words"),
    [
        ("perceptron", {"model.learning_rat": 0.1}, "experiment 'a': Perceptron has no option 'learning_rat'; did you"),
        ("quadratic", {}, "experiment 'a': QuadraticNetwork is not a classifier"),
        ("perceptron", {"trainer.max_epochs": "many"}, "experiment 'a': "),
    ],
)
def test_an_experiment_that_cannot_be_run_is_refused_in_one_line(
    config: str, options: dict[str, Any], words: str, refused: Refused
) -> None:
    given = {"config": config, "options": options, "reported": {"val/accuracy": 0.5}}
    Path("report.yaml").write_text(yaml.safe_dump({"experiments": {"a": given}}))
    assert f"hw1: error: report.yaml: {words}" in refused("diagnose", "report.yaml", *WORKERS)
    assert not Path("runs").exists()


def test_other_options_and_files_that_are_wrong_are_refused_in_one_line(refused: Refused) -> None:
    path = "report.yaml"
    Path(path).write_text("experiments: {a: {config: perceptron, reported: {val/accuracy: 0.5}}}")
    for words, args in (
        ("there is no config nonsense", ("--config", "nonsense")),
        ("none.npz", ("--config", "data/landscapes", "--data.source.path", "none.npz")),
        ("Digits has no option 'pth'", ("--data.source.pth", "x")),
    ):
        assert words in refused("diagnose", path, *WORKERS, *args)
