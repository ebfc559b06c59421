"""A study never replaces finished runs and never ignores an option without an error."""

import json
from pathlib import Path

import pytest

from hw1_lightning import __version__
from hw1_lightning.cli import main
from hw1_lightning.commands.studies import plan, preparation
from hw1_lightning.commands.studies.preparation import plan_runs
from hw1_lightning.study.reading import read_study
from tests.commands.studies import TINY, write_finished_tiny, write_study, write_tiny
from tests.conftest import Capture, Refused


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Each file's time and content."""
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """The folder of all runs, with tiny's of two seeds, finished but one."""
    write_finished_tiny(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--data.batch_size", "16"], "3 finished and 1 unfinished runs with other options: data.batch_size 32 -> 16;"),
        (["--seeds", "1", "--threads=1"], "2 finished runs with other options: threads null -> 1;"),
        (["--seeds", "9", "--config", "NPZ"], "3 finished and 1 unfinished runs with other options: data (SHA-256) "),
    ],
)
def test_a_rerun_with_other_options_or_data_is_refused_before_anything_is_touched(
    options: list[str], words: str, finished: Path, npz: Path, refused: Refused
) -> None:
    overlay = finished / "overlay.yaml"
    overlay.write_text(f"data: {{source: {{class_path: Landscapes, init_args: {{path: {npz}}}}}}}\n")
    before = everything(finished)
    given = [str(overlay) if option == "NPZ" else option for option in options]
    error = refused("study", "run", TINY, "--runs_dir", str(finished), *given)
    assert f"{finished / 'tiny'} holds {words}" in error
    assert error.endswith("this command would replace them: choose --name for another folder, or --force\n")
    assert everything(finished) == before


def test_a_rerun_by_another_version_or_of_an_edited_condition_is_refused(
    finished: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited = write_tiny(finished, "0.001,", "0.002,")
    run = ["study", "run", str(edited), "--name=tiny", "--runs_dir", str(finished), "--seeds", "2"]
    assert "holds 2 finished runs with other options: model.learning_rate 0.001 -> 0.002;" in refused(*run)
    monkeypatch.setattr(preparation, "__version__", "9.9")
    error = refused(*run)
    assert (
        f"3 finished and 1 unfinished runs with other options: hw1 {__version__} -> 9.9, model.learning_rate" in error
    )
    assert "model.learning_rate 0.001 -> 0.002 (fast);" in error


def test_runs_whose_options_are_not_recorded_are_kept(finished: Path, refused: Refused) -> None:
    (finished / "tiny" / "slow" / "seed=01" / "run.json").write_text('{"identity": "x", "record": [1]}')
    error = refused("study", "run", TINY, "--runs_dir", str(finished))
    assert "1 finished run with other options: their options were not recorded;" in error


def test_a_plan_says_what_a_run_would_replace(finished: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan.Trials, "_run", lambda *_: (1.0, 0.5))
    before = everything(finished)
    assert main(["study", "plan", TINY, "--runs_dir", str(finished), "--seeds", "1", "--threads", "1"]) == 0
    assert "holds 2 finished runs with other options: threads null -> 1; `run` requires" in capsys.readouterr().out
    assert everything(finished) == before


@pytest.mark.slow
def test_name_makes_another_folder_and_force_replaces_what_differs(finished: Path, capsys: Capture) -> None:
    run = ["study", "run", TINY, "--runs_dir", str(finished), "--trainer.limit_train_batches=3"]
    before = everything(finished / "tiny")
    assert main([*run, "--seeds", "1", "--name", "other"]) == 0
    assert "2 runs, 0 of them done already" in capsys.readouterr().out
    assert everything(finished / "tiny") == before
    for path in (finished / "tiny").glob("*/seed=02"):
        (path / "result.json").write_text("{}")
    assert main([*run, "--seeds", "1", "--force"]) == 0
    captured = capsys.readouterr()
    assert "2 runs, 0 of them done already" in captured.out
    left_out = "Not counted, not part of this study: slow, seed 2: the study has 1 seed."
    assert left_out in captured.err
    assert json.loads((finished / "tiny" / "slow" / "seed=01" / "result.json").read_text())["steps"] == 9
    assert left_out in (finished / "tiny" / "report.html").read_text()


def test_links_out_of_a_studys_folder_are_refused(finished: Path, refused: Refused) -> None:
    (finished / "mine" / "seed=01").mkdir(parents=True)
    (finished / "other").mkdir()
    (finished / "other" / "slow").symlink_to(finished / "mine")
    error = refused("study", "run", TINY, "--runs_dir", str(finished), "--name", "other", "--force")
    assert f"{finished / 'other' / 'slow' / 'seed=01'} is outside of {finished / 'other'}: a link points there" in error
    assert (finished / "mine" / "seed=01").is_dir()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ["--model.learning_rate", "0.3"],
            f"{TINY}:9: --model.learning_rate has no effect on condition 'slow', which",
        ),
        (["--model.init_args.learning_rate=0.3"], "--model.learning_rate has no effect on condition 'slow'"),
        (
            ["--model", '{"init_args": {"learning_rate": 1}}'],
            "--model.learning_rate has no effect on condition 'slow'",
        ),
        (["--trainer.max_epochs=5"], "--trainer.max_epochs has no effect on condition 'slow', which sets"),
        (["--seed_everything", "3"], "--seed_everything cannot be set for a study: a study uses the seeds 1, 2"),
        (["--data.seed=3"], "--data.seed cannot be set for a study"),
        (["--data", '{"seed": 3}'], "--data.seed cannot be set for a study"),
        (["--dropout_seed=3"], "--dropout_seed cannot be set for a study"),
        (["--ckpt_path", "last"], "--ckpt_path cannot be set for a study: each run resumes from its own"),
        (["--trainer.fast_dev_run", "1"], "--trainer.fast_dev_run cannot be set for a study"),
        (["--data.batch_size", "8", "b.yaml"], "'b.yaml' is not an option; study files come first, then the options"),
    ],
)
def test_options_without_effect_are_refused(options: list[str], words: str, tmp_path: Path, refused: Refused) -> None:
    assert words in refused("study", "run", TINY, "--runs_dir", str(tmp_path / "runs"), *options)
    assert not (tmp_path / "runs").exists()


def test_an_option_that_another_class_would_drop_is_refused(tmp_path: Path, refused: Refused) -> None:
    path = write_study(tmp_path / "study.yaml", "{}", "{model: Perceptron}")
    run = ["study", "run", str(path), "--runs_dir", str(path.parent / "runs")]
    assert f"{path}:7: --model.init has no effect on condition 'b', which sets model" in refused(
        *run, "--model.init=zeros"
    )
    same = write_study(tmp_path / "study.yaml", "{model.weight_decay: 0.1}", "{model: LogisticRegression}")
    plan_runs(read_study(same), 1, ["--model.learning_rate=0.3"], tmp_path)  # the same class keeps it


def test_conditions_that_are_the_same_runs_are_refused(tmp_path: Path, refused: Refused) -> None:
    path = write_study(tmp_path / "study.yaml", "{data.batch_size: 8}", "{data.batch_size: 8}")
    assert "'a' and 'b' are the same runs" in refused("study", "run", str(path), "--runs_dir", str(tmp_path))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("data: {seed: 0}", "sets data.seed to 0, which cannot be set for a study"),
        ("dropout_seed: 7", "sets dropout_seed to 7, which cannot be set for a study"),
        ("ckpt_path: x.ckpt", "sets ckpt_path to x.ckpt, which cannot be set"),
        ("trainer: {fast_dev_run: true}", "sets trainer.fast_dev_run to True, which cannot be set"),
    ],
)
def test_config_files_cannot_fix_what_a_study_varies(text: str, words: str, tmp_path: Path, refused: Refused) -> None:
    config = tmp_path / "base.yaml"
    config.write_text(f"model: LogisticRegression\n{text}\n")
    path = write_study(tmp_path / "study.yaml", "{}", "{model.weight_decay: 0.1}", config)
    assert words in refused("study", "run", str(path), "--runs_dir", str(tmp_path / "runs"))
