"""The tables of a study's page."""

from pathlib import Path

import numpy as np
import pytest

from hw1_lightning.study.results import StudyResults
from hw1_lightning.study.statistics import wilson
from hw1_lightning.study.tables import (
    BAR_ROOM,
    BAR_WIDTH,
    columns,
    comparison_rows,
    comparisons,
    result_rows,
    run_rows,
    spread_rows,
)
from hw1_lightning.study.words import number
from tests.study.conftest import study_in, write_run

SLUGS = {"b <i>": "b_i_", "c": "c"}


def test_reported_numbers_stand_beside_ours(results: StudyResults) -> None:
    assert [(each.metric, each.reported) for each in columns(results)] == [
        ("val/accuracy", False), ("val/loss", False), ("test/accuracy", True), ("seconds", True)
    ]  # fmt: skip
    rows = {row["name"]: row for row in result_rows(results)}
    assert rows["a"]["reference"] == {"test/accuracy": "0.5", "seconds": "12"}
    assert rows["a"]["cells"]["test/accuracy"].mean == "0.5300"
    assert rows["a"]["cells"]["seconds"].mean == "6.0"  # the median of 3 to 9
    assert rows["a"]["notes"] == ["baseline"]
    assert rows["c"]["notes"] == ["1 of 7 runs", "1 of 1 diverged"]


def test_a_metric_that_only_others_reported_is_shown_too(tmp_path: Path) -> None:
    text = "title: t\nseeds: 1\nbaseline: a\nconditions: {a: {}, b: {}}\nreference: {a: {train/loss: 2, test/r2: 1}}\n"
    write_run(tmp_path / "a" / "seed=01", 0.45, 1)
    results = study_in(tmp_path, text)
    names = [each.metric for each in columns(results)]
    assert names == ["val/accuracy", "val/loss", "train/loss", "test/accuracy", "test/r2", "seconds"]


def test_a_single_seed_has_wilsons_interval(tmp_path: Path) -> None:
    write_run(tmp_path / "a" / "seed=01", 0.45, 1)
    results = study_in(tmp_path, "title: t\nseeds: 1\nbaseline: a\nconditions: {a: {}, b: {}}\n")
    low, high = wilson(9, 20)  # 0.45 of the 20 validation examples
    cells = result_rows(results)[0]["cells"]
    assert cells["val/accuracy"].interval == f"{number(low)} to {number(high)}"
    assert cells["val/loss"].interval == ""


def test_comparisons_and_their_pictures(results: StudyResults) -> None:
    made = comparisons(results, "val/accuracy")
    better, diverged = comparison_rows(made, SLUGS, 0.01)
    assert (diverged["bar"], diverged["verdict"]) == (None, "inconclusive"), "at 0.9, but with weights that are NaN"
    assert (better["verdict"], better["wins"], better["p"]) == ("better", "7 of 7", "0.0156")
    assert better["difference"] == "+0.164"
    middle = BAR_WIDTH / 2
    assert middle < better["bar"]["low"] < better["bar"]["mean"] < better["bar"]["high"] < BAR_WIDTH
    assert better["bar"]["high"] == BAR_WIDTH - BAR_ROOM, "it reaches farthest"
    scale = (middle - BAR_ROOM) / made["b <i>"].difference.high
    assert better["bar"]["mean"] == pytest.approx(middle + 0.164 * scale, abs=0.1)
    assert better["bar"]["margin"] == pytest.approx(0.01 * scale, abs=0.1)


def test_what_diverged_is_not_compared_and_wins_nothing(results: StudyResults) -> None:
    (_, diverged) = comparison_rows(comparisons(results, "val/loss"), SLUGS, None)
    assert (diverged["difference"], diverged["bar"]) == ("diverged", None)
    assert (diverged["wins"], diverged["p"], diverged["verdict"]) == ("0 of 1", "\N{EN DASH}", "inconclusive")


def test_spread_is_the_standard_deviation_over_seeds(results: StudyResults) -> None:
    rows = spread_rows(results)
    assert [row["varies"] for row in rows] == ["init", "order", "init, order, dropout"]
    assert rows[0]["val/accuracy"] == number(float(np.std([n / 100 for n in range(1, 8)], ddof=1)))
    assert rows[2]["val/accuracy"] == "\N{EN DASH}"


def test_every_run_is_listed_with_its_files_and_without_the_test_split(results: StudyResults) -> None:
    a, _, c = run_rows(results)
    assert [run["seed"] for run in a["runs"]] == list(range(1, 8))
    assert a["runs"][0]["files"] == [("a/seed=01/result.json", "result"), ("a/seed=01/metrics.csv", "curves")]
    assert a["runs"][0]["metrics"] == ["0.5100", "0.5010"]
    assert [run["status"] for run in c["runs"]] == ["diverged", "failed: MemoryError: too <b>big</b>"]
