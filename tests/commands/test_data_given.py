"""A checkpoint records the SHA-256 of its data, and other data are reported."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from hw1_lightning.cli import main
from hw1_lightning.data.sources import Landscapes
from hw1_lightning.runs.checkpoints import read_checkpoint
from tests.conftest import Arrays, Capture, Refused

OPTIONS = ["--model=LogisticRegression", "--data.source=Landscapes", "--trainer.max_epochs=1"]


@pytest.fixture
def run(npz: Path, tmp_path: Path) -> Path:
    """The folder of a run on the small photographs."""
    main(["fit", *OPTIONS, f"--data.source.path={npz}", f"--runs_dir={tmp_path / 'runs'}", "--name=run"])
    return tmp_path / "runs" / "run" / "version_0"


@pytest.fixture
def other(npz_arrays: Arrays, tmp_path: Path) -> Path:
    """The same photographs, except one."""
    npz_arrays["test_images"][0] = 7
    np.savez_compressed(tmp_path / "other.npz", **npz_arrays)
    return tmp_path / "other.npz"


@pytest.mark.slow
def test_other_data_gives_a_warning_in_evaluation_and_an_error_in_training(
    run: Path, npz: Path, other: Path, tmp_path: Path, capsys: Capture, refused: Refused
) -> None:
    old, new = (Landscapes(path).load().sha256 for path in (npz, other))
    for name in ("best.ckpt", "last.ckpt"):
        assert read_checkpoint(run / "checkpoints" / name)["data_sha256"] == old
    best, last = run / "checkpoints" / "best.ckpt", run / "checkpoints" / "last.ckpt"
    differ = (
        f"was trained on data with SHA-256 {old[:12]}..., and this data has {new[:12]}...: examples or splits differ"
    )
    output = f"--output={tmp_path / 'predictions.csv'}"
    for command, *options in (["test"], ["validate"], ["predict", output]):
        capsys.readouterr()
        main([command, f"--ckpt_path={best}", *options])
        assert "warning" not in capsys.readouterr().err
        main([command, f"--ckpt_path={best}", *options, f"--data.source.path={other}"])
        (line,) = capsys.readouterr().err.splitlines()
        assert line == f"hw1: warning: {best} {differ}, so it may have been trained on these"
    more = ["--trainer.max_epochs=2", f"--data.source.path={other}"]
    assert f"{last} {differ}; give the same data, or add --override" in refused("fit", f"--ckpt_path={last}", *more)
    copy = shutil.copy(last, tmp_path / "copy.ckpt")
    fork = ["fit", *OPTIONS, *more, f"--ckpt_path={copy}", f"--runs_dir={tmp_path / 'new'}"]
    assert differ in refused(*fork)
    assert not (tmp_path / "new").exists()
    main(["fit", f"--ckpt_path={last}", *more, "--override"])
    assert f"hw1: data SHA-256 {old[:12]}... -> {new[:12]}... from epoch 2 on" in capsys.readouterr().err
    assert read_checkpoint(last)["data_sha256"] == new
    assert "one run from the start cannot repeat" in refused("fit", f"--config={run / 'config.yaml'}")


@pytest.mark.slow
def test_moved_data_is_the_same_data(run: Path, npz: Path, capsys: Capture) -> None:
    moved = npz.rename(npz.with_name("moved.npz"))
    last = run / "checkpoints" / "last.ckpt"
    main(["fit", f"--ckpt_path={last}", f"--data.source.path={moved}", "--trainer.max_epochs=2"])
    assert f"data.source.path {npz} -> {moved} from epoch 2 on" in capsys.readouterr().err
    assert "SHA" not in (run / "config.yaml").read_text()
