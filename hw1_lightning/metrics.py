"""The metrics of hw1: their names, whether higher or lower is better, where they are recorded, their figures."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """A number that runs record.

    Args:
        name: its column in metrics.csv, or its key in result.json.
        better: whether ``higher``, ``lower`` or ``neither`` is better.
        recorded: ``curve`` if it has a value for each epoch, in metrics.csv; ``final`` if it has one for each run.
        title: of its figure on a page; empty if it has none.
        caption: what exactly the figure shows.
        share: whether it is at most 1; shares are never drawn on a logarithmic axis.
    """

    name: str
    better: Literal["higher", "lower", "neither"]
    recorded: Literal["curve", "final"] = "curve"
    title: str = ""
    caption: str = ""
    share: bool = False


EXPLAINED = "share of the targets' variance that is explained"
# In the order of figures and of messages.
METRICS = (
    Metric("train/loss", "lower", title="Training loss", caption="mean over the minibatches of an epoch"),
    Metric("val/loss", "lower", title="Validation loss", caption="after each epoch"),
    Metric("val/accuracy", "higher", title="Validation accuracy", caption="after each epoch", share=True),
    Metric("train/accuracy", "higher", title="Training accuracy", caption="after each epoch, dropout off", share=True),
    Metric("weights/l2_norm", "neither", title="Weight norm", caption="Euclidean norm of all weights after each epoch"),
    Metric("weights/zero_fraction", "neither"),
    Metric("val/mse", "lower"),
    Metric("val/r2", "higher", title="Validation R\N{SUPERSCRIPT TWO}", caption=EXPLAINED, share=True),
    Metric("train/excess_loss", "lower", title="Excess loss", caption="training loss minus its global minimum"),
    Metric("test/loss", "lower", "final"),
    Metric("test/accuracy", "higher", "final"),
    Metric("test/mse", "lower", "final"),
    Metric("test/r2", "higher", "final"),
    Metric("seconds_per_epoch", "lower", "final"),
)
BY_NAME = {metric.name: metric for metric in METRICS}
CURVES = tuple(metric.name for metric in METRICS if metric.recorded == "curve")
FINALS = tuple(metric.name for metric in METRICS if metric.recorded == "final")
LOSSES = tuple(name for name in BY_NAME if name.endswith("/loss"))
LOWER_IS_BETTER = frozenset(metric.name for metric in METRICS if metric.better == "lower")
NEITHER_IS_BETTER = frozenset(metric.name for metric in METRICS if metric.better == "neither")
# What models measure next to the loss.
VALIDATED, TESTED = (
    tuple(name for name in BY_NAME if name.startswith(f"{split}/") and name not in LOSSES) for split in ("val", "test")
)
# What runs are compared by, as far as they have recorded it.
HEADLINES = (VALIDATED[0], "val/loss", *VALIDATED[1:])
