"""`hw1 verify`: repeats runs and compares their numbers."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from hw1_lightning.cli import main
from tests.conftest import Arrays, Capture, Refused

Verify = Callable[..., tuple[int, dict[str, str], str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of four epochs."""
    runs = tmp_path_factory.mktemp("runs")
    options = ["--config=configs/dropout.yaml", "--model.hidden_sizes=[8]", "--threads=1", "--trainer.max_epochs=4"]
    assert main(["fit", *options, "--seed_everything=7", f"--runs_dir={runs}"]) == 0
    return runs / "dropout" / "version_0"


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    """A copy of the run, to be changed."""
    return shutil.copytree(made, tmp_path / "runs" / "dropout" / "version_0")


@pytest.fixture
def verify(capsys: Capture) -> Verify:
    """Call `hw1 verify`; gives its status, its lines by their first word, and what is on standard error."""

    def call(*args: object) -> tuple[int, dict[str, str], str]:
        capsys.readouterr()
        status = main(["verify", *map(str, args)])
        out, error = capsys.readouterr()
        return status, dict(line.split(maxsplit=1) for line in out.splitlines() if line[0] != " "), error

    return call


def change(run: Path, **options: object) -> None:
    config = yaml.safe_load((run / "config.yaml").read_text())
    (run / "config.yaml").write_text(yaml.safe_dump({**config, **options}))


def edit_metrics(run: Path, epoch: int, column: str, factor: float) -> None:
    lines = [line.split(",") for line in (run / "metrics.csv").read_text().splitlines()]
    place = lines[0].index(column)
    lines[epoch][place] = repr(float(lines[epoch][place]) * factor)
    (run / "metrics.csv").write_text("\n".join(map(",".join, lines)) + "\n")


def test_the_first_three_epochs_are_repeated_bit_identically_and_the_run_is_unchanged(
    run: Path, verify: Verify
) -> None:
    before = {path: path.read_bytes() for path in run.parent.rglob("*") if path.is_file()}
    status, printed, _ = verify(run)
    assert status == 0
    assert printed["run"] == f"{run}: MLP, 4 epochs, finished"
    assert printed["repeated"].startswith("epochs 1 to 3, with seed 7, in ")
    assert {printed[name] for name in ("train/loss", "val/loss", "val/accuracy", "weights/l2_norm")} == {
        "bit-identical"
    }
    assert "test/accuracy" not in printed
    assert printed["agrees"] == "all 12 numbers are bit-identical"
    assert {path: path.read_bytes() for path in run.parent.rglob("*") if path.is_file()} == before


@pytest.mark.slow
def test_all_epochs_include_the_final_and_test_metrics(run: Path, verify: Verify) -> None:
    status, printed, _ = verify(run, "--epochs=all", "--threads=2")
    assert status == 0
    assert printed["repeated"].startswith("epochs 1 to 4 and the test")
    assert printed["threads"].split() == ["1", "2"]
    assert "test/loss" in printed
    result = json.loads((run / "result.json").read_text())
    result["test"]["test/loss"] *= 1.5
    (run / "result.json").write_text(json.dumps(result))
    status, printed, _ = verify(run, "--epochs=all")
    assert status == 1
    assert printed["test/loss"].startswith("differs at the end: ")
    assert printed["differs"] == "test/loss: beyond the tolerance of 0.0001"


def test_a_changed_number_is_found_with_its_epoch_and_metric(run: Path, verify: Verify) -> None:
    edit_metrics(run, 2, "val/loss", 1.01)
    edit_metrics(run, 3, "train/loss", 1 + 3e-6)
    status, printed, _ = verify(run)
    assert status == 1
    assert printed["val/loss"].startswith("differs from epoch 2 on: ")
    assert printed["train/loss"].startswith("to 5 digits (most different in epoch 3: ")
    assert printed["val/accuracy"] == "bit-identical"
    assert printed["differs"] == "val/loss: beyond the tolerance of 0.0001"
    assert verify(run, "--epochs=1")[0] == 0
    status, printed, _ = verify(run, "--tolerance=0.02")
    assert (status, printed["agrees"]) == (0, "all 12 numbers, within the tolerance of 0.02")


def test_the_norm_of_an_older_linear_model_is_not_compared(tmp_path: Path, verify: Verify) -> None:
    options = ["--config=configs/learning_rate.yaml", "--trainer.max_epochs=1", f"--runs_dir={tmp_path}"]
    assert main(["fit", *options]) == 0
    run = tmp_path / "learning_rate" / "version_0"
    edit_metrics(run, 1, "weights/l2_norm", 0.9)
    assert verify(run)[0] == 1
    data = yaml.safe_load((run / "config.yaml").read_text())["data"]
    change(run, data={name: value for name, value in data.items() if name != "order"})
    status, printed, _ = verify(run)
    assert status == 0
    assert printed["note"] == "weights/l2_norm is not compared: hw1 0.2.0 and older left the bias out of it"
    assert "weights/l2_norm" not in printed
    assert printed["weights/zero_fraction"] == "bit-identical"


def test_both_versions_and_machines_are_shown(run: Path, verify: Verify) -> None:
    result = json.loads((run / "result.json").read_text())
    result["versions"] |= {"torch": "1.0", "python": "2.7"}
    result["machine"] |= {"processor": "Z80\x1b[31m", "mkl_cbwr": "COMPATIBLE"}
    (run / "result.json").write_text(json.dumps(result))
    printed = verify(run, "--epochs=1")[1]
    assert printed["torch"].startswith("1.0   ")
    assert printed["python"].startswith("2.7   ")
    assert printed["processor"].startswith("Z80\\x1b[31m")
    assert printed["mkl_cbwr"].startswith("COMPATIBLE   ")
    assert "lightning" not in printed


def test_an_unfinished_run_is_compared_as_far_as_it_went(run: Path, verify: Verify) -> None:
    (run / "result.json").unlink()
    status, printed, _ = verify(run, "--epochs=1")
    assert status == 0
    assert printed["run"].endswith("MLP, 4 epochs, not finished")
    assert "SHA-256 and its machine are not known" in printed["note"]
    assert printed["threads"].split() == ["not", "recorded", "1"]


def test_a_diverged_run_can_be_verified(tmp_path: Path, verify: Verify) -> None:
    options = ["--config=configs/mlp.yaml", "--model.learning_rate=1e12", "--trainer.max_epochs=3"]
    assert main(["fit", *options, f"--runs_dir={tmp_path}"]) == 1
    status, printed, error = verify(tmp_path / "mlp" / "version_0")
    assert status == 0
    assert printed["run"].endswith("diverged")
    assert "training diverged in epoch 1" in error


def test_a_schedule_over_all_epochs_is_kept(tmp_path: Path, verify: Verify) -> None:
    schedule = "--model.lr_scheduler=OneCycleLR", '--model.lr_scheduler_options={"max_lr": 0.1, "total_steps": 5}'
    options = ["--config=configs/mlp.yaml", "--model.hidden_sizes=[8]", *schedule, "--trainer.max_epochs=5"]
    assert main(["fit", *options, f"--runs_dir={tmp_path}"]) == 0
    assert verify(tmp_path / "mlp" / "version_0", "--epochs=2")[1]["agrees"] == "all 8 numbers are bit-identical"


def test_missing_and_other_data_are_refused(
    npz: Path, npz_arrays: Arrays, tmp_path: Path, verify: Verify, refused: Refused
) -> None:
    source = ["--data.source=Landscapes", f"--data.source.path={npz}"]
    options = ["--config=configs/learning_rate.yaml", *source, "--trainer.max_epochs=1", f"--runs_dir={tmp_path}"]
    assert main(["fit", *options]) == 0
    run = str(tmp_path / "learning_rate" / "version_0")
    moved, other = npz.rename(tmp_path / "moved.npz"), tmp_path / "other.npz"
    assert f"the data of {run} cannot be found: {npz} does not exist; --data.source.path FILE says" in refused(
        "verify", run
    )
    assert verify(run, f"--data.source.path={moved}")[0] == 0
    npz_arrays["val_labels"] = np.roll(npz_arrays["val_labels"], 1)
    np.savez_compressed(other, **npz_arrays)
    error = refused("verify", run, "--data.source.path", str(other))
    assert "the data on this machine are not those of the run: their SHA-256 is" in error


@pytest.mark.slow
def test_a_run_resumed_on_other_data_is_repeated_on_those_that_it_began_with(
    npz: Path, npz_arrays: Arrays, tmp_path: Path, verify: Verify, capsys: Capture
) -> None:
    source = ["--data.source=Landscapes", f"--data.source.path={npz}"]
    options = ["--config=configs/learning_rate.yaml", *source, "--trainer.max_epochs=1", f"--runs_dir={tmp_path}"]
    assert main(["fit", *options]) == 0
    npz_arrays["train_labels"] = np.roll(npz_arrays["train_labels"], 1)
    np.savez_compressed(tmp_path / "other.npz", **npz_arrays)
    more = ["--trainer.max_epochs=2", f"--data.source.path={tmp_path / 'other.npz'}", "--override"]
    capsys.readouterr()
    assert main(["fit", f"--runs_dir={tmp_path}", "--ckpt_path=last", *more]) == 0
    assert re.search(r"^hw1: data SHA-256 \w{12}\.\.\. -> \w{12}\.\.\. from epoch 2 on$", capsys.readouterr().err, re.M)
    status, printed, _ = verify(tmp_path / "learning_rate" / "version_0")
    assert status == 0
    assert printed["note"] == "data SHA-256 was changed in epoch 2; only earlier epochs can be repeated"
    assert printed["agrees"].endswith("are bit-identical")


def test_a_received_folder_is_only_trained(run: Path, tmp_path: Path, verify: Verify, refused: Refused) -> None:
    config = yaml.safe_load((run / "config.yaml").read_text())
    written = tmp_path / "written"
    trainer = config["trainer"] | {
        "profiler": {
            "class_path": "lightning.pytorch.profilers.SimpleProfiler",
            "init_args": {"dirpath": str(written), "filename": "profile"},
        },
        "callbacks": [
            {"class_path": "lightning.pytorch.callbacks.ModelCheckpoint", "init_args": {"dirpath": str(written)}}
        ],
        "logger": {"class_path": "lightning.pytorch.loggers.CSVLogger", "init_args": {"save_dir": str(written)}},
        "default_root_dir": str(written),
    }
    change(run, trainer=trainer, output=str(written), runs_dir=str(written), name="..")
    status, printed, _ = verify(run, "--epochs=1")
    assert status == 0
    assert printed["note"].startswith("trainer.profiler, trainer.callbacks of the run is left out")
    assert not written.exists()
    change(run, model={"class_path": "lightning.pytorch.demos.boring_classes.BoringModel"})
    assert "model names lightning.pytorch.demos.boring_classes.BoringModel" in refused("verify", str(run))
    change(run, model=config["model"], optimizer={"class_path": "os.system"})
    assert "optimizer names os.system, which is not imported" in refused("verify", str(run))


def test_a_run_resumed_with_other_options_is_repeated_up_to_the_change(run: Path, verify: Verify) -> None:
    config = yaml.safe_load((run / "config.yaml").read_text())
    old = config["model"]["init_args"]["learning_rate"]
    config["model"]["init_args"]["learning_rate"] = 9.0
    one = {"option": "model.learning_rate", "old": old, "new": 9.0, "epoch": 3, "step": 60, "within_epoch": False}
    change(run, model=config["model"], history=[one])
    status, printed, _ = verify(run, "--epochs=all")
    assert status == 0
    assert printed["repeated"].startswith("epochs 1 to 2, with seed 7")
    assert printed["note"] == "model.learning_rate was changed in epoch 3; only earlier epochs can be repeated"


def test_the_last_epoch_of_a_run_that_time_has_ended_is_left_out(run: Path, verify: Verify, refused: Refused) -> None:
    config = yaml.safe_load((run / "config.yaml").read_text())
    change(run, trainer=config["trainer"] | {"max_epochs": None, "max_time": "00:00:01:00"})
    edit_metrics(run, 4, "val/loss", 2)
    status, printed, _ = verify(run, "--epochs=all")
    assert status == 0
    assert printed["repeated"].startswith("epochs 1 to 3, with")
    assert "may have ended the last epoch early" in printed["note"]
    lines = (run / "metrics.csv").read_text().splitlines(keepends=True)
    (run / "metrics.csv").write_text("".join(lines[:2]))
    assert "time ran out in its first epoch, so none can be repeated" in refused("verify", str(run))


def test_unsupported_runs_and_options_are_refused(run: Path, tmp_path: Path, refused: Refused) -> None:
    assert "is not a run's folder: it has no config.yaml" in refused("verify", str(tmp_path))
    assert "unknown option '--model.dropout' of hw1 verify" in refused("verify", str(run), "--model.dropout=0.5")
    assert "--epochs is '0'; it must be a whole number of at least 1, or all" in refused(
        "verify", str(run), "--epochs=0"
    )
    assert "--tolerance is '2'; it must be a number from 0 to below 1" in refused("verify", str(run), "--tolerance=2")
    assert "threads is 0; it must be" in refused("verify", str(run), "--threads=0")
    before = (run / "config.yaml").read_text()
    change(run, ckpt_path="other/last.ckpt")
    (run / "metrics.csv").write_text("epoch,val/loss\n5,0.5\n")  # its first epoch is not 1
    assert "began from the checkpoint other/last.ckpt" in refused("verify", str(run), "--epochs=1")
    (run / "config.yaml").write_text(before)
    (run / "metrics.csv").write_text("epoch,val/loss\n1,abc\n")
    assert "metrics.csv is not a table of numbers" in refused("verify", str(run))
    (run / "metrics.csv").write_text("epoch,val/loss\n")
    assert "holds no epoch to compare with" in refused("verify", str(run))


def test_lightnings_own_callbacks_that_change_numbers_are_repeated(tmp_path: Path, verify: Verify) -> None:
    callbacks = ["--trainer.callbacks=EMAWeightAveraging", "--trainer.callbacks+=LearningRateMonitor"]
    options = ["--model=MLP", "--model.hidden_sizes=[8]", "--trainer.max_epochs=2", f"--runs_dir={tmp_path}"]
    assert main(["fit", *options, *callbacks, "--name=run"]) == 0
    run = tmp_path / "run" / "version_0"
    status, printed, error = verify(run)
    assert (status, printed["val/accuracy"]) == (0, "bit-identical")
    assert "trainer.callbacks of the run is left out" in printed["note"], "the monitor"
    assert "repeating MLP 64-8-10 (610 parameters)" in error
