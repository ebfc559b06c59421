"""`hw1` as a process: its first line, its status and all of its output."""

import subprocess
import sys
from pathlib import Path

import pytest

from hw1_lightning.commands.parser.subcommands import COMMANDS
from tests.conftest import Fit


def process(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "hw1_lightning", *args], capture_output=True, text=True, check=False)


def test_help_lists_the_commands_without_importing_torch() -> None:
    code = "import sys; from hw1_lightning.cli import main; main(['--help']); assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert all(f"  {command}" in done.stdout for command in COMMANDS)


def test_the_command_runs_as_a_process(tmp_path: Path) -> None:
    done = process(
        "fit", "--config=configs/logistic_regression.yaml", "--trainer.max_epochs=2", f"--runs_dir={tmp_path}"
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stderr.splitlines()
    assert first == "hw1: importing torch and lightning, which takes a few seconds"
    trained = "LogisticRegression 64-10 (650 parameters) on 1,257 examples of Digits, on the CPU with 1 thread"
    assert second == f"hw1: training {trained}, in {tmp_path}/logistic_regression/version_0"
    assert "test/accuracy" in done.stdout
    assert f"tensorboard --logdir {tmp_path}" in done.stdout
    assert (tmp_path / "logistic_regression" / "version_0" / "result.json").is_file()


def test_a_process_ends_with_its_status_and_all_of_its_output(tmp_path: Path) -> None:
    assert process("nothing").returncode == 2
    assert process("--help").stdout.endswith("lists the options of a command.\n")
    code = (
        "import atexit, hw1_lightning.cli as cli\n"
        "class Large:\n"
        "    def __del__(self): print('freed')\n"
        "large = Large()\n"
        "cli.main = lambda: atexit.register(print, 'later') and 3\n"
        "cli.program()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "later\n")


def test_a_reader_that_closes_the_output_ends_a_command_in_silence(fit: Fit, tmp_path: Path) -> None:
    run = fit("--model=Perceptron", "--trainer.max_epochs=1")["folder"]
    command = f"{sys.executable} -m hw1_lightning test --ckpt_path {run}/checkpoints/best.ckpt | true"
    shell = ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"]
    done = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert done.returncode == 141
    assert done.stderr.splitlines() == ["hw1: importing torch and lightning, which takes a few seconds"]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("fit", True),
        ("predict", True),
        ("study run", True),
        ("study plan", True),
        ("verify", True),
        ("fit --help", False),
        ("data info", False),
    ],
)
def test_the_first_line_is_printed_before_the_imports(command: str, says: bool) -> None:
    code = (
        "import sys; from hw1_lightning import cli\n"
        "cli.import_module = lambda _: sys.exit('torch' in sys.modules)\n"
        "cli.main(sys.argv[1:])"
    )
    done = subprocess.run([sys.executable, "-c", code, *command.split()], capture_output=True, text=True, check=False)
    assert done.returncode == 0, "before torch is imported"
    line = "hw1: importing torch and lightning, which takes a few seconds\n"
    assert done.stderr == (line if says else "")
