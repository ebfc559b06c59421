"""`hw1 compare`: tables and a page from run folders."""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hw1_lightning.cli import main
from tests.conftest import Capture, Refused
from tests.report.test_page import PHONE, browse
from tests.study.given import change_result, given

Compare = Callable[..., str]


@pytest.fixture
def compare(capsys: Capture) -> Compare:
    """Call `hw1 compare` and return what it prints."""

    def call(*args: object) -> str:
        capsys.readouterr()
        assert main(["compare", *map(str, args)]) == 0
        return capsys.readouterr().out

    return call


@pytest.fixture
def seeds(tmp_path: Path) -> list[Path]:
    """Two conditions with seven seeds each; the second one is better by 0.2 or a little more."""
    return [
        given(tmp_path / "mlp" / f"version_{place}", 0.5 + better / 5 + (1 + better) * seed / 1000, seed, rate)
        for place, (seed, better, rate) in enumerate(
            (seed, better, rate) for seed in range(1, 8) for better, rate in enumerate((0.1, 0.01))
        )
    ]


def test_single_runs_stand_side_by_side(compare: Compare, tmp_path: Path) -> None:
    one, other = given(tmp_path / "a", 0.5, dropout=0.25), given(tmp_path / "b", 0.75, dropout=0.5)
    out = compare(one, other)
    assert out.startswith("2 runs, 2 conditions; data Digits: train 90, val 20, test 100\n\nOptions that differ\n")
    assert "condition  model.dropout\na          0.25\nb          0.5\n\nEvery run\n" in out
    assert "run  condition  seed  val/accuracy  val/loss  best val/accuracy  at epoch  test/accuracy" in out
    assert "b    b          1     0.7500        0.5010    0.7500             4         0.7400" in out
    assert max(map(len, out.splitlines())) <= 120


def test_seeds_are_grouped_and_get_the_studys_statistics(compare: Compare, seeds: list[Path]) -> None:
    out = compare(*seeds)
    assert "14 runs, 2 conditions" in out
    assert "learning_rate 0.1   7     0.5040" in out
    assert "Median difference from learning_rate 0.1, paired by seed\n" in out
    (line,) = [line for line in out.splitlines() if line.startswith("learning_rate 0.01  val/accuracy")]
    assert "+0.204 " in line
    assert "better for these validation examples  7 of 7" in line
    lone = compare(*seeds[:5], "--format", "markdown")
    assert "| version_4 | learning_rate 0.1 | 3 |" in lone


def test_conditions_with_identical_numbers_are_reported(compare: Compare, tmp_path: Path) -> None:
    runs = [given(tmp_path / f"{rate}" / f"{seed}", 0.5, seed, rate) for rate in (0.1, 0.2) for seed in range(1, 8)]
    out = compare(*runs)
    assert "Identical: the runs of learning_rate 0.1 and learning_rate 0.2 have the same numbers in every epoch" in out
    assert "identical: the runs have the same numbers" in out
    assert "equivalent within" not in out


def test_conditions_without_a_common_seed_are_not_compared(compare: Compare, tmp_path: Path) -> None:
    runs = [given(tmp_path / "a" / f"version_{seed}", seed=seed) for seed in (1, 2)]
    assert "no seed that both have" in compare(*runs, given(tmp_path / "b", seed=3, rate=9.0))


def test_the_machine_formats_hold_the_table_and_nothing_else(
    compare: Compare, seeds: list[Path], tmp_path: Path, capsys: Capture
) -> None:
    out = compare(*seeds, seeds[0], "--format", "csv", "--out", tmp_path / "c.html")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 14
    assert rows[0]["run"] == "version_0"
    assert rows[0]["model.learning_rate"] == "0.1"
    assert rows[0]["best val/accuracy"] == "0.501"
    assert rows[0]["status"] == "finished"
    latex = compare(*seeds, "--format", "latex")
    assert latex.count(r"\begin{tabular}") == latex.count(r"\bottomrule") == 4
    assert r"model.learning\_rate" in latex
    assert "| learning_rate 0.1 | 7 | 0.5040" in compare(*seeds, "--format", "markdown")
    main(["compare", *map(str, seeds), str(seeds[0]), "--format", "csv"])
    assert "given twice, compared once" in capsys.readouterr().err


def test_runs_that_cannot_be_compared_are_named_and_the_others_compared(compare: Compare, tmp_path: Path) -> None:
    good = given(tmp_path / "good", 0.6)
    diverged = given(tmp_path / "diverged", 0.9, rate=9.0, status="diverged")
    begun, cut = given(tmp_path / "begun", rate=2.0), given(tmp_path / "cut", rate=3.0)
    (begun / "result.json").unlink()
    (cut / "metrics.csv").write_text((cut / "metrics.csv").read_text()[:-20])
    lost = given(tmp_path / "lost")
    (lost / "config.yaml").unlink()
    page = tmp_path / "page.html"
    out = compare(good, diverged, begun, cut, lost, "--out", page)
    assert "not compared: begun: unfinished\n" in out
    assert "not compared: cut: metrics.csv is empty or cut off in its last line\n" in out
    assert "not compared: lost: config.yaml is missing\n" in out
    for name, status in (("good", "finished"), ("diverged", "diverged"), ("begun", "unfinished"), ("cut", "metrics")):
        assert any(line.startswith(f"{name} ") and f" {status}" in line for line in out.splitlines())
    text = page.read_text(encoding="utf-8")
    assert "not compared: begun: unfinished" in text
    assert "Diverged: " in text


def test_other_data_versions_and_machines_are_named_first(compare: Compare, tmp_path: Path) -> None:
    data = {"source": "Digits", "sha256": "cd" * 32, "sizes": {"train": 90, "val": 20, "test": 100}}
    one = given(tmp_path / "a", result={"machine": {"processor": "A", "threads": 1}})
    other = given(tmp_path / "b", result={
        "data": data, "versions": {"hw1": "2", "python": "3"}, "machine": {"processor": "A", "threads": 2},
    })  # fmt: skip
    lines = compare(one, other).splitlines()
    so = "Their numbers may therefore differ."
    assert lines[:4] == [
        "2 runs, 2 conditions",
        f"Runs differ in their data: Digits abababababab (a); Digits cdcdcdcdcdcd (b). {so}",
        f"Runs differ in their hw1: 1 (a); 2 (b). {so}",
        f"Runs differ in their threads: 1 (a); 2 (b). {so}",
    ]


def test_metrics_of_one_run_only_and_other_lengths_can_be_compared(compare: Compare, tmp_path: Path) -> None:
    short, own = given(tmp_path / "short", rate=1.0), given(tmp_path / "own", rate=2.0)
    lines = (short / "metrics.csv").read_text().splitlines()
    (short / "metrics.csv").write_text("\n".join(lines[:3]) + "\n")
    change_result(short, epochs=2)
    (own / "metrics.csv").write_text("epoch,my_loss\n1,3.0\n2,1.5\n")
    change_result(own, epochs=2, final={"my_loss": 1.5}, best={}, test={})
    long = given(tmp_path / "long", rate=3.0)
    page = tmp_path / "page.html"
    out = compare(short, own, long, "--out", page)
    assert "my_loss" in out
    assert "1.5000" in out
    assert "<b>my_loss</b>" in page.read_text(encoding="utf-8")


def test_the_page_is_whole_and_links_to_the_runs(compare: Compare, seeds: list[Path], tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    page = tmp_path / "pages" / "compare.html"
    assert f"page           {page}\n" in compare(*seeds, "--out", page)
    text = page.read_text(encoding="utf-8")
    assert text.count("<figure>") == 4
    assert 'href="../mlp/version_0/metrics.csv"' in text
    assert "hw1 fit --config " in text
    assert text.count("version_") >= 12
    browsed, log = browse(page, tmp_path / "profile")
    assert "CONSOLE" not in log
    assert '<h2 id="side">' in browsed
    (tmp_path / "phone.html").write_text(PHONE.format(page=page.as_uri()))
    browsed, _ = browse(tmp_path / "phone.html", tmp_path / "profile")
    assert 'data-too-wide="0"' in browsed


def test_a_page_replaces_a_page_and_nothing_else(compare: Compare, seeds: list[Path], refused: Refused) -> None:
    folder = seeds[0].parent
    page, mine = folder / "compare.html", folder / "mine.html"
    mine.write_text("<html>mine</html>")
    for _ in range(2):
        compare(*seeds[:2], "--out", page)
    runs = [str(run) for run in seeds[:2]]
    words = "mine.html, which exists and is not a page of hw1 compare; choose another name"
    assert words in refused("compare", *runs, "--out", str(mine))
    assert mine.read_text() == "<html>mine</html>"
    assert "does not exist" in refused("compare", *runs, "--out", str(folder / "none" / "x.html"))
    assert "is not a page of hw1 compare" in refused("compare", *runs, "--out", str(folder))


def test_mistakes_get_one_line_and_status_2(tmp_path: Path, refused: Refused) -> None:
    run = str(given(tmp_path / "mlp" / "version_0"))
    assert "only one run is given" in refused("compare", run)
    assert "only one run is given" in refused("compare", run, f"{run}/../version_0")
    assert "give" in refused("compare", run, str(tmp_path / "mlp"))
    assert "arguments are required: RUN" in refused("compare")
    assert "--format is 'pdf'; allowed are table, csv, latex, markdown" in refused(
        "compare", run, run, "--format", "pdf"
    )


def test_names_are_escaped_in_html(compare: Compare, tmp_path: Path) -> None:
    one, other = given(tmp_path / "<script>alert(1)"), given(tmp_path / "b\x1b[31m", rate=2.0)
    page = tmp_path / "page.html"
    assert "\x1b" not in compare(one, other, "--out", page)
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_nothing_heavy_is_imported(tmp_path: Path) -> None:
    runs = [str(given(tmp_path / name, rate=rate)) for name, rate in (("a", 1.0), ("b", 2.0))]
    code = (
        "import sys; from hw1_lightning.cli import main; status = main(sys.argv[1:]);"
        "heavy = {'torch', 'lightning', 'jsonargparse', 'torchmetrics'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else status)"
    )
    done = subprocess.run([sys.executable, "-c", code, "compare", *runs], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_pipe_is_not_an_error(tmp_path: Path) -> None:
    runs = [str(given(tmp_path / name, rate=rate)) for name, rate in (("a", 1.0), ("b", 2.0))]
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "hw1_lightning", "compare", *runs]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


def test_repeats_are_reported_and_only_common_seeds_are_paired(compare: Compare, tmp_path: Path) -> None:
    runs = [given(tmp_path / "a", 0.5), given(tmp_path / "b", 0.5), given(tmp_path / "c", 0.5, seed=2)]
    page = tmp_path / "page.html"
    assert "Same options and a seed in common: a and b. A repeat is no further evidence" in compare(
        *runs, "--out", page
    )
    text = page.read_text(encoding="utf-8")
    assert "Same options and a seed in common: a and b." in text
    assert "1 paired seed: the smallest possible p is 1," in text  # a has two seeds, of which b has one
    assert "Same options" not in compare(runs[0], runs[2])


@pytest.mark.skipif(sys.platform == "darwin", reason="its file names are UTF-8")
def test_names_that_cannot_be_printed_are_escaped_everywhere(compare: Compare, tmp_path: Path) -> None:
    runs = [given(tmp_path / name, 0.5) for name in ("a", "n\udcff", "e\x1b[31m\nx")]
    page = tmp_path / "page.html"
    rows = list(csv.reader(io.StringIO(compare(*runs, "--format", "csv", "--out", page))))
    assert [row[1] for row in rows[1:]] == ["a", r"n\\udcff", r"e\x1b[31m\nx"]  # as as_cell() writes a backslash
    assert r"n\udcff" in page.read_text(encoding="utf-8")
