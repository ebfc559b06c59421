"""The runs of a diagnosis: kept, stopped when excluded, left out when they fail, and what is noted about numbers."""

import json
import math
from pathlib import Path

import pytest

from hw1_lightning.commands.diagnosing import engine
from hw1_lightning.commands.diagnosing.engine import diagnose
from hw1_lightning.commands.diagnosing.prepared import Prepared, prepare
from hw1_lightning.commands.diagnosing.runs import Runs
from hw1_lightning.diagnosis.catalogue import evaluation, online
from hw1_lightning.diagnosis.catalogue.entry import Change
from hw1_lightning.diagnosis.mistaken.losses import SummedLoss
from hw1_lightning.diagnosis.outcome import Limit, Outcome, read_outcome, write_outcome
from hw1_lightning.diagnosis.reported import Experiment, Number, Report


def report(*numbers: Number, epochs: int = 2) -> Report:
    experiment = Experiment("logistic", ("logistic_regression",), {"trainer.max_epochs": epochs}, numbers)
    return Report(Path("reported.yaml"), "made up", 42, (experiment,))


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    found, _ = prepare(report(Number("val/accuracy", 0.5, 0.1)), [], tmp_path_factory.mktemp("runs"))
    return found[0]


def test_an_outcome_is_written_and_read(tmp_path: Path) -> None:
    outcome = Outcome({"val/accuracy": (0.5, math.inf)}, {"test/accuracy": 0.25}, complete=False, seconds=1.5)
    write_outcome(outcome, tmp_path / "a.json")
    found = read_outcome(tmp_path / "a.json")
    assert found is not None
    assert (found.test, found.complete, found.seconds) == ({"test/accuracy": 0.25}, False, 1.5)
    assert found.curves["val/accuracy"][0] == 0.5
    assert math.isnan(found.curves["val/accuracy"][1])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"curves": 1}', json.dumps({"curves": {}, "test": {"a": "b"}})])
def test_a_damaged_outcome_is_not_known(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    assert read_outcome(tmp_path / "a.json") is None


@pytest.mark.slow
def test_a_run_is_executed_once_stopped_when_excluded_and_completed_when_needed(one: Prepared) -> None:
    said: list[str] = []
    wanted = one.job(42, Change("", wrappers=(SummedLoss(),)), [Limit("val/accuracy", 1, 2.0, 3.0)])
    Runs({}, 1, said.append).execute([wanted], "mistaken programs")
    stopped = read_outcome(wanted.outcome)
    assert stopped is not None
    assert not stopped.complete
    assert len(stopped.curves["val/accuracy"]) == 1
    assert not wanted.folder.exists()
    again = Runs({}, 1, said.append)
    again.execute([wanted], "the same")  # still excluded
    assert (again.executed, said) == (0, ["mistaken programs: 1 run"])
    free = one.job(42, Change("", wrappers=(SummedLoss(),)))
    again.execute([free], "to its end")
    complete = again.of(free)
    assert complete is not None
    assert complete.complete
    assert len(complete.curves["val/accuracy"]) == 2
    assert complete.curves["val/accuracy"][0] == stopped.curves["val/accuracy"][0]


def test_what_takes_long_is_said_before_with_the_runs_that_may_follow(tmp_path: Path) -> None:
    said: list[str] = []
    first = prepare(report(Number("val/accuracy", 0.5, 0.1)), [], tmp_path)[0][0]
    base, following = first.job(42), [first.job(seed) for seed in (43, 44)]
    later = [first.job(seed, Change("", wrappers=(SummedLoss(),))) for seed in (42, 42, 43)]
    for job, seconds in ((base, 60.0), (later[2], 1.0)):
        write_outcome(Outcome({}, {}, seconds=seconds), job.outcome)
    runs = Runs({}, 2, said.append)
    runs.execute([base], "known")
    runs.announce(following, later, pairs=2)  # 43, 44, and 42 with the mistake; 43 with it is known
    (line,) = said
    assert line.startswith("at most 5 runs, about 02:30; fewer if a correct program gives the numbers")
    for job in following:
        write_outcome(Outcome({}, {}, seconds=60.0), job.outcome)
    runs.announce(following, later, pairs=2)
    assert len(said) == 1, "the correct programs are known, so what follows is decided soon"


@pytest.mark.slow
def test_a_failed_run_is_left_out(one: Prepared, capsys: pytest.CaptureFixture[str]) -> None:
    runs = Runs({}, 1, print)
    failing = one.job(42, Change("", {"model.optimizer": "LBFGS", "model.momentum": 0.9}))
    runs.execute([failing], "programs")
    assert runs.of(failing) is None
    assert runs.failed == [failing.folder]
    assert "a run failed and is left out" in capsys.readouterr().err
    assert (failing.folder / "failure.txt").is_file()


@pytest.mark.slow
def test_a_second_diagnosis_executes_nothing_and_foreign_accuracies_are_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "CATALOGUE", online.MISTAKES + evaluation.MISTAKES)
    found = report(Number("test/accuracy", 0.7123, 0.0001), Number("val/accuracy", 0.5333, 0.0001), epochs=1)
    said: list[str] = []
    first, second = (diagnose(found, [], 2, tmp_path, said.append) for _ in range(2))
    assert first.executed > 12
    assert second.executed == 0
    assert first.experiments == second.experiments
    (note,) = first.report.notes
    assert note.startswith("test/accuracy 0.7123 is not a share of the 360 examples of this split: it comes from other")
    assert said[0] == f"note: {note}", "before any run"
