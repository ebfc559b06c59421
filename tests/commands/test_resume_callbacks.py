"""Runs resumed with Lightning's callbacks and precisions: as one longer run, or refused since their state is lost."""

import json
from pathlib import Path

import pytest

from hw1_lightning.cli import main
from tests.conftest import Capture, Refused

BASE = ["fit", "--model=MLP", "--model.hidden_sizes=[8]", "--model.learning_rate=0.05", "--model.dropout=0.2"]
EMA = ["--trainer.callbacks=EMAWeightAveraging"]
SWA = ["--trainer.callbacks=StochasticWeightAveraging", "--trainer.callbacks.swa_lrs=0.01"]


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "options",
    [
        ["--trainer.precision=64-true"],
        ["--trainer.precision=bf16-mixed"],
        ["--trainer.val_check_interval=7"],
        ["--trainer.callbacks=LearningRateFinder", "--trainer.callbacks.num_training_steps=20"],
        ["--trainer.callbacks=GradientAccumulationScheduler", "--trainer.callbacks.scheduling={1: 2}"],
        ["--model.lr_scheduler=ReduceLROnPlateau", '--model.lr_scheduler_options={"patience":0}'],
    ],
    ids=lambda options: options[0],
)
def test_a_resumed_run_is_one_longer_run(options: list[str]) -> None:
    assert main([*BASE, *options, "--name=whole", "--trainer.max_epochs=2"]) == 0
    assert main([*BASE, *options, "--name=part", "--trainer.max_epochs=1"]) == 0
    assert main(["fit", "--name=part", "--ckpt_path=last", "--trainer.max_epochs=2"]) == 0
    whole, part = (Path("runs") / name / "version_0" for name in ("whole", "part"))
    assert (part / "metrics.csv").read_text() == (whole / "metrics.csv").read_text()
    ours, theirs = (json.loads((folder / "result.json").read_text()) for folder in (part, whole))
    assert {name: ours[name] for name in ("final", "best", "test", "steps")} == {
        name: theirs[name] for name in ("final", "best", "test", "steps")
    }


def test_weights_of_64_bits_are_tested_as_they_were_trained(capsys: Capture) -> None:
    assert main([*BASE, "--name=run", "--trainer.max_epochs=1", "--trainer.precision=64-true"]) == 0
    result = json.loads(Path("runs/run/version_0/result.json").read_text())
    assert main(["test", "--ckpt_path=runs/run/version_0/checkpoints/last.ckpt"]) == 0
    again = json.loads(Path("runs/run/version_0/test_last/result.json").read_text())
    assert again["test"] == result["test"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (EMA, "holds the weights that EMAWeightAveraging averaged at the end of training"),
        (SWA, "holds the weights that StochasticWeightAveraging averaged at the end of training"),
        (
            ["--trainer.callbacks=ModelPruning", "--trainer.callbacks.pruning_fn=l1_unstructured"],
            "does not hold the masks of ModelPruning",
        ),
        (["--trainer.callbacks=BatchSizeFinder", "--trainer.callbacks.max_trials=2"], "has chosen the batch size"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
@pytest.mark.filterwarnings("ignore:The `srun` command is available:UserWarning")
def test_lost_state_is_refused(options: list[str], message: str, refused: Refused) -> None:
    assert main([*BASE, *options, "--name=run", "--trainer.max_epochs=1"]) == 0
    before = Path("runs/run/version_0/config.yaml").read_text()
    assert message in refused("fit", "--name=run", "--ckpt_path=last", "--trainer.max_epochs=2")
    assert Path("runs/run/version_0/config.yaml").read_text() == before


@pytest.mark.parametrize(
    ("options", "option"),
    [
        (["--trainer.profiler=SimpleProfiler", "--trainer.profiler.dirpath=gift"], "trainer.profiler.dirpath"),
        (
            ["--trainer.profiler=SimpleProfiler", "--trainer.profiler.filename=../gift/x"],
            "trainer.profiler.filename",
        ),
        (["--trainer.logger=CSVLogger", "--trainer.logger.save_dir=gift"], "trainer.logger.save_dir"),
        (["--trainer.callbacks=ModelCheckpoint", "--trainer.callbacks.dirpath=gift"], "trainer.callbacks.dirpath"),
        (["--trainer.default_root_dir=gift"], "trainer.default_root_dir"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_received_run_writes_nowhere_but_in_its_folder(options: list[str], option: str, refused: Refused) -> None:
    (folder := Path("gift")).mkdir()
    assert main([*BASE, *options, "--name=run", "--trainer.max_epochs=1"]) == 0
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    resume = ["fit", "--name=run", "--ckpt_path=last", "--trainer.max_epochs=2"]
    assert "which is outside the run's folder" in refused(*resume)
    assert not any(folder.iterdir())
    assert main([*resume, *options]) == 0, "what the user gives is the user's"
