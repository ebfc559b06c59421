"""What a study says of its progress without a terminal."""

import time

import pytest

from hw1_lightning.commands import study_progress


def test_lines_come_while_runs_last_and_stop_with_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_progress, "LINE_SECONDS", 0.05)
    states = ["running"]
    with study_progress.told_now_and_then(lambda: study_progress.progress(states, 2)):
        time.sleep(0.2)
        states[:] = ["done", "running"]
        time.sleep(0.2)
    error = capsys.readouterr().err
    assert error.startswith("hw1: 0 of 2 runs done, 1 running\n")
    assert error.endswith("hw1: 1 of 2 runs done, 1 running\n")
    time.sleep(0.1)
    assert capsys.readouterr().err == ""
