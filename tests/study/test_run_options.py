"""Options of runs as texts, and options that were changed when a run was resumed."""

from pathlib import Path

import pytest

from hw1_lightning.report.reproduction import command_of
from hw1_lightning.study.run_folders import GivenRun
from hw1_lightning.study.run_options import changes_in, flatten, texts

RATE = {"option": "model.learning_rate", "old": 0.1, "new": 0.002, "epoch": 71, "step": 2801, "within_epoch": False}
LONGER = {**RATE, "option": "trainer.max_epochs", "old": 70, "new": 100}


def test_classes_lists_and_nulls_become_texts() -> None:
    config = {
        "model": {"class_path": "torch.nn.Linear", "init_args": {"bias": True, "momentum": None}},
        "trainer": {"callbacks": [{"class_path": "X"}], "logger": False},
        "seed_everything": 3,
        "data": {"source": {"class_path": "hw1_lightning.data.sources.Digits"}, "split_seed": 4},
    }
    assert texts(flatten(config)) == {
        "model": "torch.nn.Linear",
        "model.bias": "true",
        "trainer.callbacks": '[{"class_path": "X"}]',
        "data.source": "Digits",
    }


@pytest.mark.parametrize("history", [None, [], [LONGER], "x", [1], {"a": 1}])
def test_harmless_changes_are_not_listed(history: object) -> None:
    assert changes_in(history) == ""


def test_a_run_with_changed_options_has_a_history_and_no_command() -> None:
    options = {"model.learning_rate": 0.002, "history": [LONGER, RATE]}
    assert texts(options)["history"] == "model.learning_rate 0.1 -> 0.002 from epoch 71 on"
    assert command_of(GivenRun(Path(), options, result=None, problem="", arguments=("--x",))) == ""
