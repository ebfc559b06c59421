"""Several study files in one command, and names that are not the name of a folder."""

from pathlib import Path

import pytest

from hw1_lightning.cli import main
from tests.commands.studies import CONFIG, TINY, write_finished_tiny, write_study
from tests.conftest import Capture, Refused


def test_several_files_are_all_checked_before_the_first_run(tmp_path: Path, refused: Refused) -> None:
    write_finished_tiny(tmp_path)
    bad = write_study(tmp_path / "bad.yaml", "{}", "{model.weight_decay: -1}")
    good = write_study(tmp_path / "good.yaml", "{}", "{model.weight_decay: 1}")
    runs = ["--runs_dir", str(tmp_path)]
    assert f"{bad}:7: condition 'b'" in refused("study", "run", str(good), str(bad), *runs)
    assert "holds 2 finished runs" in refused("study", "run", str(good), TINY, *runs, "--seeds=1", "--threads=1")
    twin = write_study(tmp_path / "sub/good.yaml", "{}", "{model.weight_decay: 2}")
    assert f"{good} and {twin} are both named 'good'" in refused("study", "plan", str(good), str(twin), *runs)
    both = [str(good), str(bad), "--name", "x", *runs]
    assert "--name is 'x', but there are 2 study files" in refused("study", "run", *both)
    assert not (tmp_path / "good").exists()


@pytest.mark.slow
def test_a_failing_study_does_not_stop_the_others(tmp_path: Path, capsys: Capture) -> None:
    failing = "{trainer.callbacks: [{class_path: ModelCheckpoint, init_args: {dirpath: /dev/null/x}}]}"
    first = write_study(tmp_path / "first.yaml", "{}", failing)
    blocked = write_study(tmp_path / "blocked.yaml", "{}", "{model.weight_decay: 1}")
    last = write_study(tmp_path / "last.yaml", "{}", "{model.weight_decay: 1}")
    (tmp_path / "blocked" / "study.yaml").mkdir(parents=True)
    quick = ["--runs_dir", str(tmp_path), "--trainer.max_epochs=1", "--trainer.limit_train_batches=2"]
    assert main(["study", "run", str(first), str(blocked), str(last), *quick]) == 1
    out, error = capsys.readouterr()
    folders = [tmp_path / name for name in ("first", "blocked", "last")]
    assert out.endswith(
        f"\nexit status  study\n1            {folders[0]}\n2            {folders[1]}\n0            {folders[2]}\n"
    )
    assert f"hw1: error: {folders[1] / 'study.yaml'} cannot be written" in error
    assert len(list(folders[2].glob("*/*/result.json"))) == 2


@pytest.mark.parametrize("name", ["..", ".", "...", ".. ", "a/b", "a\\b", "/tmp", "a\nb", ""])
def test_names_that_lead_out_of_the_runs_are_refused(name: str, tmp_path: Path, refused: Refused) -> None:
    runs, words = ["--runs_dir", str(tmp_path / "runs")], "it must be the plain name of a folder"
    (tmp_path / "study.yaml").write_text("title: t")
    assert words in refused("study", "report", name, *runs)
    if name:  # else it is not given
        assert words in refused("study", "run", TINY, "--name", name, *runs)
        assert words in refused("fit", "--config", str(CONFIG), "--name", name, *runs)
        assert words in refused("fit", "--config", str(CONFIG), "--name", name, "--ckpt_path", "last", *runs)
    assert [path.name for path in tmp_path.iterdir()] == ["study.yaml"]


def test_files_whose_names_lead_out_of_the_runs_are_refused(tmp_path: Path, refused: Refused) -> None:
    runs = ["--runs_dir", str(tmp_path / "deep" / "runs")]
    dots = tmp_path / "...yaml"
    write_study(dots, "{}", "{}")
    assert "name is '..'; it must be the plain name of a folder" in refused("study", "run", str(dots), *runs)
    dots.write_text(CONFIG.read_text())
    assert "name is '..'; it must be the plain name of a folder" in refused("fit", "--config", str(dots), *runs)
    assert [path.name for path in tmp_path.iterdir()] == ["...yaml"]


@pytest.mark.slow
def test_the_command_that_is_offered_can_be_pasted(tmp_path: Path, capsys: Capture) -> None:
    few = ["--seeds=1", "--runs_dir", str(tmp_path / "my runs")]
    assert main(["study", "run", TINY, *few]) == 0
    assert f"view           tensorboard --logdir '{tmp_path / 'my runs' / 'tiny'}'\n" in capsys.readouterr().out
    page = (tmp_path / "my runs" / "tiny" / "report.md").read_text(encoding="utf-8")
    assert "hw1 fit --config=configs/learning_rate.yaml " in page
