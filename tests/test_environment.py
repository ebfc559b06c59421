"""Unusual machines: no home, no network, odd paths, Windows line ends, full disks, two processes at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hw1_lightning.cli import main
from hw1_lightning.errors import InputError
from hw1_lightning.runs.checkpoints import AtomicCheckpointIO, read_checkpoint
from hw1_lightning.runs.folder import exclusive_lock
from tests.conftest import Fit, Refused
from tests.data.folder import CLASSES, class_folders

SHORT = ["--config=configs/mlp.yaml", "--model.hidden_sizes=[8]"]
# Without a network, and with files of at most so many bytes.
PRELUDE = """
import resource, socket, sys
def refuse(*args, **kwargs): raise OSError("no network here")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from hw1_lightning.cli import main
raise SystemExit(main(sys.argv[2:]))
"""
MUCH = 10**9


def run(arguments: list[str], folder: Path, most: int = MUCH) -> "subprocess.CompletedProcess[str]":
    """Run hw1 in a process of a user without a home folder, in a folder."""
    environment = {name: value for name, value in os.environ.items() if name != "XDG_CACHE_HOME"}
    environment |= {"HOME": "/proc/none", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", PRELUDE, str(most), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


# What `hw1 fit` prints for every run.
NOTICES = ("hw1: importing", "hw1: training", "hw1: resuming", "hw1: trainer.max_epochs")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc/none cannot be made there")
def test_a_run_needs_no_home_no_network_and_no_plain_path(tmp_path: Path) -> None:
    folder = tmp_path / "Größe & mehr" / "пейзажи"
    class_folders(folder / "photos", dict.fromkeys(CLASSES, 20))
    config = b"model:\n  class_path: MLP\n  init_args:\n    hidden_sizes:\n    - 8\ntrainer:\n  max_epochs: 2\n"
    (folder / "my config.yaml").write_bytes(b"\xef\xbb\xbf" + config.replace(b"\n", b"\r\n"))
    source = ["--data.source=ImageFolder", "--data.source.path=photos", "--data.source.image_size=8"]
    done = run(["fit", "--config=my config.yaml", *source], folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "runs" / "my config" / "version_0" / "result.json").is_file()
    importing, warned, training = done.stderr.splitlines()
    assert importing.startswith("hw1: importing")
    assert training.startswith("hw1: training MLP")
    assert warned.startswith("hw1: warning: decoded images are not cached: /proc/none")


@pytest.mark.slow
def test_a_full_disk_is_reported_and_keeps_the_previous_checkpoint(fit: Fit, tmp_path: Path) -> None:
    options = [*SHORT, "--name=run"]
    last = fit(*options, "--trainer.max_epochs=2")["folder"] / "checkpoints" / "last.ckpt"
    before = last.read_bytes()
    config = Path("configs/mlp.yaml").resolve()
    more = ["fit", f"--config={config}", *options[1:], f"--runs_dir={last.parents[3]}", "--ckpt_path=last"]
    done = run([*more, "--trainer.max_epochs=9"], tmp_path, most=len(before) // 2)
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if not line.startswith(NOTICES)]
    assert len(errors) == 1, done.stderr
    assert "cannot be written: File too large" in done.stderr
    assert "is unchanged" in done.stderr
    assert last.read_bytes() == before
    assert read_checkpoint(last)["epoch"] == 2
    assert not list(last.parent.glob(".*"))
    main([*more, "--trainer.max_epochs=3"])
    assert read_checkpoint(last)["epoch"] == 3


@pytest.mark.slow
def test_a_file_of_curves_that_cannot_be_written_is_reported(fit: Fit, tmp_path: Path) -> None:
    options = ["--config", str(Path("configs/mlp.yaml").resolve()), "--trainer.enable_checkpointing=false"]
    done = run(["fit", *options, "--trainer.max_epochs=500"], tmp_path, most=5000)
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if not line.startswith(NOTICES)]
    assert len(errors) == 1, done.stderr
    assert "File too large" in done.stderr


@pytest.mark.slow
def test_a_kill_during_a_write_keeps_the_previous_file(tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    code = (
        "import os, signal, sys; from hw1_lightning.runs.checkpoints import AtomicCheckpointIO\n"
        "AtomicCheckpointIO().save_checkpoint({'state_dict': {'n': 1}}, sys.argv[1])\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "AtomicCheckpointIO().save_checkpoint({'state_dict': {'n': 2}}, sys.argv[1])\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -9
    assert read_checkpoint(path)["state_dict"] == {"n": 1}
    assert len(list(tmp_path.iterdir())) == 2, "the unfinished file is there"


def test_temporary_files_of_a_killed_process_are_removed(fit: Fit, tmp_path: Path) -> None:
    folder = fit(*SHORT, "--trainer.max_epochs=1", "--name=run")["folder"]
    (folder / "checkpoints" / ".last.ckpt.123.tmp").write_bytes(b"unfinished")
    runs = folder.parents[1]
    main(["fit", *SHORT, "--trainer.max_epochs=2", "--name=run", f"--runs_dir={runs}", "--ckpt_path=last"])
    assert sorted(path.name for path in (folder / "checkpoints").iterdir()) == ["best.ckpt", "last.ckpt"]


@pytest.mark.parametrize("place", ["/proc/none/last.ckpt", "/dev/null/last.ckpt"])
def test_a_folder_that_cannot_be_written_is_reported(place: str) -> None:
    with pytest.raises(InputError, match=f"{place} cannot be written"):
        AtomicCheckpointIO().save_checkpoint({"state_dict": {}}, place)


def test_a_run_is_written_by_one_process_at_a_time(fit: Fit, refused: Refused) -> None:
    folder = fit(*SHORT, "--trainer.max_epochs=1", "--name=run")["folder"]
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    again = ["fit", *SHORT, "--trainer.max_epochs=2", "--name=run", f"--runs_dir={folder.parents[1]}"]
    with exclusive_lock(folder):
        assert f"another process is using {folder}" in refused(*again, "--ckpt_path=last")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert main([*again, "--ckpt_path=last"]) == 0
