"""`hw1 study report NAME ... --summary FOLDER`, and the checks of a summary before `hw1 study run`."""

from pathlib import Path

import pytest

from hw1_lightning.cli import main
from tests.commands.studies import write_study
from tests.conftest import Capture, Refused
from tests.report.summary.made_up_studies import REPLICATIONS, two_studies


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    two_studies(tmp_path / "runs")
    (tmp_path / "published.yaml").write_text(REPLICATIONS)
    return tmp_path / "runs"


def test_a_summary_is_written_after_the_pages(runs: Path, capsys: Capture) -> None:
    folder, published = runs / "summary", runs.parent / "published.yaml"
    options = ["--runs_dir", str(runs), "--summary", str(folder), "--replications", str(published)]
    assert main(["study", "report", "second", "first", *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"report         {runs / 'second' / 'report.html'}"
    assert lines[-1] == f"summary        {folder / 'index.html'}"
    assert sorted(path.name for path in folder.iterdir()) == [
        "claims.csv", "curves.csv.gz", "index.html", "results.csv", "summary.json",
    ]  # fmt: skip
    again = folder.stat().st_mtime_ns
    assert main(["study", "report", "first", "--runs_dir", str(runs)]) == 0
    assert folder.stat().st_mtime_ns == again, "without --summary nothing is written there"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["first", "--replications", "FILE"], "only a summary shows it; add --summary FOLDER"),
        (["first", "first", "--summary", "NEW"], "the study 'first' is given twice"),
        (["first", "--summary", "RUNS/first"], "RUNS/first holds a, and no summary; choose a new folder"),
        (["second", "--summary", "NEW", "--replications", "FILE"], "but the summary is of second"),
        (["first", "--summary", "NEW", "--replications", "NONE"], "NONE cannot be read: No such file"),
        (["first", "--sumary", "NEW"], "did you mean '--summary'?"),
    ],
)
def test_a_mistake_is_found_before_anything_is_written(
    options: list[str], words: str, runs: Path, refused: Refused
) -> None:
    paths = {"FILE": runs.parent / "published.yaml", "NEW": runs / "summary", "RUNS": runs, "NONE": runs / "none.yaml"}

    def filled(text: str) -> str:
        for name, path in paths.items():
            text = text.replace(name, str(path))
        return text

    assert filled(words) in refused("study", "report", *map(filled, options), "--runs_dir", str(runs))
    assert not list(runs.glob("*/report.html"))
    assert not (runs / "summary").exists()


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("runs/studies/notes.txt", "mine", "holds notes.txt, and no summary; choose a new folder"),
        ("studies/replications.yaml", "- 0.5", "replications.yaml"),
        (
            "studies/replications.yaml",
            "experiments: [{study: one, condition: c, val/accuracy: {A: 0.5}}]",
            "replications.yaml:1: 'c' is not a condition of the study one; it has a, b",
        ),
    ],
)
def test_a_summary_that_cannot_be_written_is_refused_before_the_first_run(
    file: str, text: str, words: str, tmp_path: Path, refused: Refused
) -> None:
    for name in ("one", "two"):
        write_study(tmp_path / "studies" / f"{name}.yaml", "{}", "{model.learning_rate: 1}")
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    runs = tmp_path / "runs"
    assert words in refused("study", "run", str(tmp_path / "studies"), "--runs_dir", str(runs))
    assert not list(runs.glob("one*")), "nothing was written"
