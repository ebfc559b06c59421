"""What a report says: its experiments, each with the numbers that it gives for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# The metrics that a report may give, by the names that `hw1 fit` logs.
METRICS = (
    *("val/accuracy", "test/accuracy", "train/accuracy"),
    *("train/loss", "val/loss", "test/loss", "weights/l2_norm"),
)
# Those that `hw1 fit` has after each epoch; the test split is evaluated after the last one only.
CURVES = tuple(metric for metric in METRICS if not metric.startswith("test/"))

# Options of `hw1 fit` that a diagnosis sets itself, and why.
SET_BY_DIAGNOSIS = {
    **dict.fromkeys(("seed_everything", "data.seed", "dropout_seed"), "`seed` in the report's file is the seed"),
    **dict.fromkeys(("name", "ckpt_path", "trainer.fast_dev_run", "runs_dir"), "every run has its own"),
}


@dataclass(frozen=True)
class Number:
    """One number of a report.

    Args:
        metric: one of ``METRICS``.
        value: an accuracy is a fraction, from 0 to 1.
        resolution: the value of one unit of its last digit: 0.0001 for 0.4750.
        epoch: after which epoch, from 1; ``None`` for the end of training.
    """

    metric: str
    value: float
    resolution: float
    epoch: int | None = None


@dataclass(frozen=True)
class Experiment:
    """One experiment of a report.

    Args:
        name: its name in the report.
        configs: config files, as given to ``--config``.
        options: further options of `hw1 fit` by their dotted names, such as ``trainer.max_epochs``.
        numbers: what the report gives, at least one.
    """

    name: str
    configs: tuple[str, ...]
    options: Mapping[str, Any] = field(hash=False)
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class Report:
    """A report to be diagnosed.

    Args:
        path: its file.
        title: for people.
        seed: that it was made with.
        experiments: at least one.
        notes: what was changed in reading it, such as percent divided by 100; one line each.
    """

    path: Path
    title: str
    seed: int
    experiments: tuple[Experiment, ...]
    notes: tuple[str, ...] = ()
