"""`hw1 study plan`: how long a study takes."""

import re
from pathlib import Path

import pytest

from hw1_lightning.cli import main
from hw1_lightning.commands.studies.plan import Trials
from hw1_lightning.commands.studies.preparation import Plan
from hw1_lightning.study.jobs import Job
from tests.commands.studies import TINY
from tests.conftest import Capture


@pytest.mark.slow
def test_a_plan_says_what_it_takes_and_what_it_can_show(tmp_path: Path, capsys: Capture) -> None:
    assert main(["study", "plan", TINY, "--seeds", "5", "--runs_dir", str(tmp_path / "runs")]) == 0
    out = capsys.readouterr().out
    assert "10 runs: 2 conditions, 5 seeds" in out
    assert "5 seeds cannot reach 0.05" in out
    assert re.search(r"  slow +3 epochs, about [0-9.]+ s a run\n  fast +3 epochs, about [0-9.]+ s a run\n", out)
    assert re.search(r"about .+ one after the other, plus [0-9.]+ s to start; ", out)
    assert not (tmp_path / "runs").exists(), "a plan leaves nothing"


def test_a_plan_of_finished_runs_trains_nothing(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[str] = []

    def spy(self: Trials, planned: Plan, first: Job, epochs: int) -> tuple[float, float]:
        measured.append(first.condition)
        return 1.0, 0.5

    monkeypatch.setattr(Trials, "_run", spy)
    missing = [("slow", 2)]
    monkeypatch.setattr(Job, "state", lambda job: "new" if (job.condition, job.seed) in missing else "done")
    command = ["study", "plan", TINY, "--seeds", "2", "--runs_dir", str(tmp_path)]
    assert main(command) == 0
    assert set(measured) == {"slow"}, "the only condition with a run that is not done"
    assert re.search(r"  slow +3 epochs, about .+\n  fast +all runs done\n", capsys.readouterr().out)
    measured.clear()
    missing.clear()
    assert main(command) == 0
    out = capsys.readouterr().out
    assert "4 done, 0 begun" in out
    assert out.endswith("\n0.0 s left: all runs are done\n")
    assert measured == []


class FakeTrials(Trials):
    """Runs of 0.2 s and 0.01 s an epoch, after 0.3 s in the first epoch and 7 s in the first run."""

    started = False

    def _run(self, planned: Plan, first: Job, epochs: int) -> tuple[float, float]:
        start, self.started = 0.0 if self.started else 7.0, True
        return start + 0.2 + 0.3 + 0.01 * epochs, 0.3 + 0.01 * epochs


@pytest.mark.parametrize("epochs", [1, 2, 3, 200])
def test_an_estimate_leaves_out_the_warm_up(epochs: int, tmp_path: Path) -> None:
    planned = Plan((Job("a", 1, tmp_path, (), "id"),), {}, {"a": epochs})
    trials = FakeTrials(tmp_path)
    assert trials.warm_up(planned) == pytest.approx(7.0)
    assert trials.seconds(planned, "a") == pytest.approx(0.2 + 0.3 + 0.01 * epochs)
