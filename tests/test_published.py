"""The published report, docs/report: each number on its page, and in the README, comes out of the files next to it."""

import csv
import gzip
import hashlib
import io
import json
import re
import shutil
import statistics
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hw1_lightning.report.summary.page import draw_page
from tests.report.summary.recomputed import (
    by_claim,
    check_difference,
    exact_interval,
    middle_and_interval,
    number_of_intervals,
    ours,
    row_of,
    rows_of,
    section_of,
    table,
    text_of,
    verdict_of,
    verdicts_in_words,
)

FOLDER, PICTURE = Path("docs/report"), Path("docs/assets/report.png")
DATA_FILES = {"results.csv", "claims.csv", "curves.csv.gz", "summary.json"}
PAGES = (Path("README.md"), Path("docs/rerun.md"))
SEEDS = [*range(1, 11)]
# The report's numbers of epochs.
EPOCHS = {"l2": 100, "learning_rate": 100, "batch_size": 200, "dropout": 200, "momentum": 200}
EPOCHS_OF_MODELS = {"perceptron": 100, "logistic regression": 100, "MLP 100": 20, "MLP 200-200": 200}
WORDS = {"supported": "holds", "contradicted": "does not hold", "undecided": "undecided"}
AGAIN = "draw the page again and take its picture: python -m benchmarks.picture (see docs/rerun.md)"
# Absolute paths (not the ends of tags), addresses, user@host.
PRIVATE = re.compile(r"(?<![\w<.)/])/\w[\w.-]*/|\\\\\w|\b[A-Z]:\\|file:|\w@\w|localhost|\b\d+(\.\d+){3}\b")
# Coordinates within figures differ in their last digits between versions of matplotlib and processors, so of a figure
# only its texts are compared: its caption, and the description of its curves with their numbers.
FIGURE = re.compile(r"(<figcaption>.*?</figcaption>\s*)<svg.*?(<title.*?</desc>).*?</svg>", re.DOTALL)


@pytest.fixture(scope="module")
def page() -> str:
    return (FOLDER / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def about() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "summary.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def results() -> list[dict[str, str]]:
    return table(FOLDER / "results.csv")


@pytest.fixture(scope="module")
def claims() -> list[dict[str, str]]:
    return table(FOLDER / "claims.csv")


@pytest.fixture(scope="module")
def points() -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(gzip.decompress((FOLDER / "curves.csv.gz").read_bytes()).decode()))]


def conditions(about: dict[str, Any]) -> list[tuple[str, str]]:
    return [(study["name"], condition) for study in about["studies"] for condition in study["conditions"]]


def apart(about: dict[str, Any], study: str, condition: str) -> set[str]:
    """Return the groups whose programs do something else than the assignment says."""
    return {each["group"] for each in about["mistakes"] if condition in each["conditions"].get(study, ())}


def published(results: list[dict[str, str]], study: str, condition: str, metric: str) -> dict[str, float]:
    """Return what the report and the other groups give for a condition."""
    key = study, condition, metric
    return {
        row["source"]: float(row["value"])
        for row in results
        if row["source"] != "hw1" and (row["study"], row["condition"], row["metric"]) == key
    }


def test_the_page_is_drawn_from_its_data_files(page: str, tmp_path: Path) -> None:
    assert {path.name for path in FOLDER.iterdir()} == {"index.html", *DATA_FILES}
    for name in DATA_FILES:
        shutil.copy(FOLDER / name, tmp_path)
    drawn = draw_page(tmp_path).read_text(encoding="utf-8")
    assert len(FIGURE.findall(page)) > 20
    assert FIGURE.sub(r"\1\2", drawn) == FIGURE.sub(r"\1\2", page), AGAIN


def test_it_is_small_and_names_no_machine_or_user(page: str, points: list[dict[str, str]]) -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 3_000_000
    others = ((FOLDER / name).read_text(encoding="utf-8") for name in DATA_FILES - {"curves.csv.gz"})
    for text in (page, str(points), *others):
        assert not PRIVATE.search(text)


def test_it_links_to_nothing_but_its_data_files(page: str) -> None:
    assert {link for link in re.findall(r'href="([^"#]+)', page) if link != "data:,"} == DATA_FILES


def test_each_condition_has_ten_seeds_and_all_epochs(
    about: dict[str, Any], results: list[dict[str, str]], points: list[dict[str, str]]
) -> None:
    assert {study["name"] for study in about["studies"]} == {*EPOCHS, "models"}
    assert {study["seeds"] for study in about["studies"]} == {10}
    for study, condition in conditions(about):
        epochs = EPOCHS.get(study) or EPOCHS_OF_MODELS[condition]
        runs = [row for row in results if (row["source"], row["study"], row["condition"]) == ("hw1", study, condition)]
        assert {row["status"] for row in runs} == {"finished"}, condition
        assert ours(results, study, condition, "epochs") == dict.fromkeys(SEEDS, epochs), condition
        drawn = {row["metric"] for row in points if (row["study"], row["condition"]) == (study, condition)}
        assert {"val/loss", "val/accuracy"} <= drawn
        for metric in drawn:
            key = study, condition, metric
            curve = [row["epoch"] for row in points if (row["study"], row["condition"], row["metric"]) == key]
            assert [*map(int, curve)] == [*range(1, epochs + 1)], (condition, metric)


def test_each_row_of_results_is_a_median_with_its_interval(
    page: str, about: dict[str, Any], results: list[dict[str, str]]
) -> None:
    shown, first = text_of(section_of(page, "results")), dict[tuple[str, ...], str]()
    for study, condition in conditions(about):
        runs = sorted({row["run"] for row in results if (row["study"], row["condition"]) == (study, condition)} - {""})
        assert len(runs) == 10
        if (same := first.setdefault(tuple(runs), condition)) != condition:  # the runs of an earlier study
            assert f"{condition}: see {same} in " in shown
            continue
        cells = row_of(page, condition)
        assert cells[:2] == [condition, "10"]
        for place, metric in ((2, "val/accuracy"), (5, "test/accuracy")):
            assert cells[place] == middle_and_interval([*ours(results, study, condition, metric).values()])
            given = published(results, study, condition, metric)
            reported = given.pop("reported", None)
            assert cells[place + 1] == ("\N{EN DASH}" if reported is None else f"{reported:.4f}")
            groups = [value for group, value in given.items() if group not in apart(about, study, condition)]
            ends = " to ".join(dict.fromkeys(f"{end:.4f}" for end in (min(groups), max(groups)))) if groups else ""
            assert cells[place + 2] == (f"{ends} {len(groups)} groups" if groups else "\N{EN DASH}")


def test_each_difference_follows_from_the_results(
    page: str, results: list[dict[str, str]], claims: list[dict[str, str]]
) -> None:
    intervals = number_of_intervals(claims)
    assert f"All {intervals} intervals of this page" in text_of(page)
    shown = iter([row for row in rows_of(section_of(page, "details")) if len(row) == 6][1:])
    ordered = sorted(claims, key=lambda row: (not row["question"], row["question"]))
    for row, cells in zip(ordered, shown, strict=True):
        check_difference(results, row, intervals)
        assert float(row["confidence"]) >= 1 - 0.05 / intervals
        assert cells[1] == f"{float(row['median']):+.4g}"
        assert cells[2].startswith(f"{float(row['low']):+.4g} to {float(row['high']):+.4g}, ")
        assert cells[4] == "10"


def test_each_verdict_follows_from_its_differences(page: str, claims: list[dict[str, str]]) -> None:
    shown = re.findall(r'id="claim-(\S+)">.*?class="verdict (\w+)">(.*?)</td>', page, re.DOTALL)
    expected = {}
    for rows in (*by_claim(claims), *by_claim(claims, of_report=False)):
        assert {row["verdict"] for row in rows} == {verdict_of(rows)}, rows[0]["claim"]
        one = rows[0]
        words = f"{WORDS[one['verdict']]} {one['scope']}".strip()
        expected[f"{one['study']}-{one['claim']}"] = (one["verdict"], words)
    assert {name: (verdict, text_of(words)[2:]) for name, verdict, words in shown} == expected
    assert len(by_claim(claims)) == 12
    holding = sum(rows[0]["verdict"] == "supported" for rows in by_claim(claims))
    assert f"<h1>{holding or 'None'} of 12 claims of the report " in page


def test_curves_end_at_the_results(results: list[dict[str, str]], points: list[dict[str, str]]) -> None:
    last = {(row["study"], row["condition"], row["metric"]): row for row in points}
    assert len(last) > 60
    for key, row in last.items():
        values = [*ours(results, *key).values()]
        low, high = exact_interval(values, 0.05)
        shown = [float(row[name]) for name in ("median", "low", "high")]
        assert shown == pytest.approx([statistics.median(values), low, high], rel=1e-5), key


def test_spread_and_cost_follow_from_the_results(
    page: str, about: dict[str, Any], results: list[dict[str, str]]
) -> None:
    spread = {row[0]: row[2] for row in rows_of(section_of(page, "spread")) if row[0].endswith(" accuracy")}
    assert len(spread) > 10
    for study, condition in conditions(about):
        for metric, name in (("val/accuracy", "validation accuracy"), ("test/accuracy", "test accuracy")):
            if shown := spread.pop(f"{condition} {name}", ""):
                values = [*ours(results, study, condition, metric).values()]
                deviation = f"10, standard deviation {statistics.stdev(values):.4f}"
                assert shown == f"{min(values):.4f} to {max(values):.4f} {deviation}"
    assert not spread
    cost = text_of(section_of(page, "cost"))
    seconds, epochs = (
        {row["run"]: float(row["value"]) for row in results if row["run"] and row["metric"] == name}
        for name in ("seconds", "epochs")
    )
    assert f"Runs {len(seconds)} " in cost
    assert f" {sum(seconds.values()):,.0f} s, the sum over runs" in cost
    assert f"Epochs {sum(epochs.values()):,.0f} " in cost


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_a_page_states_the_share_of_the_photographs(path: Path, about: dict[str, Any]) -> None:
    (data,) = about["data"]
    train, of = data["sizes"]["train"], about["reported_sizes"]["train"]
    assert data["source"] == "Landscapes"
    assert f"{100 * train / of:.0f} % of the photographs ({train:,} of {of:,} training images)" in prose(path)


def test_the_readme_states_the_verdicts(claims: list[dict[str, str]]) -> None:
    text = prose(Path("README.md"))
    for sentence in verdicts_in_words(claims):
        assert sentence in text, f"README.md should say: {sentence}"


def prose(path: Path) -> str:
    return " ".join(path.read_text(encoding="utf-8").split())


def test_the_picture_is_of_the_published_page(page: str) -> None:
    assert PICTURE.stat().st_size < 300_000
    with Image.open(PICTURE) as picture:
        assert picture.size == (1280, 800)
        assert picture.info["page"] == hashlib.sha256(page.encode()).hexdigest(), AGAIN
