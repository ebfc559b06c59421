"""docs/trainer.md lists all options and callbacks of Lightning, and how steps are taken with each."""

import inspect
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from lightning.pytorch import Trainer, callbacks
from lightning.pytorch.callbacks import Callback

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.models import LogisticRegression
from hw1_lightning.training.watching import why_one_step_at_a_time
from tests.training.test_training import Blobs, trainer

OPTIONS, CALLBACKS = (
    dict(re.findall(r"^\| `(\w+)` \| ([\w ]+) \|", part, re.MULTILINE))
    for part in Path("docs/trainer.md").read_text(encoding="utf-8").split("\n## Callbacks")
)
WAYS = {"in stacks", "one at a time"}
# A value other than the default, supported by CPUs.
VALUES: dict[str, Any] = {
    "precision": "bf16-mixed",
    "max_epochs": 7,
    "min_epochs": 2,
    "max_steps": 7,
    "min_steps": 2,
    "max_time": "00:00:01:00",
    "limit_train_batches": 1,
    "limit_val_batches": 0.5,
    "limit_test_batches": 2,
    "limit_predict_batches": 2,
    "overfit_batches": 2,
    "val_check_interval": 3,
    "check_val_every_n_epoch": 2,
    "num_sanity_val_steps": 0,
    "log_every_n_steps": 3,
    "enable_checkpointing": True,
    "enable_model_summary": True,
    "accumulate_grad_batches": 2,
    "gradient_clip_val": 0.5,
    "gradient_clip_algorithm": "value",
    "benchmark": True,
    "inference_mode": False,
    "use_distributed_sampler": False,
    "profiler": "simple",
    "detect_anomaly": True,
    "reload_dataloaders_every_n_epochs": 1,
    "sync_batchnorm": True,
    "enable_autolog_hparams": False,
}
MADE: dict[str, Callable[[], Callback]] = {
    "BatchSizeFinder": callbacks.BatchSizeFinder,
    "Callback": callbacks.Callback,
    "Checkpoint": callbacks.Checkpoint,
    "DeviceStatsMonitor": callbacks.DeviceStatsMonitor,
    "EarlyStopping": lambda: callbacks.EarlyStopping("val/loss"),
    "EMAWeightAveraging": callbacks.EMAWeightAveraging,
    "GradientAccumulationScheduler": lambda: callbacks.GradientAccumulationScheduler({1: 2}),
    "LambdaCallback": callbacks.LambdaCallback,
    "LearningRateFinder": callbacks.LearningRateFinder,
    "LearningRateMonitor": callbacks.LearningRateMonitor,
    "ModelCheckpoint": callbacks.ModelCheckpoint,
    "ModelPruning": lambda: callbacks.ModelPruning("l1_unstructured"),
    "ModelSummary": callbacks.ModelSummary,
    "OnExceptionCheckpoint": lambda: callbacks.OnExceptionCheckpoint("folder"),
    "ProgressBar": callbacks.ProgressBar,
    "BackboneFinetuning": callbacks.BackboneFinetuning,
    "BaseFinetuning": callbacks.BaseFinetuning,
    "BasePredictionWriter": callbacks.BasePredictionWriter,
    "StochasticWeightAveraging": lambda: callbacks.StochasticWeightAveraging(0.1),
    "SpikeDetection": callbacks.SpikeDetection,
    "ThroughputMonitor": lambda: callbacks.ThroughputMonitor(len),
    "Timer": callbacks.Timer,
    "TQDMProgressBar": callbacks.TQDMProgressBar,
    "WeightAveraging": callbacks.WeightAveraging,
}


def way(**options: Any) -> str:
    """Return how the steps of a run with these options are taken."""
    settings = {"max_epochs": 2, "log_every_n_steps": 1, **options}
    model = LogisticRegression(input_shape=(4,), num_classes=3)
    reason = why_one_step_at_a_time(trainer(**settings), model, ArrayDataModule(Blobs()))
    return "in stacks" if reason is None else "one at a time"


def test_the_tables_list_all_options_and_callbacks_of_lightning() -> None:
    assert set(OPTIONS) == set(inspect.signature(Trainer.__init__).parameters) - {"self"}
    assert set(CALLBACKS) == set(callbacks.__all__)
    assert set(OPTIONS.values()) | set(CALLBACKS.values()) == WAYS
    page = Path("docs/trainer.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^\| `", page, re.MULTILINE)) == len(OPTIONS) + len(CALLBACKS), "no row is there twice"


@pytest.mark.filterwarnings("ignore:The `srun` command is available")
@pytest.mark.parametrize("name", VALUES)
def test_an_option_takes_the_way_that_the_table_says(name: str) -> None:
    assert way(**{name: VALUES[name]}) == OPTIONS[name]


@pytest.mark.filterwarnings("ignore:The `srun` command is available")
@pytest.mark.parametrize("name", MADE)
def test_a_callback_takes_the_way_that_the_table_says(name: str) -> None:
    options: dict[str, Any] = {"enable_checkpointing": True} if name in {"ModelCheckpoint", "Checkpoint"} else {}
    if "Exception" in name:
        options = {"enable_checkpointing": True}
    if "Progress" in name:
        options = {"enable_progress_bar": True}
    if name == "ModelSummary":
        options = {"enable_model_summary": True}
    assert way(callbacks=[MADE[name]()], **options) == CALLBACKS[name]


def test_callbacks_that_require_rich_are_tested_if_it_is_installed() -> None:
    assert set(CALLBACKS) - set(MADE) == {"RichModelSummary", "RichProgressBar"}
    if find_spec("rich") is not None:
        assert way(callbacks=[callbacks.RichProgressBar()], enable_progress_bar=True) == CALLBACKS["RichProgressBar"]
        assert way(callbacks=[callbacks.RichModelSummary()], enable_model_summary=True) == CALLBACKS["RichModelSummary"]
