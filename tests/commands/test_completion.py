"""`hw1 completion`: the scripts complete what a shell asks for."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import shtab

from hw1_lightning.cli import main
from hw1_lightning.commands.completion import SHELLS, command_tree
from hw1_lightning.commands.parser.subcommands import COMMANDS
from tests.conftest import Capture, Refused

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The script for each shell."""
    folder, tree = tmp_path_factory.mktemp("scripts"), command_tree()
    files = {shell: folder / shell for shell in SHELLS}
    for shell, file in files.items():
        file.write_text(shtab.complete(tree, shell))
    return files


QUESTIONS = [
    ("", [*COMMANDS]),
    ("fit --model.drop", ["--model.dropout"]),
    ("fit --data.source.im", ["--data.source.image_size"]),
    ("fit --model Log", ["LogisticRegression"]),
    ("fit --model.activation ", ["relu", "tanh"]),
    ("fit --model.help M", ["MLP"]),
    ("fit --data.source D", ["Diabetes", "Digits"]),
    ("fit --trainer.callbacks Ear", ["EarlyStopping"]),
    ("fit --test_weights ", ["best", "final"]),
    ("fit --train_accuracy t", ["true"]),
    ("fit --config dro", ["dropout"]),
    ("fit --config my_", ["my_config.yaml"]),
    ("fit --config mlp --config data/", ["data/digits", "data/landscapes"]),
    ("predict --pict", ["--pictures"]),
    ("test --ckpt_path my_", ["my_config.yaml"]),
    ("study ", ["plan", "report", "run"]),
    ("study run ti", ["tiny"]),
    ("study run x.yaml --work", ["--workers"]),
    ("study report ", ["first", "second"]),
    ("configs --co", ["--copy"]),
    ("completion ", ["bash", "fish", "zsh"]),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "my_config.yaml").touch()
    for name in ("first", "second"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(("typed", "offered"), QUESTIONS, ids=[typed or "nothing" for typed, _ in QUESTIONS])
def test_bash_completes(typed: str, offered: list[str], scripts: dict[str, Path], folder: Path) -> None:
    words = ["hw1", *shlex.split(typed), *([""] if typed.endswith(" ") or not typed else [])]
    asked = f"source {scripts['bash']}; COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}; _shtab_hw1"
    command = ["bash", "--norc", "-c", f"{asked}; printf '%s\\n' \"${{COMPREPLY[@]}}\""]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert sorted(done.stdout.split()) == sorted(offered)


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
@pytest.mark.parametrize(("typed", "offered"), QUESTIONS, ids=[typed or "nothing" for typed, _ in QUESTIONS])
def test_fish_completes(typed: str, offered: list[str], scripts: dict[str, Path], folder: Path) -> None:
    command = ["fish", "--no-config", "-c", f"source {scripts['fish']}; complete -C {shlex.quote('hw1 ' + typed)}"]
    done = subprocess.run(command, cwd=folder, env={**os.environ, "HOME": str(folder)}, capture_output=True, text=True)
    assert sorted(line.partition("\t")[0] for line in done.stdout.splitlines()) == sorted(offered), done.stderr


@pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh")
def test_zsh_reads_the_script_and_it_holds_the_same(scripts: dict[str, Path]) -> None:
    subprocess.run(["zsh", "-n", scripts["zsh"]], check=True)
    text = scripts["zsh"].read_text()
    assert '"--model.dropout[' in text
    assert re.search(r"[( ]LogisticRegression [\w ]*MLP [\w ]*Perceptron", text)  # other tests may have made models
    assert "_alternative 'shipped:shipped config:(batch_size dropout" in text


def test_the_command_prints_the_script(scripts: dict[str, Path], capsys: Capture) -> None:
    assert main(["completion", "bash"]) == 0
    assert capsys.readouterr().out == scripts["bash"].read_text() + "\n"


def test_an_unknown_shell_is_refused_and_help_says_where_scripts_go(refused: Refused, capsys: Capture) -> None:
    assert "shell is 'csh'; allowed are bash, zsh, fish" in refused("completion", "csh")
    with pytest.raises(SystemExit):
        main(["completion", "--help"])
    text = capsys.readouterr().out
    assert all(line in text for line in SHELLS.values())
