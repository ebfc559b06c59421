"""The page of a study: complete, escaped, small, and without errors in a browser."""

import csv
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hw1_lightning.report.page import write_report
from hw1_lightning.study.results import StudyResults, read_runs
from tests.study.conftest import study_in, write_run

PHONE = """<iframe style="width:390px;height:800px" src="{page}" onload="
  const page = this.contentDocument.documentElement;
  document.body.dataset.tooWide = page.scrollWidth - page.clientWidth"></iframe>"""


def browser() -> str:
    """Return the browser's command; without a browser skip the test or, in CI, fail."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    reason = "needs a browser: apt-get install chromium (.ci/run does)"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def browse(page: Path, profile: Path) -> tuple[str, str]:
    """Return the page's elements from a browser, and its log."""
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0", "--dump-dom"]
    options += [f"--user-data-dir={profile}", "--allow-file-access-from-files", "--virtual-time-budget=3000"]
    command = [browser(), *options, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, done.stderr


def test_a_page_requires_no_other_file_and_its_links_exist(results: StudyResults) -> None:
    path = write_report(results)
    page = path.read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page), "no external files"
    assert not re.search(r"@import|url\((?!#)", page)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)), "ids are unique"
    for link in re.findall(r'href="([^"]+)"', page):
        assert link == "data:," or (link[1:] in ids if link[0] == "#" else (path.parent / link).exists()), link
    assert {f"a/seed={seed:02d}/result.json" for seed in range(1, 8)} <= set(re.findall(r'href="([^"]+)"', page))
    assert "\N{EN DASH}" not in re.findall(r"<title>(.*?)</title>", page)[0]
    assert not list(path.parent.glob(".*.tmp"))


@pytest.mark.parametrize(("name", "closing"), [("report.html", "&gt;"), ("report.md", ">")])
def test_texts_of_users_are_escaped(name: str, closing: str, results: StudyResults) -> None:
    page = (write_report(results).parent / name).read_text(encoding="utf-8")
    assert "<script" not in page
    assert f"&lt;script{closing}alert" in page
    assert f"too &lt;b{closing}big" in page


def test_markdown_tables_survive_any_name(tmp_path: Path) -> None:
    write_run(tmp_path / "x_y" / "seed=01", 0.5, 1)
    study = "title: '*t*'\nseeds: 1\nbaseline: x | y\nconditions: {x | y: {}, z: {}}\n"
    text = write_report(study_in(tmp_path, study)).with_suffix(".md").read_text(encoding="utf-8")
    assert text.startswith("# \\*t\\*\n")
    assert "| x \\| y | 1 | 0.5000 (0.2993 to 0.7007) | 0.5010 |" in text


def test_markdown_holds_the_numbers(results: StudyResults) -> None:
    text = (write_report(results).parent / "report.md").read_text(encoding="utf-8")
    assert "- This study is not finished: 15 of 21 runs are done.\n" in text
    assert "| a | 7 | 0.5400 (0.5100 to 0.5700; mean 0.5400) |" in text
    row = "| b &lt;i> | +0.164 | seeds +0.137 to +0.191, 98.4 % | inconclusive | 7 of 7 | 0.0156 | 0.0781 |"
    assert row in text
    assert "- **undecided** (required): b is better than a\n" in text
    assert "- a: [1](a/seed=01/result.json), [2](a/seed=02/result.json)" in text
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert len(tables) == 5
    for table in tables:
        assert len({line.count(" |") + line.count("---|") for line in table.splitlines()}) == 1, table


def test_csv_has_a_row_for_every_run_there_should_be(results: StudyResults) -> None:
    rows = list(csv.DictReader((write_report(results).parent / "results.csv").read_text().splitlines()))
    assert [row["status"] for row in rows] == ["finished"] * 14 + ["diverged", "failed"] + ["missing"] * 5
    assert rows[0] == {
        "condition": "a", "seed": "1", "status": "finished", "val/accuracy": "0.51", "val/loss": "0.501",
        "best epoch": "4", "best val/accuracy": "0.51", "test/accuracy": "0.5",
        "epochs": "4", "seconds": "3.0", "folder": "a/seed=01",
    }  # fmt: skip
    assert (rows[14]["val/loss"], rows[14]["test/accuracy"], rows[15]["seconds"]) == ("", "", "")


def test_conditions_are_never_formulas_in_the_csv(tmp_path: Path) -> None:
    study = "title: t\nseeds: 1\nbaseline: =1+1\nconditions: {=1+1: {}, '-2': {}}\n"
    text = (write_report(study_in(tmp_path, study)).parent / "results.csv").read_text()
    assert [line.partition(",")[0] for line in text.splitlines()] == ["condition", "'=1+1", "'-2"]


def test_the_page_is_the_same_when_written_again(results: StudyResults) -> None:
    first = write_report(results).read_bytes()
    assert write_report(results).read_bytes() == first


def test_a_study_without_a_run_has_a_page(results: StudyResults, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    page = write_report(read_runs(results.study, tmp_path / "empty")).read_text(encoding="utf-8")
    assert "0 of 21 runs are done" in page
    assert "<figure>" not in page


def test_a_long_study_stays_below_a_megabyte(tmp_path: Path) -> None:
    names = [f"condition {index}" for index in range(10)]
    for index, name in enumerate(names):
        for seed in (1, 2):
            folder = tmp_path / name.replace(" ", "_") / f"seed={seed:02d}"
            write_run(folder, 0.5, seed)
            rows = [f"{e},{9 / e + index},{e / 200},{8 / e},{e * 1.1},{e % 7 / 9}" for e in range(1, 101)]
            head = "epoch,train/loss,val/accuracy,val/loss,weights/l2_norm,train/accuracy"
            result = (folder / "result.json").read_text().replace('"epochs": 4', '"epochs": 100')
            (folder / "result.json").write_text(result)
            (folder / "metrics.csv").write_text("\n".join([head, *rows, ""]))
    conditions = ", ".join(f"{name}: {{}}" for name in names)
    text = f"title: t\nseeds: 2\nbaseline: condition 0\nconditions: {{{conditions}}}\n"
    path = write_report(study_in(tmp_path, text))
    assert path.read_text(encoding="utf-8").count("<figure>") == 5
    assert path.stat().st_size < 500_000


def test_a_browser_shows_figures_and_tables_without_errors(results: StudyResults, tmp_path: Path) -> None:
    page, log = browse(write_report(results), tmp_path / "profile")
    assert "CONSOLE" not in log
    assert page.count("<figure>") == 4  # training and validation loss, validation accuracy, norm
    assert page.count('role="img"') == 4
    assert page.count("<table") == 1 + 1 + 2 + 1 + 1  # conditions, results, two metrics, spread, runs
    assert page.count('<svg class="bar"') == 2  # c has diverged


def test_a_page_fits_a_phone(results: StudyResults, tmp_path: Path) -> None:
    (tmp_path / "phone.html").write_text(PHONE.format(page=write_report(results).as_uri()))
    page, log = browse(tmp_path / "phone.html", tmp_path / "profile")
    assert "CONSOLE" not in log
    assert 'data-too-wide="0"' in page


COPY = """<iframe src="{page}" onload="
  const page = this.contentDocument, button = page.querySelector('button');
  button.closest('details').open = true;
  button.click();
  setTimeout(() => document.body.dataset.said = button.textContent + ': ' + this.contentWindow.getSelection(), 500)">
</iframe>"""


def test_a_button_copies_or_selects_the_table_for_latex(results: StudyResults, tmp_path: Path) -> None:
    (tmp_path / "copy.html").write_text(COPY.format(page=write_report(results).as_uri()))
    page, _ = browse(tmp_path / "copy.html", tmp_path / "profile")
    (said,) = re.findall(r'data-said="([^"]*)"', page)
    assert re.match(r"(Copied|Selected: press Ctrl\+C): % After the last epoch", said)
    assert r"\end{tabular}" in said
