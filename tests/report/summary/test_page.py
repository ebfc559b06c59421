"""The summary of studies: its numbers can be computed again from its files, and its verdicts hold together."""

import hashlib
import html
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.made_up import MadeUp
from benchmarks.picture import HEIGHT, WIDTH, take
from hw1_lightning.errors import InputError
from hw1_lightning.judgement.claims import judge
from hw1_lightning.report.page import write_report
from hw1_lightning.report.summary.page import draw_page, write_summary
from hw1_lightning.report.summary.records import read_evidence
from hw1_lightning.study.results import StudyResults, read_runs
from tests.report.summary.made_up_studies import (
    FIRST,
    REPLICATIONS,
    SECOND,
    run_of,
    two_studies,
    write_study,
)
from tests.report.summary.recomputed import (
    check_difference,
    middle_and_interval,
    number_of_intervals,
    ours,
    row_of,
    section_of,
    table,
    text_of,
    verdict_of,
)
from tests.report.test_page import PHONE, browse, browser

DATA_FILES = ("results.csv", "claims.csv", "curves.csv.gz", "summary.json")


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a summary of both studies, next to their folders."""
    runs_dir = tmp_path_factory.mktemp("runs")
    (runs_dir / "published.yaml").write_text(REPLICATIONS)
    results = two_studies(runs_dir)
    for each in results:
        write_report(each)
    return write_summary(results, runs_dir / "summary", runs_dir / "published.yaml").parent


@pytest.fixture(scope="module")
def page(summary: Path) -> str:
    return (summary / "index.html").read_text(encoding="utf-8")


def test_each_difference_can_be_computed_from_the_results(summary: Path) -> None:
    values, rows = table(summary / "results.csv"), table(summary / "claims.csv")
    assert len(rows) == 5  # b to a and c, b to a on the test split, the slope, d to a
    for row in rows:
        check_difference(values, row, number_of_intervals(rows))


def test_verdicts_follow_from_the_intervals(summary: Path, page: str) -> None:
    rows = table(summary / "claims.csv")
    verdicts = {row["claim"]: row["verdict"] for row in rows}
    assert verdicts == {"better": "supported", "falls": "contradicted", "own": "supported"}
    assert verdicts == {name: verdict_of(row for row in rows if row["claim"] == name) for name in verdicts}
    assert "<h1>1 of 2 claims of the report holds</h1>" in html.unescape(page)
    assert "Of the report's claims, 1 holds and 1 does not hold; of hw1's own, 1 holds." in text_of(page)


def test_claims_are_in_the_order_of_the_report(page: str) -> None:
    assert re.findall(r'id="claim-([^"]+)"', page) == ["first-falls", "first-better", "second-own"]
    assert re.findall(r'class="question[^"]*">([^<]+)<', page) == ["1.2b", "2.10", "\N{EN DASH}"]


def test_each_row_of_results_is_the_median_with_its_interval(summary: Path, page: str) -> None:
    values = table(summary / "results.csv")
    for condition in ("b", "c"):
        cells = row_of(page, condition)
        for place, metric in ((2, "val/accuracy"), (5, "test/accuracy")):
            numbers = list(ours(values, "first", condition, metric).values())
            assert cells[place] == middle_and_interval(numbers)
    assert [row_of(page, "b")[place] for place in (0, 1, 3, 6)] == ["b", "10", "\N{EN DASH}", "0.6200"]
    assert row_of(page, "a")[7] == "0.5000 to 0.5300 2 groups", "a group with a mistake is apart"


def test_every_number_comes_from_the_data_files(summary: Path, tmp_path: Path, page: str) -> None:
    for name in DATA_FILES:
        shutil.copy(summary / name, tmp_path)
    assert draw_page(tmp_path).read_text(encoding="utf-8") == page


def test_the_programs_of_others_are_next_to_our_seeds(summary: Path, page: str) -> None:
    numbers = list(ours(table(summary / "results.csv"), "first", "a", "test/accuracy").values())
    text = text_of(section_of(page, "spread"))
    assert f"{min(numbers):.4f} to {max(numbers):.4f} 10, standard deviation {np.std(numbers, ddof=1):.4f}" in text
    programs = [0.51, 0.5, 0.53]  # the report, A and B
    assert f"0.5000 to 0.5300 3, standard deviation {np.std(programs, ddof=1):.4f} Rounding matters." in text
    assert "a C 0.9000 test trained on the test split" in text
    assert "Group B: has a slip that changes nothing." in text
    assert "Other groups' numbers for elsewhere are not shown" in text


def test_a_run_in_two_studies_counts_once(page: str) -> None:
    text = text_of(section_of(page, "cost"))
    assert "Runs 40 10 more are in two studies, and counted once" in text  # a, b, c and d, of 10 seconds each
    assert "6 min 40 s 400 s, the sum over runs" in text
    assert "Epochs 200" in text
    assert "same as a: see a in “Does b help <b>”" in text_of(page)


def test_data_are_named_and_compared_with_those_of_the_report(page: str) -> None:
    text = text_of(page)
    assert "Judged on Digits: 1,258 training, 400 validation and 500 test examples, 10 seeds a condition." in text
    assert "The report had 1,258, 180 and 359, so its numbers come from other data." in text
    assert "SHA-256 " + "ab" * 32 in text
    assert "reported, other data" in text


def test_all_claims_of_the_page_are_one_family(tmp_path: Path) -> None:
    """Seven seeds decide each study's only difference alone, with p = 0.0156, but not four together."""
    claim = "title: t\nseeds: 7\nmetrics: [val/accuracy]\nbaseline: a\nconditions: {a: {}, b: {}}\nclaims:\n"
    claim += "  - {id: one, says: b is better, checks: [{metric: val/accuracy, of: b, higher_than: [a]}]}\n"
    runs: dict[str, list[MadeUp | None]] = {
        name: [run_of(share, seed) for seed in range(1, 8)] for name, share in (("a", 0.3), ("b", 0.9))
    }
    results = [write_study(tmp_path / name, claim, runs) for name in ("p", "q", "r", "s")]
    assert [judge(each, each.study.claims[0]).verdict for each in results] == ["supported"] * 4
    alone = write_summary(results[:1], tmp_path / "alone")
    assert "1 of 1 claims holds" in alone.read_text()
    together = text_of(write_summary(results, tmp_path / "together").read_text())
    assert "None of 4 claims is decided" in together
    assert "7 seeds cannot decide one of 4 differences; 8 can." in together
    assert "each with a confidence of at least 98.75 %" in together


def incomplete(runs_dir: Path) -> list[StudyResults]:
    """Write a study with a diverged, a failed and missing runs, one without a run, and one without claims."""
    good = [run_of(0.5, seed) for seed in range(1, 11)]
    runs: dict[str, list[MadeUp | None]] = {"a": [*good[:5]], "b": [replace(good[0], diverged=True), *good[1:]]}
    write_study(runs_dir / "first", FIRST, runs)
    failed = runs_dir / "first" / "c" / "seed=01"
    failed.mkdir(parents=True)
    (failed / "run.json").write_text('{"identity": "c-1"}')
    (failed / "failure.txt").write_text("MemoryError: too <i>big</i>\n")
    results = [read_runs(study.study, study.folder) for study in [write_study(runs_dir / "first", FIRST, {})]]
    results.append(write_study(runs_dir / "second", SECOND, {}))
    plain = "title: plain\nseeds: 1\nbaseline: x\nconditions: {x: {}, y: {}}\n"
    return [*results, write_study(runs_dir / "third", plain, {"x": good[:1], "y": good[1:2]})]


def test_incomplete_studies_are_undecided_in_plain_words(tmp_path: Path) -> None:
    text = text_of(write_summary(incomplete(tmp_path), tmp_path / "summary").read_text(encoding="utf-8"))
    assert "None of 2 claims of the report is decided" in text
    assert "Of 52 planned runs, 34 are missing, 1 failed and 1 diverged: see" in text
    assert "No test of b against a: 1 of 10 runs of b diverged." in text
    assert "5 seeds cannot decide one of 5 differences; 8 can." in text
    assert "No test of d against same as a: no finished runs to compare." in text
    assert "Failed: c, seed 1: MemoryError: too <i>big</i>" in text
    assert "diverged 1 of 10 runs" in text


def test_nothing_at_all_has_a_page(tmp_path: Path) -> None:
    text = text_of(write_summary([write_study(tmp_path / "second", SECOND, {})], tmp_path / "summary").read_text())
    assert "There is no finished run yet." in text
    assert "None of 1 claims is decided" in text
    assert "Of 20 planned runs, 20 are missing" in text


def test_data_files_survive_any_name(tmp_path: Path) -> None:
    text = FIRST.replace("a, c]", "'=1', c]").replace("{a: {}, b", "{'=1': {}, b").replace("  a: {val", "  '=1': {val")
    text = text.replace("baseline: a", "baseline: '=1'").replace("[a]", "['=1']").replace("of: a", "of: '=1'")
    runs: dict[str, list[MadeUp | None]] = {name: [run_of(0.5, 1), run_of(0.5, 2)] for name in ("=1", "b", "c")}
    folder = write_summary([write_study(tmp_path / "first", text, runs)], tmp_path / "summary").parent
    assert ",first,'=1," in (folder / "results.csv").read_text()
    assert "=1" in {row.than for row in read_evidence(folder).differences}


def test_links_to_the_studies_survive_a_move(tmp_path: Path) -> None:
    results = two_studies(tmp_path / "runs")
    for each in results:
        write_report(each)
    write_summary(results, tmp_path / "runs" / "summary")
    (tmp_path / "runs").rename(tmp_path / "moved")
    page = (tmp_path / "moved" / "summary" / "index.html").read_text()
    links = {link for link in re.findall(r'href="([^"#]+)', page) if link != "data:,"}
    assert links == {"../first/report.html", "../second/report.html", *DATA_FILES}
    assert all((tmp_path / "moved" / "summary" / link).is_file() for link in links)


def test_a_summary_in_another_folder_has_no_links_to_the_studies(tmp_path: Path) -> None:
    page = write_summary(two_studies(tmp_path / "runs"), tmp_path / "site").read_text()
    assert "report.html" not in re.findall(r'href="([^"]+)"', page)
    assert "are not linked, because this summary is in another folder than the runs" in page


@pytest.mark.parametrize("name", ["study.yaml", "results.csv", "index.html"])
def test_a_folder_with_other_files_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(InputError, match=rf"holds {name}, and no summary; choose a new folder"):
        write_summary([], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_older_or_interrupted_summary_is_replaced(tmp_path: Path) -> None:
    results = two_studies(tmp_path / "runs")
    page = write_summary(results, tmp_path / "summary")
    before = page.read_bytes()
    assert write_summary(results, tmp_path / "summary").read_bytes() == before
    page.unlink()
    assert write_summary(results, tmp_path / "summary").read_bytes() == before


def test_a_page_requires_no_other_file_and_is_escaped(page: str) -> None:
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page), "no external files"
    assert not re.search(r"@import|url\((?!#)", page)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)), "ids are unique"
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert "Does b help &lt;b&gt;" in page
    assert len(page) < 500_000


def test_a_page_fits_a_phone(summary: Path, tmp_path: Path) -> None:
    (tmp_path / "phone.html").write_text(PHONE.format(page=(summary / "index.html").as_uri()))
    page, log = browse(tmp_path / "phone.html", tmp_path / "profile")
    assert "CONSOLE" not in log
    assert 'data-too-wide="0"' in page


def test_a_picture_names_the_page_that_it_shows(summary: Path, tmp_path: Path) -> None:
    take(summary / "index.html", tmp_path / "first.png", browser())
    with Image.open(tmp_path / "first.png") as picture:
        assert picture.size == (WIDTH, HEIGHT)
        assert len(picture.convert("L").getcolors() or []) > 50, "it is not empty"
        assert picture.info["page"] == hashlib.sha256((summary / "index.html").read_bytes()).hexdigest()
