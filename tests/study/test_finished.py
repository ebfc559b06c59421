"""Damaged, stale and copied runs do not count, are listed, and cause no traceback."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hw1_lightning.cli import main
from hw1_lightning.report.findings import warnings
from hw1_lightning.report.page import write_report
from hw1_lightning.runs.correct_examples import write_correct
from hw1_lightning.study.finished import UnusableRun, is_finished, read_finished
from hw1_lightning.study.jobs import Job
from hw1_lightning.study.planned_runs import read_planned
from hw1_lightning.study.results import StudyResults, read_runs
from tests.study.conftest import study_in, write_run

Damage = Callable[[Path], object]


def changed(**entries: Any) -> Damage:
    """Replace entries of result.json."""

    def damage(folder: Path) -> None:
        path = folder / "result.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | entries))

    return damage


def content(name: str, content: bytes) -> Damage:
    """Replace the content of a file."""
    return lambda folder: (folder / name).write_bytes(content)


def replaced(name: str, old: bytes, new: bytes) -> Damage:
    """Replace bytes of a file."""
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes().replace(old, new))


def without_line(number: int) -> Damage:
    """Remove a line of metrics.csv."""

    def damage(folder: Path) -> None:
        lines = (folder / "metrics.csv").read_text().splitlines(keepends=True)
        del lines[number]
        (folder / "metrics.csv").write_text("".join(lines))

    return damage


DATA = {"source": "Digits", "sha256": "ab", "sizes": {"train": 9, "val": 2, "test": 1}}
CASES: dict[str, tuple[Damage, str]] = {
    "empty result": (content("result.json", b""), "result.json is damaged: Expecting value"),
    "half a result": (content("result.json", b'{"status": "fin'), "result.json is damaged"),
    "not UTF-8": (content("result.json", b"\xff\xfe"), "result.json is damaged: 'utf-8' codec can't decode"),
    "nested": (content("result.json", b"[" * 100_000), "result.json is damaged"),
    "a list": (content("result.json", b"[1]"), "result.json is not a mapping"),
    "NaN": (changed(final={"val/accuracy": math.nan}), "result.json is damaged: it holds NaN, which is not JSON"),
    "infinite": (replaced("result.json", b"0.5", b"1e999"), "result.json: final is"),
    "status": (changed(status="done"), 'result.json: status is "done"'),
    "status list": (changed(status=["finished"]), "result.json: status is"),
    "final list": (changed(final=[0.5]), "result.json: final is [0.5]"),
    "text as a number": (changed(test={"test/accuracy": "0.9"}), "result.json: test is"),
    "seconds": (changed(seconds=None), "result.json: seconds is null"),
    "epochs": (changed(epochs=True), "result.json: epochs is true"),
    "epochs zero": (changed(epochs=0), "result.json: epochs is 0"),
    "sizes": (changed(data={**DATA, "sizes": {"train": 9}}), "result.json: data is"),
    "sizes list": (changed(data={**DATA, "sizes": [1, 2, 3]}), "result.json: data is"),
    "no training examples": (
        changed(data={**DATA, "sizes": {"train": 0, "val": 2, "test": 1}}),
        "result.json: data is",
    ),
    "accuracy": (changed(test={"test/accuracy": 1.5}), "result.json: test/accuracy is 1.5"),
    "classes": (changed(classes=5), "result.json: classes is 5"),
    "split seed": (changed(split_seed=[1]), "result.json: split_seed is [1]"),
    "time": (changed(seconds=-5), "result.json: seconds is -5"),
    "more than a float holds": (changed(seconds=10**400), "result.json: seconds is 1000"),
    "more epochs than memory": (changed(epochs=10**13), "metrics.csv has 4 rows, not one for each"),
    "versions": (changed(versions={"hw1": 1}), "result.json: versions is"),
    "no curves": (lambda folder: (folder / "metrics.csv").unlink(), "metrics.csv is missing"),
    "empty curves": (content("metrics.csv", b""), "metrics.csv is empty or cut off"),
    "binary curves": (content("metrics.csv", b"\x00\xff\n"), "metrics.csv is damaged"),
    "words in curves": (content("metrics.csv", b"epoch\nlow\n"), "metrics.csv is damaged: could not convert"),
    "wide row": (content("metrics.csv", b"epoch\n1,2,3\n"), "metrics.csv is damaged"),
    "a row less": (without_line(4), "metrics.csv has 3 rows, not one for each of the 4 epochs of result.json"),
    "a row less in the middle": (without_line(2), "metrics.csv has 3 rows"),
    "more epochs": (changed(epochs=150), "metrics.csv has 4 rows, not one for each of the 150 epochs of result.json"),
    "cut off": (replaced("metrics.csv", b"4\r\n", b""), "metrics.csv is empty or cut off in its last line"),
    "other curves": (
        changed(final={"train/loss": 0.1}),
        "metrics.csv ends with a train/loss that differs from result.json",
    ),
    "bits": (content("correct.npz", b"PK\x03\x04"), "correct.npz is not an npz file"),
    "bits of others": (
        lambda folder: write_correct(folder, {"val": torch.ones(99, dtype=torch.bool)}),
        "correct.npz: val is uint8 of shape (13,), but the split has 20 examples",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_damaged_run_does_not_count_and_the_reason_is_printed(name: str, results: StudyResults) -> None:
    damage, why = CASES[name]
    folder = results.folder / "a" / "seed=02"
    damage(folder)
    with pytest.raises(UnusableRun) as caught:
        read_finished(folder)
    assert str(caught.value).startswith(why)
    found = read_runs(results.study, results.folder)
    assert found.unusable == (("a", 2, str(caught.value)),)
    assert ("a", 2) in found.missing
    assert [run.seed for run in found.of("a")] == [1, 3, 4, 5, 6, 7]
    assert f"Not counted, not done: a, seed 2: {caught.value}." in warnings(found)
    assert Job("a", 2, folder, (), "a/seed=02").state() == "new"
    write_report(found)


def test_an_unreadable_failure_file_is_no_error(results: StudyResults) -> None:
    (results.folder / "c" / "seed=02" / "failure.txt").write_bytes(b"\xff\xfe")
    assert read_runs(results.study, results.folder).failures[0][:2] == ("c", 2)


def test_runs_that_are_not_part_of_the_study_are_listed_and_do_not_count(results: StudyResults) -> None:
    for seed, identity in enumerate(("{}", "[]", '{"identity": "of before"}', "\0"), start=1):
        (results.folder / "a" / f"seed={seed:02d}" / "run.json").write_text(identity)
    (results.folder / "a" / "seed=05" / "run.json").unlink()
    write_run(results.folder / "a" / "seed=08", 0.5, 8)
    write_run(results.folder / "old" / "seed=01", 0.5, 1)
    found = read_runs(results.study, results.folder)
    assert [run.seed for run in found.of("a")] == [6, 7]
    missing = "run.json is missing or damaged"
    assert set(found.stale) == {
        ("a", 1, missing),
        ("a", 2, missing),
        ("a", 3, "made with other options, other data or another version of hw1"),
        ("a", 4, missing),
        ("a", 5, missing),
        ("a", 8, "the study has 7 seeds"),
        ("old", 1, "the study has no such condition"),
    }
    assert [seed for name, seed in found.missing if name == "a"] == [1, 2, 3, 4, 5]
    text = write_report(found).read_text(encoding="utf-8")
    assert (
        "Not counted, not part of this study: a, seed 3: made with other options, other data or another version" in text
    )


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"a": 1}', b'{"a": {"x": "y"}}', b"\xff"])
def test_without_runs_json_the_page_warns_that_all_runs_count(content: bytes | None, results: StudyResults) -> None:
    path = results.folder / "runs.json"
    path.unlink() if content is None else path.write_bytes(content)
    found = read_runs(results.study, results.folder)
    assert (found.identified, len(found.runs)) == (False, 15)
    assert warnings(found)[-1].startswith(
        "Unknown: whether all runs are part of this study, because runs.json is missing"
    )


def test_a_diverged_run_has_no_value_but_its_seconds(results: StudyResults) -> None:
    (run,) = results.of("c")
    assert run.diverged
    for metric in ("val/accuracy", "val/loss", "train/loss", "weights/l2_norm", "test/accuracy", "train/accuracy"):
        for take in ("final", "max", "slope"):
            value = run.quantity(metric, take, 2)
            assert value is not None
            assert math.isnan(value)
    assert math.isnan(results.values("c", "val/accuracy")[1])
    assert run.quantity("seconds_per_epoch") == 3.0 / 4
    changed(status="finished", final={"val/accuracy": 0.9})(run.folder)
    claims_to_be_finished = read_runs(results.study, results.folder).of("c")[0]
    assert claims_to_be_finished.diverged, "its last row has a loss that is NaN"
    assert math.isnan(claims_to_be_finished.quantity("val/accuracy") or 0.0)


def test_the_final_value_is_that_of_the_final_weights(results: StudyResults) -> None:
    changed(final={"val/accuracy": 0.25, "val/loss": 1.0})(results.folder / "a" / "seed=01")
    run = read_runs(results.study, results.folder).of("a")[0]
    assert (run.quantity("val/accuracy"), run.quantity("val/accuracy", "max")) == (0.25, 0.51)


def test_a_folder_whose_name_is_not_unicode_has_a_page(results: StudyResults) -> None:
    changed(data={"source": "\udcff", "sha256": "ab", "sizes": {"train": 90, "val": 20, "test": 20}})(
        results.folder / "a" / "seed=01"
    )
    page = write_report(read_runs(results.study, results.folder)).read_text(encoding="utf-8")
    assert "\\udcff" in page


def test_copies_are_found(results: StudyResults) -> None:
    assert results.copies == []
    for seed in (2, 5):
        for name in ("metrics.csv", "result.json"):
            source = results.folder / "a" / "seed=01" / name
            (results.folder / "a" / f"seed={seed:02d}" / name).write_bytes(source.read_bytes())
    changed(seconds=99.0)(results.folder / "a" / "seed=05")
    assert read_runs(results.study, results.folder).copies == [("a", (1, 2, 5))]
    changed(test={"test/accuracy": 0.1})(results.folder / "a" / "seed=05")
    assert read_runs(results.study, results.folder).copies == [("a", (1, 2))]


def test_correct_examples_are_read_for_each_run(results: StudyResults) -> None:
    right = torch.arange(20) % 3 == 0
    write_correct(results.folder / "a" / "seed=01", {"val": right})
    write_correct(results.folder / "c" / "seed=01", {"val": right})
    run, diverged = results.of("a")[0], results.of("c")[0]
    stored = run.correct("validation")
    assert stored is not None
    assert stored.dtype == np.bool_
    assert stored.tolist() == right.tolist()
    assert (run.correct("test"), diverged.correct("validation")) == (None, None)
    assert results.share_validation == 20 / 90
    assert results.divided(["a", "c"]) == {False}
    conditions = (replace(results.study.conditions[0], vary=("init", "split")), *results.study.conditions[1:])
    assert replace(results, study=replace(results.study, conditions=conditions)).divided(["a", "c"]) == {True, False}


def test_the_share_of_validation_is_nan_without_runs(tmp_path: Path) -> None:
    empty = study_in(tmp_path, "title: t\nseeds: 1\nbaseline: a\nconditions: {a: {}, b: {}}\n")
    assert math.isnan(empty.share_validation)


@pytest.mark.slow
def test_stale_and_damaged_runs_are_replaced_by_a_rerun(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["study", "run", "configs/studies/extra/tiny.yaml", "--runs_dir", str(tmp_path), "--workers", "2"]
    assert main(options) == 0
    folder = tmp_path / "tiny"
    assert len(read_planned(folder) or {}) == 16
    (folder / "fast" / "seed=02" / "result.json").write_text("")
    (folder / "slow" / "seed=01" / "run.json").write_text('{"identity": "with other options"}')
    capsys.readouterr()
    assert main(["study", "report", "tiny", "--runs_dir", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert "hw1: Not counted, not part of this study: slow, seed 1: made with other options" in said
    assert "hw1: Not counted, not done: fast, seed 2: result.json is damaged" in said
    page = (folder / "report.md").read_text(encoding="utf-8")
    assert "This study is not finished: 14 of 16 runs are done." in page
    (folder / "slow" / "seed=01" / "run.json").unlink()
    (folder / "slow" / "seed=02" / "metrics.csv").write_bytes(b"\xff")
    assert main([*options, "--force"]) == 0, "the options of slow, seed 1, are unknown"
    assert "16 runs, 13 of them done already" in capsys.readouterr().out
    assert all(is_finished(place) for place in folder.glob("*/seed=*"))
