"""A resumed run keeps its own options; what changes is printed, recorded, or refused with the reason."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from hw1_lightning.cli import main
from hw1_lightning.commands.fitting.fit import Fit
from hw1_lightning.commands.resuming.history import Change, extend_history
from hw1_lightning.errors import InputError
from hw1_lightning.runs.checkpoints import read_checkpoint
from hw1_lightning.runs.metrics_reader import read_metrics
from tests.conftest import Capture, Refused

BASE = ["--config=configs/dropout.yaml", "--model.hidden_sizes=[8]"]
FIRST = [*BASE, "--model.learning_rate=0.1", "--model.momentum=0.5", "--trainer.max_epochs=2"]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all runs, with one run called dropout: two epochs at a rate that the config does not have."""
    runs = tmp_path_factory.mktemp("first")
    main(["fit", *FIRST, f"--runs_dir={runs}"])
    return runs


@pytest.fixture
def runs(first: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copytree(first, tmp_path / "runs"))


def folder_of(runs: Path) -> Path:
    return runs / "dropout" / "version_0"


def resume(runs: Path, *options: str) -> list[str]:
    return ["fit", "--name=dropout", f"--runs_dir={runs}", "--ckpt_path=last", *options]


def config_of(runs: Path) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((folder_of(runs) / "config.yaml").read_text())
    return config


def history_of(runs: Path) -> list[tuple[str, Any, Any, int]]:
    entries = config_of(runs).get("history", [])
    return [(each["option"], each["old"], each["new"], each["epoch"]) for each in entries]


def group_of(runs: Path) -> dict[str, Any]:
    """The optimiser's options at the end."""
    last = read_checkpoint(folder_of(runs) / "checkpoints" / "last.ckpt")
    group: dict[str, Any] = last["optimizer_states"][0]["param_groups"][0]
    return group


def test_a_run_keeps_its_own_options_and_changes_those_on_the_command_line(runs: Path, capsys: Capture) -> None:
    main(resume(runs, "--trainer.max_epochs=3"))
    assert (group_of(runs)["lr"], group_of(runs)["momentum"]) == (0.1, 0.5)
    capsys.readouterr()
    main(resume(runs, "--model.learning_rate=0.002", "--trainer.max_epochs=4"))
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == [
        "hw1: model.learning_rate 0.1 -> 0.002 from epoch 4 on",
        "hw1: trainer.max_epochs 3 -> 4 from epoch 4 on",
    ]
    assert lines[2].startswith(
        "hw1: resuming MLP 64-8-10 (610 parameters) on 1,257 examples of Digits, on the CPU with 1"
    )
    assert lines[2].endswith(f"after 3 epochs, in {folder_of(runs)}")
    assert (group_of(runs)["lr"], group_of(runs)["momentum"]) == (0.002, 0.5)
    assert config_of(runs)["model"]["init_args"]["learning_rate"] == 0.002
    assert history_of(runs) == [
        ("trainer.max_epochs", 2, 3, 3),
        ("model.learning_rate", 0.1, 0.002, 4),
        ("trainer.max_epochs", 3, 4, 4),
    ]
    assert len(read_metrics(folder_of(runs) / "metrics.csv")) == 4


def test_a_path_to_the_last_checkpoint_of_a_run_resumes_it_in_its_folder(runs: Path) -> None:
    last = folder_of(runs) / "checkpoints" / "last.ckpt"
    main(["fit", f"--ckpt_path={last}", "--trainer.max_epochs=3"])
    assert [path.name for path in (runs / "dropout").iterdir()] == ["version_0"]
    assert read_checkpoint(last)["epoch"] == 3
    assert group_of(runs)["lr"] == 0.1


def test_last_without_a_name_is_the_run_of_the_only_name(runs: Path, refused: Refused) -> None:
    main(["fit", f"--runs_dir={runs}", "--ckpt_path=last", "--trainer.max_epochs=3"])
    assert read_checkpoint(folder_of(runs) / "checkpoints" / "last.ckpt")["epoch"] == 3
    shutil.copytree(runs / "dropout", runs / "other")
    error = refused("fit", f"--runs_dir={runs}", "--ckpt_path=last")
    assert f"--ckpt_path last needs --name, to say which run to resume; {runs} has dropout, other" in error
    error = refused("fit", f"--runs_dir={runs / 'none'}", "--ckpt_path=last")
    assert f"no run in {runs / 'none'} has a last.ckpt to resume" in error


def test_a_checkpoint_that_is_not_there_is_named_before_a_model_is_missed(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "checkpoints" / "last.ckpt"
    assert f"no checkpoint {path}" in refused("fit", f"--ckpt_path={path}", "--model.learning_rate=0.1")


def test_a_mistake_in_the_config_of_a_run_names_that_file(runs: Path, refused: Refused) -> None:
    own = folder_of(runs) / "config.yaml"
    text = own.read_text()
    own.write_text(text + "output: x\n")
    error = refused(*resume(runs))
    assert f"{own}: unknown option 'output'" in error
    assert error.rstrip().endswith("; correct or remove it in that file")
    own.write_text(text.replace(" batch_size: ", " batch_size: many # "))
    assert f"{own}: data.batch_size is many; it must be " in refused(*resume(runs))


def test_the_config_of_a_run_names_it(runs: Path) -> None:
    main(["fit", f"--config={folder_of(runs) / 'config.yaml'}", "--ckpt_path=last", "--trainer.max_epochs=3"])
    assert read_checkpoint(folder_of(runs) / "checkpoints" / "last.ckpt")["epoch"] == 3


def test_the_same_command_changes_nothing(runs: Path, capsys: Capture) -> None:
    before = (folder_of(runs) / "config.yaml").read_bytes()
    main(["fit", *FIRST, f"--runs_dir={runs}", "--ckpt_path=last"])
    (line,) = capsys.readouterr().err.splitlines()
    assert "after 2 epochs leaves nothing to train (--trainer.max_epochs N extends a run)" in line
    assert (folder_of(runs) / "config.yaml").read_bytes() == before


def test_a_config_that_differs_is_refused_option_by_option(runs: Path, refused: Refused, capsys: Capture) -> None:
    before = (folder_of(runs) / "config.yaml").read_bytes()
    again = resume(runs, BASE[0], "--trainer.max_epochs=3")
    error = refused(*again)
    assert "model.learning_rate is 0.002, not 0.1" in error
    assert "model.hidden_sizes is [200, 200], not [8]" in error
    assert "max_epochs is" not in error, "which the command line gives"
    assert "add --override" in error
    assert (folder_of(runs) / "config.yaml").read_bytes() == before
    main([*again, "--model.hidden_sizes=[8]", "--override"])
    assert "hw1: model.learning_rate 0.1 -> 0.002 from epoch 3 on" in capsys.readouterr().err
    assert history_of(runs)[0] == ("model.learning_rate", 0.1, 0.002, 3)
    assert group_of(runs)["lr"] == 0.002


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("--data.batch_size=32", "it changes which examples are in one step"),
        ("--data.seed=1", "the order of the examples continues with the old seed"),
        ("--data.order=numpy", "the order of the examples continues with the old generator"),
        ("--seed_everything=1", "the initial weights and the order"),
        ("--dropout_seed=1", "dropout continues with the random numbers"),
        ("--model.hidden_sizes=[9]", "the weights in last.ckpt were trained with it"),
        ("--model.activation=tanh", "the weights in last.ckpt were trained with it"),
        ("--model=LogisticRegression", "the weights of another class"),
        ("--model.optimizer=Adam", "the state of the old one"),
        ("--model.lr_scheduler=ExponentialLR", "the state of the old one"),
        ("--optimizer=Adam", "the state of the old one"),
        ("--trainer.limit_train_batches=1", "it changes which examples are trained on"),
        ("--trainer.max_epochs=1", "it must be at least 2"),
        ("--model.learning_rate=0.5", "its run is finished"),
        ("--trainer.fast_dev_run=true", "leave out --ckpt_path"),
    ],
)
def test_fixed_options_are_refused_with_a_reason(option: str, reason: str, runs: Path, refused: Refused) -> None:
    before = (folder_of(runs) / "config.yaml").read_bytes()
    error = refused(*resume(runs, option))
    assert reason in error
    assert option.partition("=")[0].removeprefix("--") in error
    assert (folder_of(runs) / "config.yaml").read_bytes() == before


def test_a_run_with_a_history_says_that_one_run_cannot_repeat_it(
    runs: Path, tmp_path: Path, refused: Refused, capsys: Capture
) -> None:
    main(resume(runs, "--model.dropout=0.5", "--trainer.max_epochs=3"))
    config = folder_of(runs) / "config.yaml"
    new = ["fit", f"--config={config}", f"--runs_dir={tmp_path / 'new'}"]
    error = refused(*new)
    assert "(model.dropout 0.25 -> 0.5 from epoch 3 on), which one run from the start cannot repeat" in error
    assert "train with the old options and --trainer.max_epochs 2, then resume" in error
    assert not (tmp_path / "new").exists()
    assert main([*new, "--override"]) == 0
    assert "history" not in yaml.safe_load((tmp_path / "new" / "dropout" / "version_0" / "config.yaml").read_text())
    capsys.readouterr()
    main(["test", f"--ckpt_path={config.parent / 'checkpoints' / 'last.ckpt'}"])
    assert capsys.readouterr().out.startswith("test/")


def test_an_extended_run_is_repeated_by_its_config(runs: Path, tmp_path: Path) -> None:
    main(resume(runs, "--trainer.max_epochs=3", "--test_after_fit=false"))
    main(["fit", f"--config={folder_of(runs) / 'config.yaml'}", f"--runs_dir={tmp_path / 'new'}"])
    tables = [path / "dropout" / "version_0" / "metrics.csv" for path in (runs, tmp_path / "new")]
    assert tables[0].read_bytes() == tables[1].read_bytes()


def test_an_interrupted_resume_leaves_a_history_that_is_true(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise InputError("before the first step")

    with monkeypatch.context() as patch:
        patch.setattr(Fit, "run", interrupted)
        with pytest.raises(SystemExit):
            main(resume(runs, "--model.learning_rate=0.3", "--trainer.max_epochs=3"))
    assert history_of(runs)[0] == ("model.learning_rate", 0.1, 0.3, 3), "with which it would be resumed now"
    main(resume(runs, "--model.learning_rate=0.2"))
    assert history_of(runs) == [("model.learning_rate", 0.1, 0.2, 3), ("trainer.max_epochs", 2, 3, 3)]
    assert group_of(runs)["lr"] == 0.2


def test_changes_that_were_never_used_are_dropped() -> None:
    used = Change("model.dropout", 0.1, 0.2, epoch=3, step=41)
    never = Change("model.dropout", 0.2, 0.3, epoch=5, step=81)
    start = Change("", None, None, epoch=5, step=81)
    assert extend_history([used, never], [Change("model.dropout", 0.3, 0.2)], start) == [used]
    assert extend_history([used, never], [Change("model.dropout", 0.3, 0.4)], start) == [
        used,
        Change("model.dropout", 0.2, 0.4, epoch=5, step=81),
    ]


def test_a_change_within_an_epoch_names_the_step(tmp_path: Path, capsys: Capture) -> None:
    options = ["--data.steps_per_execution=1", "--trainer.max_steps=25", f"--runs_dir={tmp_path}", "--name=dropout"]
    main(["fit", *BASE, *options])
    capsys.readouterr()
    main(resume(tmp_path, "--trainer.max_steps=30", "--model.learning_rate=0.5"))
    assert "model.learning_rate 0.002 -> 0.5 from step 26 (in epoch 2) on" in capsys.readouterr().err
    assert group_of(tmp_path)["lr"] == 0.5


def test_a_learning_rate_that_was_found_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finder = ["--trainer.callbacks+=LearningRateFinder", "--trainer.callbacks.num_training_steps=20"]
    monkeypatch.chdir(tmp_path)
    main(["fit", "--model=MLP", "--model.hidden_sizes=[8]", "--name=dropout", "--trainer.max_epochs=1", *finder])
    found = group_of(tmp_path / "runs")["lr"]
    assert found != 0.01, "the default"
    main(resume(tmp_path / "runs", "--trainer.max_epochs=2"))
    assert group_of(tmp_path / "runs")["lr"] == found
    main(resume(tmp_path / "runs", "--trainer.max_epochs=3", "--model.learning_rate=0.25"))
    assert history_of(tmp_path / "runs")[1] == ("model.learning_rate", found, 0.25, 3)
    main(resume(tmp_path / "runs", "--trainer.max_epochs=4"))
    assert group_of(tmp_path / "runs")["lr"] == 0.25


def test_a_callback_that_is_added_again_is_added_once(tmp_path: Path, capsys: Capture) -> None:
    stop = ["--trainer.callbacks+=EarlyStopping", "--trainer.callbacks.monitor=val/loss", f"--runs_dir={tmp_path}"]
    main(["fit", *BASE, "--trainer.max_epochs=1", *stop])
    capsys.readouterr()
    main(["fit", *BASE, "--trainer.max_epochs=1", *stop, "--ckpt_path=last"])
    assert "trainer.callbacks" not in capsys.readouterr().err
    assert len(config_of(tmp_path)["trainer"]["callbacks"]) == 1


def test_an_option_of_the_optimiser_that_is_left_out_has_its_default_again(tmp_path: Path) -> None:
    nesterov = '--model.optimizer_options={"nesterov": true}'
    main(["fit", *BASE, "--model.momentum=0.5", nesterov, "--trainer.max_epochs=1", f"--runs_dir={tmp_path}"])
    assert group_of(tmp_path)["nesterov"] is True
    main(resume(tmp_path, "--model.optimizer_options=null", "--trainer.max_epochs=2"))
    assert group_of(tmp_path)["nesterov"] is False


def test_options_of_another_run_are_refused(runs: Path, tmp_path: Path, refused: Refused) -> None:
    last = folder_of(runs) / "checkpoints" / "last.ckpt"
    assert f"--name other does not match {folder_of(runs)}" in refused("fit", f"--ckpt_path={last}", "--name=other")
    assert "--runs_dir" in refused("fit", f"--ckpt_path={last}", f"--runs_dir={tmp_path / 'new'}")
    (folder_of(runs) / "run.json").write_text(json.dumps({}))
    assert "is a run of a study; `hw1 study run` resumes it" in refused("fit", f"--ckpt_path={last}")
