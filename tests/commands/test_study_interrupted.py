"""Studies that are killed, stopped or started twice."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hw1_lightning.cli import main
from hw1_lightning.runs.folder import exclusive_lock
from tests.commands.studies import TINY, write_study
from tests.conftest import Refused


@pytest.mark.slow
def test_a_killed_study_is_resumed_to_the_same_result(tmp_path: Path, refused: Refused) -> None:
    momentum, config = "{trainer.max_epochs: 120, model.momentum: 0.5}", Path("configs/dropout.yaml").resolve()
    study = write_study(tmp_path / "long.yaml", "{trainer.max_epochs: 120}", momentum, config)
    options = ["study", "run", str(study), "--workers", "2"]
    killed = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-m", "hw1_lightning", *options, "--runs_dir", str(killed)])
    while process.poll() is None and not list(killed.glob("long/*/*/checkpoints/last.ckpt")):
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(0.5)
    assert not list(killed.glob("long/*/*/result.json")), "killed in the middle of its runs, which ended with it"
    error = refused(*options, "--runs_dir", str(killed), "--data.batch_size", "32")
    assert re.search(r"holds [12] unfinished runs? with other options: data.batch_size 64 -> 32;", error)
    main([*options, "--runs_dir", str(killed)])
    main([*options, "--runs_dir", str(tmp_path / "whole")])
    for name in ("a", "b"):
        whole, again = (tmp_path / runs / "long" / name / "seed=01" for runs in ("whole", "killed"))
        assert (whole / "metrics.csv").read_bytes() == (again / "metrics.csv").read_bytes()
        results = [json.loads((folder / "result.json").read_text()) for folder in (whole, again)]
        assert results[0]["test"] == results[1]["test"]


def test_a_study_is_run_by_one_process_at_a_time(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "tiny").mkdir()
    with exclusive_lock(tmp_path / "tiny"):
        assert "another process is using" in refused("study", "run", TINY, "--runs_dir", str(tmp_path))
    assert not list((tmp_path / "tiny").iterdir()), "nothing of the other one's was touched"


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_a_study_with_one_line(number: int, status: int, tmp_path: Path) -> None:
    study = [*f"study run {TINY} --seeds 40 --runs_dir".split(), str(tmp_path)]
    command = [sys.executable, "-m", "hw1_lightning", *study]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    while process.poll() is None and not list(tmp_path.glob("tiny/*/*/result.json")):
        time.sleep(0.05)
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == status
    last = error.strip().splitlines()[-1]
    assert last.startswith("hw1: stopped")
    assert last.endswith("; the same command resumes the study")
    assert "Traceback" not in error
