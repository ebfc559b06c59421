"""Folders of studies as one plan: runs that several studies share are executed once and copied."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hw1_lightning.cli import main
from hw1_lightning.commands.studies.plan import Trials
from hw1_lightning.commands.studies.preparation import Plan
from hw1_lightning.runs.folder import exclusive_lock
from hw1_lightning.study.jobs import Job
from tests.commands.studies import write_study
from tests.conftest import Capture, Refused

DROPOUT = Path("configs/dropout.yaml").resolve()
# The same run, given in two ways.
SAME = "{model.weight_decay: 0}", "{model: hw1_lightning.models.LogisticRegression, model.init_args.weight_decay: 0.0}"


def folder_of_two(folder: Path) -> Path:
    """Write a folder with two studies; one's `b` and two's `a` are the same runs."""
    write_study(folder / "one.yaml", "{}", SAME[0])
    write_study(folder / "two.yaml", SAME[1], "{model.weight_decay: 1}")
    (folder / "replications.yaml").write_text("experiments: [{study: one, condition: b, val/accuracy: {A: 0.51}}]\n")
    return folder


def quick(tmp_path: Path, *further: str) -> list[str]:
    return ["--runs_dir", str(tmp_path / "runs"), "--workers=2", "--trainer.max_epochs=2", *further]


def finished(runs: Path) -> dict[str, int]:
    """The time of each result."""
    return {str(path.parent.relative_to(runs)): path.stat().st_mtime_ns for path in runs.glob("*/*/*/result.json")}


@pytest.mark.slow
def test_a_folder_of_studies_is_one_plan(tmp_path: Path, capsys: Capture) -> None:
    studies, runs = folder_of_two(tmp_path / "studies"), tmp_path / "runs"
    command = ["study", "run", str(studies), *quick(tmp_path)]
    assert main([*command, "--seeds", "1"]) == 0
    out, error = capsys.readouterr()
    assert out.count("t: 2 runs, 0 of them done already\n") == 2
    assert f"shared         1 run of {runs / 'two'} is one of {runs / 'one'}\n" in out
    assert out.endswith(f"\nexit status  study\n0            {runs / 'one'}\n0            {runs / 'two'}\n")
    assert f"\nsummary        {runs / 'studies' / 'index.html'}\n" in out
    assert "A,one,b,,,,val/accuracy,final,,0.51\n" in (runs / "studies" / "results.csv").read_text()
    assert all(re.match(r"hw1: [0-3]/3 runs ended", line) for line in error.splitlines() if "ended" in line)
    before = finished(runs)
    assert sorted(before) == [f"{study}/{name}/seed=01" for study in ("one", "two") for name in ("a", "b")]
    source, copy = runs / "one" / "b" / "seed=01", runs / "two" / "a" / "seed=01"
    for file in source.rglob("*"):
        if file.is_file() and file.name not in ("run.json", "result.json"):
            assert (copy / file.relative_to(source)).read_bytes() == file.read_bytes(), file
    assert json.loads((copy / "run.json").read_text())["copy_of"] == "one/b/seed=01"
    assert json.loads((copy / "result.json").read_text())["name"] == "a"

    # A copy is like any other run: it is verified, it is done when the study alone is run, and it gets further seeds.
    assert main(["verify", str(copy), "--epochs", "all", "--tolerance", "0"]) == 0
    assert main(["study", "run", str(studies / "two.yaml"), *quick(tmp_path), "--seeds", "1"]) == 0
    assert "2 runs, 2 of them done already" in capsys.readouterr().out
    source.rename(tmp_path / "gone")
    assert main([*command, "--seeds", "2"]) == 0
    out = capsys.readouterr().out
    assert f"shared         1 run of {runs / 'one'} is one of {runs / 'two'}\n" in out
    assert f"shared         1 run of {runs / 'two'} is one of {runs / 'one'}\n" in out
    assert len(finished(runs)) == 8
    assert {name for name, when in finished(runs).items() if before.get(name, when) != when} == {"one/b/seed=01"}
    assert (source / "metrics.csv").read_bytes() == (tmp_path / "gone" / "metrics.csv").read_bytes()
    assert all((runs / study / "report.html").is_file() for study in ("one", "two"))

    # The page of a study without missing runs is written before the others are executed.
    (runs / "two" / "b" / "seed=02" / "result.json").unlink()
    assert main([*command, "--seeds", "2"]) == 0
    pages = [runs / study / "report.html" for study in ("one", "two")]
    assert pages[0].stat().st_mtime_ns < (runs / "two" / "b" / "seed=02" / "result.json").stat().st_mtime_ns
    assert pages[1].stat().st_mtime_ns > (runs / "two" / "b" / "seed=02" / "result.json").stat().st_mtime_ns
    assert main(["study", "report", str(studies), "--runs_dir", str(runs)]) == 0
    assert capsys.readouterr().out.count("report         ") == 4


@pytest.mark.slow
def test_a_shared_run_that_fails_has_failed_in_both_studies(tmp_path: Path, capsys: Capture) -> None:
    blocked = tmp_path / "blocked"
    blocked.touch()
    failing = f"{{trainer.callbacks: [{{class_path: ModelCheckpoint, init_args: {{dirpath: {blocked}/x}}}}]}}"
    write_study(tmp_path / "studies" / "one.yaml", "{}", failing)
    write_study(tmp_path / "studies" / "two.yaml", failing, "{model.weight_decay: 1}")
    write_study(tmp_path / "studies" / "three.yaml", "{model.weight_decay: 2}", "{model.weight_decay: 1}")
    command = ["study", "run", str(tmp_path / "studies"), *quick(tmp_path)]
    assert main(command) == 1
    out, error = capsys.readouterr()
    runs = tmp_path / "runs"
    table = [f"{status}            {runs / name}\n" for status, name in ((1, "one"), (0, "three"), (1, "two"))]
    assert out.endswith("".join(table))
    for folder, name in ((runs / "one", "b"), (runs / "two", "a")):
        assert f"hw1: failed: {name}, seed 1; see {folder / name / 'seed=01' / 'failure.txt'}\n" in error
        assert f"Failed: {name}, seed 1" in (folder / "report.html").read_text()
    assert len(finished(runs)) == 4
    blocked.unlink()
    assert main(command) == 0
    assert len(finished(runs)) == 6
    assert not list(runs.rglob("failure.txt"))


@pytest.mark.slow
def test_a_killed_plan_is_resumed_to_the_same_result(tmp_path: Path, capsys: Capture) -> None:
    momentum = "{model.momentum: 0.5}"
    write_study(tmp_path / "studies" / "one.yaml", "{}", "{model.momentum: 0.4}", DROPOUT)
    write_study(tmp_path / "studies" / "two.yaml", "{model.momentum: 0.4}", momentum, DROPOUT)
    command = ["study", "run", str(tmp_path / "studies"), "--workers=2", "--trainer.max_epochs=120"]
    killed = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-m", "hw1_lightning", *command, "--runs_dir", str(killed)])
    while process.poll() is None and not list(killed.glob("one/b/*/checkpoints/last.ckpt")):
        time.sleep(0.05)
    process.kill()
    process.wait()
    time.sleep(0.5)
    assert not list(killed.glob("*/*/*/result.json")), "killed in the middle of its runs"
    # The study that was not executed is given first: the shared run is resumed all the same.
    (tmp_path / "studies" / "one.yaml").rename(tmp_path / "one.yaml")
    given = [str(tmp_path / "studies" / "two.yaml"), str(tmp_path / "one.yaml")]
    assert main(["study", "run", *given, *command[3:], "--runs_dir", str(killed)]) == 0
    assert f"1 run of {killed / 'two'} is one of {killed / 'one'}" in capsys.readouterr().out
    assert main(["study", "run", *given, *command[3:], "--runs_dir", str(tmp_path / "whole")]) == 0
    for run in ("one/a", "one/b", "two/a", "two/b"):
        whole, again = (folder / run / "seed=01" for folder in (tmp_path / "whole", killed))
        assert (whole / "metrics.csv").read_bytes() == (again / "metrics.csv").read_bytes()
        results = [json.loads((folder / "result.json").read_text()) for folder in (whole, again)]
        assert results[0]["test"] == results[1]["test"]


def test_a_plan_counts_shared_runs_once(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[str] = []

    def spy(self: Trials, planned: Plan, first: Job, epochs: int) -> tuple[float, float]:
        measured.append(first.condition)
        return 10.0, 0.5

    monkeypatch.setattr(Trials, "_run", spy)
    studies = folder_of_two(tmp_path / "studies")
    command = ["study", "plan", str(studies), "--seeds=4", *quick(tmp_path, "--trainer.max_epochs=1")]
    assert main(command) == 0
    out = capsys.readouterr().out
    runs = tmp_path / "runs"
    assert "  a                             its runs are those of another study\n" in out
    assert f"shared         4 runs of {runs / 'two'} are those of {runs / 'one'}, and count once\n" in out
    assert "\n12 runs left: about 2 min 0 s one after the other, " in out, "three conditions, 4 seeds, 10 s each"
    assert measured == ["a", "a", "a", "b", "b"], "two of the start"
    assert not runs.exists()


def test_mistakes_in_a_folder_are_told_before_anything_is_written(tmp_path: Path, refused: Refused) -> None:
    studies, runs = folder_of_two(tmp_path / "studies"), ["--runs_dir", str(tmp_path / "runs")]
    for command in ("run", "plan"):
        given = ["study", command, str(studies)]
        assert "--name is 'x', but there are 2 study files; name one" in refused(*given, *runs, "--name=x")
        twin = write_study(tmp_path / "sub" / "two.yaml", "{}", SAME[0])
        error = refused(*given, str(twin), *runs)
        assert f"{studies}/two.yaml and {twin} are both named 'two'; run one of them alone, with --name" in error
        config = studies / "config.yaml"
        config.write_text("model: MLP\n")
        assert f"{config}:1: " in refused(*given, *runs)
        config.unlink()
        same = write_study(studies / "studies.yaml", "{}", SAME[0])
        assert f"{same} has the name of the folder for all studies together; rename it" in refused(*given, *runs)
        same.unlink()
        (tmp_path / "empty").mkdir(exist_ok=True)
        assert f"{tmp_path / 'empty'} holds no study files;" in refused("study", command, f"{tmp_path}/empty", *runs)
        assert f"there is no study {tmp_path}/none" in refused("study", command, f"{tmp_path}/none", *runs)
    assert "holds no study 'one'; it holds none yet" in refused("study", "report", str(studies), *runs)
    (tmp_path / "runs" / "two").mkdir(parents=True)
    with exclusive_lock(tmp_path / "runs" / "two"):
        assert "another process is using" in refused("study", "run", str(studies), *runs)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["two"]
