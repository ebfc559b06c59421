"""A run that was killed and resumed ends like one that was not."""

import random
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks.kills import CASES, command, newest, outputs, resume_option, run_and_kill
from hw1_lightning.cli import main
from tests.conftest import Refused


def without_ends(run: dict[str, Any]) -> dict[str, Any]:
    """Return a run without the test metrics that TensorBoard got at the end of its first part."""
    return {**run, "curves": {tag: points for tag, points in run["curves"].items() if not tag.startswith("test/")}}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(CASES)[:3])
def test_killed_and_resumed_runs_equal_uninterrupted_runs(name: str, tmp_path: Path) -> None:
    main(command(tmp_path / "whole", CASES[name]))
    again = tmp_path / "killed"
    run_and_kill(command(again, CASES[name]), again, random.Random(name).uniform(0.5, 2.0))
    main([*command(again, CASES[name]), *resume_option(again)])
    assert outputs(newest(again)) == outputs(newest(tmp_path / "whole"))


def test_resuming_with_more_epochs_equals_one_longer_run(tmp_path: Path) -> None:
    options = ["--config=configs/dropout.yaml", "--model.momentum=0.9"]
    main(command(tmp_path / "whole", [*options, "--trainer.max_epochs=6"]))
    main(command(tmp_path / "parts", [*options, "--trainer.max_epochs=4"]))
    torch.rand(7)  # whatever happens in between
    main(command(tmp_path / "parts", [*options, "--trainer.max_epochs=6", "--ckpt_path=last"]))
    expected, found = (without_ends(outputs(tmp_path / name / "run" / "version_0")) for name in ("whole", "parts"))
    assert found == expected


def test_resuming_a_finished_run_changes_nothing(tmp_path: Path) -> None:
    options = ["--config=configs/learning_rate.yaml", "--trainer.max_epochs=3"]
    main(command(tmp_path, options))
    before = without_ends(outputs(tmp_path / "run" / "version_0"))
    main(command(tmp_path, [*options, "--ckpt_path=last"]))
    assert without_ends(outputs(tmp_path / "run" / "version_0")) == before
    assert not (tmp_path / "run" / "version_1").exists()


@pytest.mark.parametrize("name", ["best.ckpt", "nothing"])
def test_unsupported_checkpoints_are_refused(name: str, tmp_path: Path, refused: Refused) -> None:
    options = ["--config=configs/learning_rate.yaml", "--trainer.max_epochs=2"]
    if name == "best.ckpt":
        main(command(tmp_path, options))
        path = str(tmp_path / "run" / "version_0" / "checkpoints" / "best.ckpt")
    else:
        path = "last"
    assert "last" in refused(*command(tmp_path, [*options, f"--ckpt_path={path}"]))
