"""The page of a study: its numbers, its words, and that a browser shows it without complaint."""

import csv
import json
import math
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from hw1_lightning.study.figures import band
from hw1_lightning.study.reading import read_study
from hw1_lightning.study.report import contents, judgements, selected_condition, write_report
from hw1_lightning.study.results import StudyResults, read_runs
from hw1_lightning.study.words import in_words, number

STUDY = """
title: <script>alert("x")</script> & more
seeds: 7
metrics: [val/accuracy, val/loss]
margin: 0.01
baseline: a
conditions:
  a: {vary: [init]}
  b <i>: {vary: [order]}
  c: {}
reference:
  a: {test/accuracy: 0.5, seconds: 12}
claims:
  - {id: one, says: b is better than a, required: true, checks: [{metric: val/accuracy, of: b <i>, higher_than: [a]}]}
  - {id: two, says: c falls, checks: [{metric: val/loss, take: slope, of: c, below: 0}]}
"""
EPOCHS = 4


def write_run(folder: Path, accuracy: float, seed: int, status: str = "finished") -> None:
    folder.mkdir(parents=True)
    losses = [2.0 / epoch for epoch in range(1, EPOCHS + 1)]
    if status == "diverged":
        losses[-1] = math.nan
    with (folder / "metrics.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", "train/loss", "val/accuracy", "val/loss", "weights/l2_norm"])
        for epoch, loss in enumerate(losses, start=1):
            writer.writerow([epoch, loss, accuracy * epoch / EPOCHS, loss + seed / 1000, epoch])
    final = {"val/accuracy": accuracy, "val/loss": None if status == "diverged" else losses[-1]}
    result = {
        "status": status,
        "final": final,
        "test": {} if status == "diverged" else {"test/accuracy": accuracy - 0.01},
        "seconds": 2.0 + seed,
        "epochs": EPOCHS,
        "data": {"source": "Digits", "sha256": "ab" * 32, "sizes": {"train": 90, "val": 20, "test": 100}},
        "versions": {"hw1": "1", "python": "3"},
    }
    (folder / "result.json").write_text(json.dumps(result))


@pytest.fixture
def results(tmp_path: Path) -> StudyResults:
    (tmp_path / "study.yaml").write_text(STUDY)
    study = read_study(tmp_path / "study.yaml", "s")
    for seed in range(1, 8):
        write_run(tmp_path / study.conditions[0].slug / f"seed={seed:02d}", 0.5 + seed / 100, seed)
        write_run(tmp_path / study.conditions[1].slug / f"seed={seed:02d}", 0.7 + seed / 1000, seed)
    write_run(tmp_path / "c" / "seed=01", 0.9, 1, "diverged")
    (tmp_path / "c" / "seed=02").mkdir()
    (tmp_path / "c" / "seed=02" / "failure.txt").write_text("Traceback\nMemoryError: too <b>big</b>\n")
    return read_runs(study, tmp_path)


def test_what_there_is_is_read(results: StudyResults) -> None:
    assert [run.seed for run in results.of("a")] == list(range(1, 8))
    assert results.failures == (("c", 2, "MemoryError: too <b>big</b>"),)
    assert results.missing == tuple(("c", seed) for seed in range(3, 8))
    run = results.of("a")[1]
    assert run.quantity("val/accuracy") == pytest.approx(0.52)
    assert run.quantity("train/loss", "slope", 2) == pytest.approx(2 / 4 - 2 / 3)
    assert (run.quantity("seconds_per_epoch"), run.quantity("val/r2")) == (4.0 / EPOCHS, None)
    assert math.isnan(results.of("c")[0].quantity("test/accuracy") or 0.0)
    assert results.values("a", "test/accuracy")[7] == pytest.approx(0.56)


def test_selection_is_by_validation_and_leaves_out_what_diverged(results: StudyResults) -> None:
    assert selected_condition(results) == "c"  # its accuracy was finite; its loss was not
    page = contents(results)
    assert page["comparisons"]["val/loss"][1]["verdict"] == "inconclusive"
    (better, _) = page["comparisons"]["val/accuracy"]
    assert (better["verdict"], better["wins"], better["p"]) == ("better", "7 of 7", "0.0156")
    assert better["difference"] == "+0.164"
    assert [row["varies"] for row in page["spread"]] == ["init", "order", "init, order, dropout"]
    assert page["spread"][0]["val/accuracy"] == number(float(np.std([n / 100 for n in range(1, 8)], ddof=1)))


def test_claims_are_judged(results: StudyResults) -> None:
    assert [judgement.verdict for judgement in judgements(results)] == ["supported", "undecided"]


def test_files_hold_the_numbers_and_no_foreign_markup(results: StudyResults) -> None:
    path = write_report(results)
    page = path.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert" in page
    assert "too &lt;b&gt;big" in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page), "everything is in the page"
    for link in re.findall(r'href="([^"#]+)"', page):
        assert link == "data:," or (path.parent / link).exists() or link.endswith("config.yaml"), link
    rows = list(csv.DictReader((path.parent / "results.csv").read_text().splitlines()))
    assert len(rows) == 7 + 7 + 1 + 1
    assert (rows[0]["condition"], rows[0]["val/accuracy"], rows[-1]["status"]) == ("a", "0.51", "failed")
    text = (path.parent / "report.md").read_text()
    assert "| a | 7 | 0.5400 [0.5200 to 0.5600]; 0.5100 to 0.5700 |" in text
    assert "better" in text
    assert not list(path.parent.glob(".*.tmp"))


def test_the_page_is_the_same_when_written_again(results: StudyResults) -> None:
    first = write_report(results).read_bytes()
    assert write_report(results).read_bytes() == first


def test_band_is_students_interval_while_curves_last() -> None:
    mean, half = band([[1.0, 2.0, 3.0], [3.0, 4.0], [5.0, math.nan]])
    assert mean == pytest.approx([3.0, 3.0, 3.0])
    # t with 2 degrees of freedom times the standard error; with 1; a single curve has no band
    assert half == pytest.approx([4.3027 * 2 / 3**0.5, 12.7062 * 1.0, 0.0], rel=1e-4)


def test_cells() -> None:
    assert in_words([]) == {"mean": "\N{EN DASH}", "interval": "", "range": ""}
    assert in_words([0.5])["interval"] == ""
    assert in_words([0.5, math.nan])["mean"] == "diverged"
    assert [number(value) for value in (0.12345, 123456.0, 0.00001234, 5.0)] == [
        "0.1235",
        "1.235e+05",
        "1.234e-05",
        "5.0000",
    ]


def test_a_browser_shows_figures_and_tables_without_complaint(results: StudyResults) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs a browser: apt-get install chromium")
    page = write_report(results)
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"]
    done = subprocess.run([chromium, *options, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    assert "CONSOLE" not in done.stderr
    assert done.stdout.count("<figure>") == 4  # training and validation loss, validation accuracy, norm
    assert done.stdout.count("<svg") == 4
    assert done.stdout.count("<table>") == 1 + 2 + 1  # results, two metrics, spread
    ids = re.findall(r'\bid="([^"]+)"', done.stdout)
    assert len(ids) == len(set(ids)), "pictures must not share names"
