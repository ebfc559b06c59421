"""`hw1 study run` and `hw1 study report`: runs, progress, errors and the page."""

import re
import sys
from pathlib import Path

import pytest

from hw1_lightning.cli import main
from hw1_lightning.commands.studies import progress as study_progress
from hw1_lightning.commands.studies.preparation import plan_runs
from hw1_lightning.runs.metrics_reader import read_metrics
from hw1_lightning.shipped import REPLICATIONS
from hw1_lightning.study.jobs import Job
from hw1_lightning.study.reading import read_study
from tests.commands.studies import TINY, write_study, write_tiny
from tests.conftest import Capture, Refused

STUDIES = sorted(path for path in Path("configs/studies").rglob("*.yaml") if path.name != REPLICATIONS)


@pytest.mark.slow
def test_a_study_runs_and_only_what_is_missing_runs_again(tmp_path: Path, capsys: Capture) -> None:
    options = ["--runs_dir", str(tmp_path), "--workers", "2"]
    assert main(["study", "run", TINY, *options, "--seeds", "2"]) == 0
    out = capsys.readouterr().out
    assert "4 runs, 0 of them done already" in out
    assert "undecided      the higher rate learns more in three epochs" in out
    folder = tmp_path / "tiny"
    assert {"report.html", "report.md", "results.csv", "study.yaml"} <= {path.name for path in folder.iterdir()}

    # A run of a study is what `hw1 fit` makes of the same options.
    single = ["--config=configs/learning_rate.yaml", "--model.learning_rate=0.00001", "--trainer.max_epochs=3"]
    main(["fit", *single, "--seed_everything=2", f"--runs_dir={tmp_path}", "--name=single"])
    rows = read_metrics(folder / "slow" / "seed=02" / "metrics.csv")
    assert rows == read_metrics(tmp_path / "single" / "version_0" / "metrics.csv")

    times = {path: path.stat().st_mtime_ns for path in folder.glob("*/*/result.json")}
    (folder / "fast" / "seed=01" / "result.json").unlink()
    assert main(["study", "run", TINY, *options, "--seeds", "3"]) == 0
    assert "6 runs, 3 of them done already" in capsys.readouterr().out
    again = {path for path, before in times.items() if path.stat().st_mtime_ns != before}
    assert again == {folder / "fast" / "seed=01" / "result.json"}
    assert len(list(folder.glob("*/*/result.json"))) == 6

    capsys.readouterr()
    assert main(["study", "report", "tiny", "--runs_dir", str(tmp_path), "--check"]) == 1
    assert "(required)" in capsys.readouterr().out


def test_without_a_terminal_a_study_prints_lines_while_it_runs(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_progress, "LINE_SECONDS", 0.05)
    assert main(["study", "run", TINY, "--runs_dir", str(tmp_path), "--seeds", "1"]) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if "runs ended" in line]
    assert any(re.fullmatch(r"hw1: 0/2 runs ended, [12] running", line) for line in lines), lines


def test_the_lines_of_a_study_count_its_runs_and_the_time_left(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_progress, "LINE_SECONDS", 0.05)
    first, second, third = (Job("a", seed, tmp_path, (), "id") for seed in (1, 2, 3))
    with study_progress.StudyProgress(4) as progress:
        for job, state in ((first, "running"), (first, "done"), (second, "failed"), (third, "running")):
            progress.update(job, state)
        line = ""
        while "1 running" not in line:
            line = capsys.readouterr().err.rpartition("\n")[0].rpartition("\n")[2]
    assert re.fullmatch(r"hw1: 2/4 runs ended, 1 running, 1 failed, \d\d:\d\d left", line)


def test_a_failing_run_is_recorded_and_the_others_continue(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)  # shows the bar
    callback = "[{class_path: ModelCheckpoint, init_args: {dirpath: /dev/null/x}}]"
    bad = f"{{trainer.max_epochs: 2, trainer.callbacks: {callback}}}"
    study = write_study(tmp_path / "study.yaml", "{trainer.max_epochs: 2}", bad)
    blocked = tmp_path / "study" / "b" / "seed=01"
    assert main(["study", "run", str(study), "--workers", "2", "--runs_dir", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert "failed: b, seed 1" in captured.err
    assert re.search(r" 0/2 \[[^]]*, 2 running\]", captured.err)
    assert re.search(r" 2/2 \[[^]]*, 1 failed\]", captured.err)
    assert (blocked / "failure.txt").read_text().startswith("Traceback")
    assert (tmp_path / "study" / "a" / "seed=01" / "result.json").is_file()
    assert "Failed: b, seed 1" in (tmp_path / "study" / "report.html").read_text()


@pytest.mark.slow
def test_tinys_required_claim_is_supported_by_its_seeds(tmp_path: Path, capsys: Capture) -> None:
    assert main(["study", "run", TINY, "--runs_dir", str(tmp_path)]) == 0
    assert main(["study", "report", "tiny", "--runs_dir", str(tmp_path), "--check"]) == 0
    assert "supported      the higher rate learns more in three epochs (required)" in capsys.readouterr().out


@pytest.mark.slow
def test_the_commands_of_the_docs_work_in_their_order(tmp_path: Path, npz: Path, capsys: Capture) -> None:
    (block, *_) = re.findall(r"```bash\n(.+?)```", Path("docs/studies.md").read_text(), re.DOTALL)
    commands = [line.partition("#")[0].split() for line in block.splitlines() if line.startswith("hw1 ")]
    assert [command[2] for command in commands] == ["plan", "run", "run", "run", "run", "report"]
    for command in commands:
        given = [{"FILE": str(npz), "5": "1", "10": "2"}.get(word, word) for word in command[1:]]
        if command[2] != "report":
            given += ["--trainer.max_epochs=1", "--trainer.limit_train_batches=2"]
            given += [] if "--seeds" in given else ["--seeds", "1"]
        assert main([*given, "--runs_dir", str(tmp_path / "runs")]) == 0, command
    out = capsys.readouterr().out
    assert "6 runs, 3 of them done already" in out
    finished = {path.parts[-4] for path in (tmp_path / "runs").glob("*/*/*/result.json")}
    assert finished == {"dropout", "dropout_photos", "momentum", "batch_size"}


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_condition_of_a_shipped_study_can_run(path: Path, tmp_path: Path) -> None:
    study = read_study(path)
    plan = plan_runs(study, 2, ["--trainer.accelerator=cpu"], tmp_path)
    assert len({job.identity for job in plan.jobs}) == len(plan.jobs) == 2 * len(study.conditions)
    assert len({job.folder for job in plan.jobs}) == len(plan.jobs)


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("model.learning_rate: 0.00001", "model.learning_rat: 1"), 9, "did you mean 'learning_rate'?"),
        (("0.001, trainer.max_epochs: 3", "0.001, trainer.max_epochs: 0"), 10, "max_epochs is 0: there is nothing"),
        (("model.learning_rate: 0.001", "trainer.max_epoch: 2"), 10, "did you mean '--trainer.max_epochs'?"),
        (("model.learning_rate: 0.001", "model.learning_rate: fast"), 10, "learning_rate is fast"),
        (("model.learning_rate: 0.001", "model.learning_rate: -1"), 10, "learning_rate is -1"),
    ],
)
def test_a_condition_that_cannot_run_is_reported_with_its_line(
    change: tuple[str, str], line: int, words: str, tmp_path: Path, refused: Refused
) -> None:
    study = write_tiny(tmp_path, *change)
    error = refused("study", "run", str(study), "--runs_dir", str(tmp_path / "runs"))
    assert f"{study}:{line}: condition" in error
    assert words in error
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "{metric: train/loss, take",
            "{metric: train/accuracy, take",
            ":19: the claim 'falling' is about train/accuracy",
        ),
        ("metrics: [val/accuracy", "metrics: [val/r2", "metric val/r2 is not logged by 'slow'"),
    ],
)
def test_metrics_that_are_not_logged_are_refused_before_the_first_run(
    old: str, new: str, words: str, tmp_path: Path, refused: Refused
) -> None:
    study = write_tiny(tmp_path, old, new)
    assert words in refused("study", "run", str(study), "--runs_dir", str(tmp_path / "runs"))
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "none.yaml"], "there is no study none.yaml"),
        (["run", TINY, "--seeds", "0"], "--seeds is '0'; it must be a whole number of at least 1"),
        (["run", TINY, "--seeds", "1001"], "at most 1000"),
        (["run", TINY, "--workers", "x"], "at least 1"),
        (["run", TINY, "--name", "a/b"], "plain name of a folder"),
        (["run", TINY, "--model.dropuot", "1"], "condition 'slow'"),
        (["report", "nothing"], "holds no study 'nothing'"),
        (["report", "runs/tiny"], "not a path or only dots; give NAME as it is in "),
        (["report", "tiny", "--chekc"], "unknown option '--chekc' of hw1 study report; did you mean '--check'?"),
        ([], "arguments are required"),
        (["rnu"], "unknown command 'rnu'; allowed are run, plan, report; did you mean 'run'?"),
    ],
)
def test_mistakes_get_one_line_and_status_2(arguments: list[str], words: str, tmp_path: Path, refused: Refused) -> None:
    given = [*arguments, "--runs_dir", str(tmp_path)] if len(arguments) > 1 else arguments
    assert words in refused("study", *given)
    assert not any(path for path in tmp_path.iterdir())
