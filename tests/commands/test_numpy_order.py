"""Options of question 1 with other options: resumed runs, other checkpoints, studies."""

from pathlib import Path

import pytest
import torch
from lightning.pytorch.callbacks import ModelCheckpoint

from benchmarks.kills import command, outputs
from hw1_lightning.cli import main
from hw1_lightning.commands.studies.preparation import plan_runs
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.data.sources import Digits
from hw1_lightning.models import MLP
from hw1_lightning.runs.checkpoints import read_checkpoint
from hw1_lightning.runs.metrics_reader import read_metrics
from hw1_lightning.study.reading import read_study
from tests.commands.studies import write_study
from tests.conftest import Fit, Refused
from tests.training.test_training import trainer

NETWORK = ["--config=configs/mlp_online.yaml", "--model.hidden_sizes=[5, 4]", "--model.learning_rate=1e-5"]
OLDER = Path("tests/runs/written_by_0_1/checkpoints/last.ckpt")


def last(folder: Path) -> Path:
    return folder / "run" / "version_0" / "checkpoints" / "last.ckpt"


def test_an_extended_run_continues_the_order_of_its_seed(tmp_path: Path) -> None:
    main(command(tmp_path / "whole", [*NETWORK, "--trainer.max_epochs=4", "--data.seed=7"]))
    main(command(tmp_path / "parts", [*NETWORK, "--trainer.max_epochs=2", "--data.seed=7"]))
    draws = 64 * 5 + 5 * 4 + 4 * 10
    order = read_checkpoint(last(tmp_path / "parts"))["ArrayDataModule"]["order"]
    assert order == {"seed": 7, "draws_before": draws, "epochs": 2}
    main(command(tmp_path / "parts", ["--ckpt_path=last", "--trainer.max_epochs=4"]))
    whole, parts = (outputs(tmp_path / name / "run" / "version_0") for name in ("whole", "parts"))
    assert parts["weights"] == whole["weights"]
    assert parts["metrics"] == whole["metrics"]


@pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty")
def test_a_run_resumed_in_the_middle_of_an_epoch_keeps_the_order(tmp_path: Path) -> None:
    def fit(epochs: int, ckpt_path: Path | None = None) -> MLP:
        torch.manual_seed(1)
        model = MLP(hidden_sizes=[5], init="numpy", input_shape=(8, 8, 1), num_classes=10, input_scale=1 / 16)
        data = ArrayDataModule(Digits(), batch_size=100, steps_per_execution=1, order="numpy")
        often = ModelCheckpoint(tmp_path, "{step}", every_n_train_steps=20, save_top_k=-1)
        run = trainer(max_epochs=epochs, callbacks=[often], enable_checkpointing=True)
        run.fit(model, datamodule=data, ckpt_path=ckpt_path, weights_only=True)
        return model

    whole = fit(3)
    again = fit(3, tmp_path / "step=20.ckpt")  # an epoch has 13 steps
    for ours, theirs in zip(again.parameters(), whole.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_the_order_of_a_run_cannot_change(tmp_path: Path, refused: Refused) -> None:
    main(command(tmp_path, [*NETWORK, "--trainer.max_epochs=1"]))
    longer = ["--trainer.max_epochs=2", "--data.order=torch"]
    error = refused(*command(tmp_path, ["--ckpt_path=last", *longer]))
    assert "data.order cannot change from numpy to torch" in error
    assert "the order of the examples continues with the old generator" in error
    older = refused("fit", f"--ckpt_path={OLDER}", "--data.order=numpy", "--trainer.max_epochs=3")
    assert "data.order cannot change from torch to numpy" in older


def test_a_new_run_from_a_checkpoint_needs_its_kind_of_order(tmp_path: Path, refused: Refused) -> None:
    main(command(tmp_path / "old", [*NETWORK, "--trainer.max_epochs=1"]))
    copied = last(tmp_path / "old").rename(tmp_path / "copied.ckpt")
    new = [*NETWORK, f"--ckpt_path={copied}", "--trainer.max_epochs=2", "--model.init=normal"]
    error = refused(*command(tmp_path / "new", [*new, "--data.order=torch"]))
    assert "--data.order is torch, but the checkpoint continues an order of numpy; give --data.order numpy" in error
    assert not (tmp_path / "new").exists()
    main(command(tmp_path / "new", new))
    main(command(tmp_path / "whole", [*NETWORK, "--trainer.max_epochs=2"]))
    ours, whole = (read_checkpoint(last(tmp_path / name))["state_dict"] for name in ("new", "whole"))
    assert all(torch.equal(value, whole[name]) for name, value in ours.items()), "the checkpoint's own order goes on"


@pytest.mark.parametrize("option", ["--data.order=fortran", "--model.init=fortran"])
def test_other_values_are_refused(option: str, refused: Refused) -> None:
    error = refused("fit", *NETWORK, option)
    assert "numpy" in error
    assert "fortran" in error


def test_either_option_alone_changes_what_it_names(fit: Fit) -> None:
    short = [*NETWORK, "--trainer.max_epochs=1"]
    both = fit(*short)
    order, init = fit(*short, "--model.init=normal"), fit(*short, "--data.order=torch")
    losses = [read_metrics(run["folder"] / "metrics.csv")[0]["train/loss"] for run in (both, order, init)]
    assert len({*losses}) == 3
    states = [read_checkpoint(run["folder"] / "checkpoints" / "last.ckpt")["ArrayDataModule"] for run in (order, init)]
    assert states[0]["order"] == {"seed": 42, "draws_before": 0, "epochs": 1}
    assert isinstance(states[1]["order"], torch.Tensor)


@pytest.mark.parametrize("vary", ["init", "order", "init, order, dropout"])
def test_a_study_gives_each_kind_its_seed(vary: str, tmp_path: Path, fit: Fit) -> None:
    condition = f"\n    {{vary: [{vary}], model.hidden_sizes: [5]}}"
    path = write_study(tmp_path / "study.yaml", "{}", condition, Path("configs/mlp_online.yaml").resolve(), seeds=2)
    jobs = [job for job in plan_runs(read_study(path), 2, [], tmp_path / "runs").jobs if job.condition == "b"]
    found = []
    for job in jobs:
        seeds = [argument for argument in job.arguments if "seed" in argument and "runs" not in argument]
        run = fit("--config=configs/mlp_online.yaml", "--model.hidden_sizes=[5]", *seeds, "--trainer.max_epochs=1")
        found.append(read_checkpoint(run["folder"] / "checkpoints" / "last.ckpt"))
    orders = [checkpoint["ArrayDataModule"]["order"]["seed"] for checkpoint in found]
    assert orders == ([0, 0] if vary == "init" else [1, 2])
    weights = [checkpoint["state_dict"]["layers.0.weight"] for checkpoint in found]
    assert (weights[0] - weights[1]).abs().mean() > (0.05 if vary != "order" else 1e-9)
    assert vary != "order" or (weights[0] - weights[1]).abs().mean() < 0.05, "the same initial weights"
