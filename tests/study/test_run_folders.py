"""Reading run folders from any source: missing, damaged and malicious files are reported."""

import os
import sys
from pathlib import Path

import pytest

from hw1_lightning.errors import InputError
from hw1_lightning.study.run_folders import read_given
from tests.study.given import change_result, given


def test_a_run_folder_is_read(tmp_path: Path) -> None:
    run = read_given(given(tmp_path / "x"))
    assert (run.problem, run.options["model"], run.options["model.learning_rate"]) == ("", "MLP", 0.1)
    assert run.result is not None
    assert run.result["test"] == {"test/accuracy": 0.49}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("config.yaml", "a: [", "config.yaml cannot be read"),
        ("config.yaml", "- 1", "config.yaml does not hold options"),
        ("config.yaml", "[" * 200, "brackets are nested more than 100 deep"),
        ("config.yaml", "a: &x 1\nb: *x", "aliases"),
        ("config.yaml", "- " * 5000, "config.yaml cannot be read"),
        ("config.yaml", "a: !!python/object/apply:os.mkdir [made]", "could not determine a constructor"),
        ("result.json", "{}", "result.json: status is null"),
        ("result.json", "[" * 100_000, "result.json is damaged"),
        ("metrics.csv", "epoch,train/loss\n1,x\n", "metrics.csv is damaged"),
        ("metrics.csv", "epoch\n1\n", "metrics.csv has 1 row, not one for each of the 4 epochs"),
    ],
)
def test_damaged_files_are_named(
    name: str, text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = given(tmp_path / "x")
    (folder / name).write_text(text)
    run = read_given(folder)
    assert run.result is None
    assert words in run.problem
    assert not (tmp_path / "made").exists()


def test_impossible_numbers_are_damage(tmp_path: Path) -> None:
    folder = given(tmp_path / "x")
    change_result(folder, test={"test/accuracy": 7})
    assert read_given(folder).problem == "result.json: test/accuracy is 7"
    change_result(
        folder,
        test={"test/accuracy": 1},
        data={"source": "s", "sha256": "", "sizes": {"train": 1, "val": 0, "test": 0}},
    )
    assert read_given(folder).problem == "result.json: val/accuracy is given, but the split has no examples"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    folder = given(tmp_path / "x")
    (folder / "metrics.csv").unlink()
    os.mkfifo(folder / "metrics.csv")
    assert read_given(folder).problem == "metrics.csv is not a file of at most 64 MiB"


def test_classes_that_a_config_names_are_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "evil.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = given(tmp_path / "x")
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace("hw1_lightning.models.MLP", "evil.Model"))
    assert read_given(folder).options["model"] == "evil.Model"
    assert "evil" not in sys.modules


def test_what_is_not_a_run_is_refused_with_a_hint(tmp_path: Path) -> None:
    given(tmp_path / "mlp" / "version_0")
    given(tmp_path / "study" / "a" / "seed=01")
    for folder, words in (
        ("none", "none is not a folder; give run folders, such as runs/dropout/version_0"),
        ("mlp/version_0/config.yaml", "config.yaml is not a folder"),
        ("mlp", r"it holds 1 run: give .*mlp/version_\*"),
        ("study", r"it holds 1 run: give .*study/\*/seed=\*"),
        (".", "it has neither config.yaml nor result.json$"),
    ):
        with pytest.raises(InputError, match=words):
            read_given(tmp_path / folder)
