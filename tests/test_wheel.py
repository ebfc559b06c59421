"""The wheel: what is in it, and that it runs without the repository."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
# Runs the command from the wheel, and prints where it was imported from.
PROGRAM = "import sys, hw1_lightning.cli as cli; print(cli.__file__); raise SystemExit(cli.main(sys.argv[1:]))"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel and return a folder with its content."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(folder / "site")
    return folder / "site"


def hw1(installed: Path, folder: Path, *args: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", PROGRAM, *args]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    place, _, out = done.stdout.partition("\n")
    assert place == str(installed / "hw1_lightning" / "cli.py")
    return out


def test_all_configs_are_in_the_wheel_and_nothing_else_of_the_repository(installed: Path) -> None:
    names = {path.relative_to(REPOSITORY / "configs") for path in (REPOSITORY / "configs").rglob("*.yaml")}
    folder = installed / "hw1_lightning" / "configs"
    assert {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()} == names
    assert (installed / "hw1_lightning" / "py.typed").is_file()
    top = {path.name.partition("-")[0] for path in installed.iterdir()}
    assert top == {"hw1_lightning"}


def test_a_shipped_config_trains_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    out = hw1(installed, tmp_path, "fit", "--config", "dropout", "--trainer.max_epochs=1")
    assert "val/accuracy" in out
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]
    assert (tmp_path / "runs" / "dropout" / "version_0" / "result.json").is_file()


def test_a_shipped_study_runs_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    out = hw1(installed, tmp_path, "study", "run", "tiny", "--seeds", "1")
    assert "2 runs, 0 of them done already" in out
    assert len(list((tmp_path / "runs" / "tiny").glob("*/seed=01/result.json"))) == 2
    page = (tmp_path / "runs" / "tiny" / "report.md").read_text(encoding="utf-8")
    assert "hw1 fit --config=learning_rate --model.learning_rate=1e-05" in page
    assert str(installed) not in page


def test_hw1_configs_lists_and_copies_what_the_wheel_holds(installed: Path, tmp_path: Path) -> None:
    assert hw1(installed, tmp_path, "configs").startswith("configs: hw1 fit --config NAME\n  batch_size")
    assert hw1(installed, tmp_path, "configs", "--copy", "mine").endswith("files in mine\n")
    assert (tmp_path / "mine" / "dropout.yaml").read_bytes() == (REPOSITORY / "configs" / "dropout.yaml").read_bytes()
