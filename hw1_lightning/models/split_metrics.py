"""Loss and metrics of a split, summed up batch by batch."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torchmetrics import Metric, MetricCollection, SumMetric


class Evaluation(nn.Module):
    """Computes the mean loss and other metrics of a split, over all processes.

    If the loss is NaN or infinite, all other metrics are NaN. Otherwise the accuracy of NaN outputs would be a finite
    number, since argmax gives the first class.

    Args:
        metrics: what is measured in addition to the loss, by name.

    Attributes:
        examples: number of examples in the last finished evaluation, over all processes.
        correct: for each split, ``val`` or ``test``, whether each example was classified correctly in the last
            evaluation: bool, in order, only this process's examples; empty for regression.
    """

    def __init__(self, metrics: Mapping[str, Metric]) -> None:
        super().__init__()
        # NaN must count, not be skipped. (MeanMetric would do, but then torchmetrics 1.9 ignores its weights.)
        self.loss_sum = SumMetric(nan_strategy="disable")
        self.count = SumMetric(nan_strategy="disable")
        self.metrics = MetricCollection(dict(metrics))
        self.examples = 0
        self.correct: dict[str, Tensor] = {}
        self._correct: list[Tensor] = []

    def update(self, loss: Tensor, outputs: Tensor, targets: Tensor) -> None:
        """Add a batch: its mean loss, a scalar, its outputs, ``(B, num_outputs)``, and its targets, ``(B, ...)``."""
        self.loss_sum.update(loss * len(targets))
        self.count.update(len(targets))
        self.metrics.update(outputs, targets)
        if targets.ndim == 1:  # classes
            self._correct.append(outputs.argmax(1) == targets)

    def finish(self, split: str) -> dict[str, float]:
        """Return all values by name, such as ``val/loss``, and reset them."""
        self.examples = int(self.count.compute())
        loss = (self.loss_sum.compute() / self.count.compute()).item()
        others = {name: value.item() for name, value in self.metrics.compute().items()}
        if not math.isfinite(loss):
            others = dict.fromkeys(others, math.nan)
        for metric in (self.loss_sum, self.count, self.metrics):
            metric.reset()
        self.correct[split] = torch.cat(self._correct).cpu() if self._correct else torch.empty(0, dtype=torch.bool)
        self._correct = []
        return {f"{split}/{name}": value for name, value in {"loss": loss, **others}.items()}
