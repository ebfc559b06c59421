"""Loss and metrics of a split, gathered stack by stack."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torchmetrics import Metric, MetricCollection, SumMetric


class Evaluation(nn.Module):
    """Gathers the mean loss and other metrics of a split; they add up over several processes.

    Without a finite loss there is no other metric either: the accuracy of outputs that are NaN is finite, since argmax
    gives the first class.

    Args:
        metrics: what is measured beside the loss, by name.

    Attributes:
        examples: how many examples the last finished evaluation had, of all processes.
        correct: for each split, ``val`` or ``test``, whether each example was classified correctly when it was last
            evaluated: bool, in the order of evaluation, of this process's examples; empty for regression.
    """

    def __init__(self, metrics: Mapping[str, Metric]) -> None:
        super().__init__()
        # A NaN must be seen, not left out. (MeanMetric would serve, but without a strategy for NaN torchmetrics 1.9
        # forgets its weights.)
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
        """All values by name, such as ``val/loss``; the next batch starts anew."""
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
