"""What hw1 uses of Lightning's private parts; pytest runs this file first, so that a new release is named at once."""

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning
import pytest
import torch
from lightning.pytorch.callbacks import DeviceStatsMonitor, ModelCheckpoint, Timer
from lightning.pytorch.cli import LightningCLI
from lightning.pytorch.demos.boring_classes import BoringModel
from lightning.pytorch.profilers import SimpleProfiler
from lightning.pytorch.utilities.compile import from_compiled

from hw1_lightning.runs.checkpoints import read_checkpoint
from hw1_lightning.training import lightning_internals as internals
from tests.training.test_training import fitted, trainer

PACKAGE = Path("hw1_lightning")
FILE = PACKAGE / "training" / "lightning_internals.py"
# Private names of other libraries, and those of hw1 that one class calls in another.
OTHERS = {
    "argparse": {"_actions", "_option_string_actions", "_HelpAction", "_SubParsersAction", "_name_parser_map"},
    "jsonargparse": {"_subcommands_action", "_typehint"},
    "torch": {"_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks"}
    | {"_log_softmax_backward_data"},
    "Python": {"_replace", "_exit"},
    "hw1": {"_parser", "_read_options"},
}


def boring_model() -> BoringModel:
    return BoringModel()


@contextmanager
def as_before() -> Iterator[None]:
    """Fail with what is to be changed if Lightning has changed."""
    try:
        yield
    except Exception as error:
        pytest.fail(f"Lightning {lightning.__version__} has changed; adapt {FILE}: {error!r}")


def private_names(path: Path) -> set[str]:
    """Private attributes of other objects than ``self`` that a file uses."""
    attributes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
    own = ("self", "cls")
    foreign = [node for node in attributes if not (isinstance(node.value, ast.Name) and node.value.id in own)]
    return {node.attr for node in foreign if node.attr.startswith("_") and not node.attr.startswith("__")}


def test_no_other_file_uses_private_parts_of_lightning() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path != FILE:
            text = path.read_text()
            assert private_names(path) <= set().union(*OTHERS.values()), f"{path}: move this to {FILE}"
            for name in private_names(FILE) | {"_trainer", "_automatic_optimization", "_get", "fit_loop", "epoch_loop"}:
                assert not re.search(rf"""[."]{name}\b""", text), f"{path} uses {name}: move this to {FILE}"


@as_before()
def test_options_of_a_trainer() -> None:
    timer = Timer()
    run = trainer(callbacks=[timer], overfit_batches=3, detect_anomaly=True, profiler="simple")
    assert timer in internals.callbacks_of(run)
    assert internals.overfit_batches_of(run) == 3
    assert internals.detects_anomalies(run)
    assert isinstance(internals.profiler_of(run), SimpleProfiler)
    assert not internals.detects_anomalies(trainer())
    assert internals.process_rank() == 0


@as_before()
def test_processes_are_spawned() -> None:
    assert internals.spawns_processes(trainer(strategy="ddp_spawn", devices=2))
    assert not internals.spawns_processes(trainer())


@as_before()
def test_options_of_callbacks() -> None:
    assert internals.saves_within_epochs(ModelCheckpoint(every_n_train_steps=3))
    assert not internals.saves_within_epochs(ModelCheckpoint())
    assert not internals.measures_cpu(DeviceStatsMonitor(cpu_stats=False))
    assert internals.measures_cpu(DeviceStatsMonitor())


@as_before()
def test_the_state_of_a_model() -> None:
    model = boring_model()
    assert not internals.is_attached(model)
    run = trainer()
    internals.set_base_property(model, "trainer", run)
    assert internals.is_attached(model)
    assert model.trainer is run
    internals.set_base_property(model, "automatic_optimization", False)
    assert not model.automatic_optimization
    internals.set_hyperparameters(model, {"size": 3})
    assert model.hparams == {"size": 3}
    assert not internals.is_compiled(model)
    compiled: Any = torch.compile(boring_model(), backend="eager")
    assert internals.is_compiled(from_compiled(compiled))


@as_before()
def test_progress_of_training(tmp_path: Path) -> None:
    _, run = fitted()
    assert internals.datamodule_of(run) is not None
    assert not internals.stopped_within_epoch(run)
    run.save_checkpoint(tmp_path / "last.ckpt")
    checkpoint = read_checkpoint(tmp_path / "last.ckpt")
    assert not internals.is_within_epoch(checkpoint)
    other, manual = trainer(), boring_model()
    manual.automatic_optimization = False
    other.strategy.connect(manual)
    internals.load_progress(other, checkpoint)
    assert (other.current_epoch, other.global_step) == (2, 14)
    internals.count_steps(other, 3)
    assert other.global_step == 17


@pytest.mark.parametrize("stacks", [True, False])
@as_before()
def test_step_counts_of_either_way(stacks: bool, tmp_path: Path) -> None:
    _, run = fitted(k=1 if stacks else 4)
    run.save_checkpoint(tmp_path / "last.ckpt")
    checkpoint: dict[str, Any] = read_checkpoint(tmp_path / "last.ckpt")
    internals.convert_step_counts(checkpoint, stacks)
    other, model = trainer(), boring_model()
    other.strategy.connect(model)
    internals.load_progress(other, checkpoint)
    for model.automatic_optimization in (True, False):
        assert other.global_step == 14


@as_before()
def test_steps_of_the_command_line() -> None:
    for name in ("_add_configure_optimizers_method_to_model", "_parse_ckpt_path", "_get", "_parser"):
        assert callable(getattr(LightningCLI, name, None)), f"LightningCLI has no {name}"
    cli: Any = object.__new__(internals.OpenLightningCLI)
    cli.subcommand = "fit"
    options: Any = {"fit": {"name": "digits"}}
    assert cli.option_in(options, "name") == "digits"
