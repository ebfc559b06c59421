"""The tables of a study's page."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hw1_lightning.judgement.comparison import comparisons
from hw1_lightning.report.tables import (
    BAR_ROOM,
    BAR_WIDTH,
    columns,
    comparison_rows,
    result_rows,
    run_rows,
    spread_rows,
)
from hw1_lightning.statistics.intervals import wilson
from hw1_lightning.study.results import StudyResults
from hw1_lightning.study.words import Cell, number
from tests.study.conftest import study_in, write_run
from tests.study.made_up_runs import condition, study_of

SLUGS = {"b <i>": "b_i_", "c": "c"}


def test_reported_numbers_are_next_to_ours(results: StudyResults) -> None:
    assert [(each.metric, each.reported) for each in columns(results)] == [
        ("val/accuracy", False), ("val/loss", False), ("test/accuracy", True), ("seconds", True)
    ]  # fmt: skip
    rows = {row["name"]: row for row in result_rows(results)}
    assert rows["a"]["reference"] == {"test/accuracy": "0.5", "seconds": "12"}
    assert rows["a"]["cells"]["test/accuracy"].middle == "0.5300"
    assert rows["a"]["cells"]["seconds"].middle == "6.0"  # the median of 3 to 9
    assert rows["a"]["notes"] == ["baseline", "0 of 7 collapsed; 95 % upper bound 35 %"]
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


def test_comparisons_have_texts_and_charts(tmp_path: Path) -> None:
    results = study_of(tmp_path, condition(0.5), condition(0.8))
    (row,) = comparison_rows(comparisons(results, "val/accuracy"), {"b": "b"})
    assert (row["verdict"], row["kind"], row["wins"]) == ("better by more than 0.05", "better", "10 of 10")
    assert (row["difference"], row["p"], row["p_page"]) == ("+0.3", "0.00195", "0.00391"), "two differences"
    (seeds, ends), (both, wider) = row["intervals"]
    assert (seeds, ends, both) == ("seeds", "+0.3 to +0.3", "seeds and examples")
    low, high = (float(end) for end in wider.split(" to "))
    assert low < 0.3 < high
    middle = BAR_WIDTH / 2
    scale = (middle - BAR_ROOM) / high
    assert row["bar"]["highest"] == BAR_WIDTH - BAR_ROOM
    assert row["bar"]["middle"] == pytest.approx(middle + 0.3 * scale, abs=0.1)
    assert row["bar"]["lowest"] == pytest.approx(middle + low * scale, abs=0.1)
    assert row["bar"]["margin"] == pytest.approx(0.05 * scale, abs=0.1)


def test_a_difference_that_counts_as_none_is_coloured_as_equivalent(tmp_path: Path) -> None:
    results = study_of(tmp_path, condition(0.5), [replace(run, right={}) for run in condition(0.515)])
    (row,) = comparison_rows(comparisons(results, "val/accuracy"), {"b": "b"})
    assert row["kind"] == "equivalent"
    assert (
        row["verdict"] == "better, but by less than 0.05, which counts as no difference, for these validation examples"
    )


def test_a_diverged_condition_is_not_compared(results: StudyResults) -> None:
    for metric in ("val/accuracy", "val/loss"):
        (_, diverged) = comparison_rows(comparisons(results, metric), SLUGS)
        assert (diverged["difference"], diverged["bar"], diverged["intervals"]) == ("\N{EN DASH}", None, [])
        assert (diverged["wins"], diverged["p"]) == ("\N{EN DASH}", "\N{EN DASH}")
        assert (diverged["verdict"], diverged["kind"]) == ("1 of 1 runs of c diverged", "inconclusive")


def test_identical_runs_have_no_interval(tmp_path: Path) -> None:
    results = study_of(tmp_path, condition(0.5), condition(0.8, 1) * 10)
    row = result_rows(results)[1]
    assert row["cells"]["val/accuracy"] == Cell("0.8050")
    assert row["notes"] == ["10 identical runs"]


def test_collapsed_runs_are_counted_with_the_bound_of_their_share(tmp_path: Path) -> None:
    # Six classes: chance is 1/6. The best is at 0.9, half way is at 0.53.
    runs = [*condition(0.9, 7), *condition(0.55, 8)[7:], *condition(0.5, 9)[8:], *condition(0.17, 10)[9:]]
    notes = result_rows(study_of(tmp_path, runs, condition(0.17)))
    assert notes[0]["notes"][1] == "2 of 10 collapsed; 95 % upper bound 51 %"
    assert notes[1]["notes"] == ["0 of 10 collapsed; 95 % upper bound 26 %"], "all runs are equally bad"


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
