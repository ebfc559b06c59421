"""A study with finished, diverged, failed and missing runs, in the format of `hw1 fit`."""

import csv
import json
import math
from pathlib import Path

import pytest

from hw1_lightning.study.planned_runs import write_planned
from hw1_lightning.study.reading import read_study
from hw1_lightning.study.results import StudyResults, read_runs

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
    """Write a run with this final validation accuracy, and with losses of 2 / epoch."""
    folder.mkdir(parents=True, exist_ok=True)
    losses = [2.0 / epoch for epoch in range(1, EPOCHS + 1)]
    if status == "diverged":
        losses[-1] = math.nan
    with (folder / "metrics.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", "train/loss", "val/accuracy", "val/loss", "weights/l2_norm"])
        for epoch, loss in enumerate(losses, start=1):
            writer.writerow([epoch, loss, accuracy * epoch / EPOCHS, loss + seed / 1000, epoch])
    final: dict[str, float | None] = {"val/accuracy": accuracy, "val/loss": losses[-1] + seed / 1000}
    if status == "diverged":
        final = dict.fromkeys(final, None)
    result = {
        "status": status,
        "final": final,
        "best": {"epoch": EPOCHS, "val/accuracy": accuracy},
        "test": {} if status == "diverged" else {"test/accuracy": accuracy - 0.01},
        "seconds": 2.0 + seed,
        "epochs": EPOCHS,
        "data": {"source": "Digits", "sha256": "ab" * 32, "sizes": {"train": 90, "val": 20, "test": 100}},
        "versions": {"hw1": "1", "python": "3"},
    }
    (folder / "result.json").write_text(json.dumps(result))
    write_identity(folder)


def write_identity(folder: Path) -> None:
    """Write the identity into run.json that ``study_in`` plans for this folder."""
    (folder / "run.json").write_text(json.dumps({"identity": f"{folder.parent.name}/{folder.name}"}))


def study_in(folder: Path, text: str) -> StudyResults:
    """Write a study file, and read the study with the runs in its folder."""
    (folder / "study.yaml").write_text(text)
    study = read_study(folder / "study.yaml", "s")
    write_planned(folder, {(one.name, seed): f"{one.slug}/seed={seed:02d}" for one, seed in study.each_run()})
    return read_runs(study, folder)


@pytest.fixture
def results(tmp_path: Path) -> StudyResults:
    """Return a study in which a and b are complete; of c, one run diverged, one failed and five are missing."""
    study = study_in(tmp_path, STUDY).study
    for seed in range(1, 8):
        write_run(tmp_path / study.conditions[0].slug / f"seed={seed:02d}", 0.5 + seed / 100, seed)
        write_run(tmp_path / study.conditions[1].slug / f"seed={seed:02d}", 0.7 + seed / 1000, seed)
    write_run(tmp_path / "c" / "seed=01", 0.9, 1, "diverged")
    (tmp_path / "c" / "seed=02").mkdir()
    write_identity(tmp_path / "c" / "seed=02")
    (tmp_path / "c" / "seed=02" / "failure.txt").write_text("Traceback\nMemoryError: too <b>big</b>\n")
    return read_runs(study, tmp_path)
