"""The progress of a run: a bar on a terminal, lines elsewhere."""

import io
import re
import time
from pathlib import Path
from typing import Any

import pytest
from tqdm import tqdm

from hw1_lightning.cli import main
from hw1_lightning.runs.metrics_reader import read_metrics
from hw1_lightning.training import progress

SHORT = ["fit", "--config=configs/mlp.yaml", "--model.hidden_sizes=[8]", "--trainer.max_epochs=3"]
SHOWN = re.compile(r"epoch (\d+)/3.*train/loss=([\d.]+)(?:, val/accuracy=([\d.]+))?")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_bar_shows_epoch_loss_and_accuracy_on_a_terminal(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    main(["fit", "--config=configs/mlp.yaml", "--trainer.max_epochs=3", f"--runs_dir={tmp_path}"])
    last = terminal.getvalue().rstrip().rpartition("\r")[2]
    assert "epoch 3/3" in last
    assert "train/loss=" in last
    assert "val/accuracy=" in last


def test_the_bar_can_be_disabled(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    options = ["--trainer.max_epochs=1", "--trainer.enable_progress_bar=false"]
    main(["fit", "--config=configs/mlp.yaml", *options, f"--runs_dir={tmp_path}"])
    (line,) = terminal.getvalue().splitlines()
    assert line.startswith(
        "hw1: training MLP 64-200-200-10 (55,210 parameters) on 1,257 examples of Digits, on the CPU"
    )


def rows_of(runs: Path) -> list[dict[str, float]]:
    return read_metrics(runs / "mlp" / "version_0" / "metrics.csv")


@pytest.mark.parametrize("is_terminal", [True, False])
@pytest.mark.parametrize("one_by_one", [True, False])
def test_progress_shows_the_metrics_of_the_epoch_that_it_names(
    is_terminal: bool, one_by_one: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = Terminal() if is_terminal else io.StringIO()
    monkeypatch.setattr("sys.stderr", error)
    monkeypatch.setattr(progress, "BAR_SECONDS", 0.0)
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)
    steps = ["--data.steps_per_execution=1"] if one_by_one else []
    main([*SHORT, "--trainer.check_val_every_n_epoch=2", *steps, f"--runs_dir={tmp_path}"])
    shown = [SHOWN.search(part) for part in re.split(r"[\r\n]", error.getvalue())]
    seen = {int(match[1]): (match[2], match[3]) for match in shown if match}
    assert seen == {
        row["epoch"]: (f"{row['train/loss']:.4f}", f"{row['val/accuracy']:.4f}" if row["epoch"] == 2 else None)
        for row in rows_of(tmp_path)
    }
    assert "Warning" not in error.getvalue()


@pytest.mark.parametrize(("steps", "parts"), [(1, 20), (5, 5)])  # 19 minibatches of 64 examples, and one of 41
def test_the_bar_moves_within_an_epoch_and_ends_full(
    steps: int, parts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[float] = []
    monkeypatch.setattr("sys.stderr", Terminal())
    monkeypatch.setattr(progress, "BAR_SECONDS", 0.0)
    monkeypatch.setattr(tqdm, "refresh", lambda bar, **_: places.append(bar.n))
    main([*SHORT, f"--data.steps_per_execution={steps}", f"--runs_dir={tmp_path}"])
    assert places == sorted(places)
    assert places[-1] == 1.0
    assert len({round(place * 3 * parts) for place in places}) == 3 * parts + 1
    assert all(place * 3 * parts == pytest.approx(round(place * 3 * parts)) for place in places)


def test_a_line_comes_every_ten_seconds_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error, clock = io.StringIO(), iter(range(0, 10000, 3))
    monkeypatch.setattr("sys.stderr", error)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    main([*SHORT, "--data.steps_per_execution=20", f"--runs_dir={tmp_path}"])
    lines = [line for line in error.getvalue().splitlines() if "epoch " in line]
    assert 1 <= len(lines) <= 4
    assert re.search(r"\d\d:\d\d left$", lines[0])


def test_the_time_left_is_that_of_the_first_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = io.StringIO()
    monkeypatch.setattr("sys.stderr", error)
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.1)
    options = ["--trainer.max_epochs=100000", "--trainer.max_time=00:00:00:01"]
    main([*SHORT, *options, f"--runs_dir={tmp_path}"])
    left = re.findall(r"epoch .* (\d\d:\d\d) left$", error.getvalue(), re.M)
    assert left
    assert set(left) <= {"00:00", "00:01"}


def test_a_short_run_has_no_lines_of_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = io.StringIO()
    monkeypatch.setattr("sys.stderr", error)
    main([*SHORT, f"--runs_dir={tmp_path}"])
    assert error.getvalue().count("\n") == 1
