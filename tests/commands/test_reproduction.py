"""The commands on a page repeat its runs; the page shows the options of conditions and what the seeds vary."""

import html
import re
import shlex
from pathlib import Path

import pytest

from hw1_lightning.cli import main
from hw1_lightning.runs.metrics_reader import read_metrics
from tests.commands.studies import TINY
from tests.conftest import Capture


def commands_on(page: Path) -> list[str]:
    """The commands that a page offers to copy."""
    texts = re.findall(r"<pre[^>]*>(.*?)</pre>", page.read_text(encoding="utf-8"), re.DOTALL)
    return [html.unescape(text) for text in texts if text.startswith("hw1 fit ")]


def rows_of(command: str, runs: Path) -> list[dict[str, float]]:
    """The curves of the run that a command makes."""
    program, *arguments = shlex.split(command)
    assert program == "hw1"
    assert main([*arguments, f"--runs_dir={runs}", "--name=again"]) == 0
    (folder,) = (runs / "again").iterdir()
    return read_metrics(folder / "metrics.csv")


@pytest.mark.slow
def test_commands_repeat_runs_and_pages_are_complete(tmp_path: Path, capsys: Capture) -> None:
    assert main(["study", "run", TINY, "--seeds", "2", "--runs_dir", str(tmp_path)]) == 0
    folder = tmp_path / "tiny"
    slow, fast = commands_on(folder / "report.html")
    assert slow.endswith("--model.learning_rate=1e-05 --trainer.max_epochs=3 --seed_everything=1")
    first = read_metrics(folder / "slow" / "seed=01" / "metrics.csv")
    assert rows_of(slow, tmp_path / "a") == first
    assert rows_of(slow.replace("everything=1", "everything=2"), tmp_path / "b") != first
    assert rows_of(fast, tmp_path / "c") == read_metrics(folder / "fast" / "seed=01" / "metrics.csv")

    page = (folder / "report.html").read_text(encoding="utf-8")
    options = page[page.index('id="conditions"') : page.index('id="results"')]
    assert re.findall(r'data-label="model.learning_rate">([^<]*)', options) == ["1e-05", "0.001"]
    assert 'data-label="trainer.max_epochs"' not in options, "both conditions of the file set it to 3"
    assert "<code>trainer.max_epochs: 3</code>" in options
    assert 'data-label="the seed varies">initial weights, order of examples and dropout' in options
    assert "<code>data.batch_size: 32</code>" in options
    assert r"{}slow &amp; 2 &amp; " in page
    assert r"\toprule" in (folder / "report.md").read_text(encoding="utf-8")
    assert slow in (folder / "report.md").read_text(encoding="utf-8")

    single = tmp_path / "a" / "again" / "version_0"
    capsys.readouterr()
    out = str(tmp_path / "c.html")
    assert main(["compare", str(single), str(folder / "fast" / "seed=02"), "--out", out]) == 0
    printed = capsys.readouterr().out
    assert "2 runs, 2 conditions; data Digits: train 1,257, val 180, test 360\n\nOptions that differ\n" in printed
    assert re.search(r"again +1e-05\nfast +0.001\n", printed)
    repeated, _ = commands_on(tmp_path / "c.html")
    assert repeated == f"hw1 fit --config {single}/config.yaml"
    assert rows_of(repeated, tmp_path / "d") == first
