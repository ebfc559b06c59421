"""Loss and metrics of a split, gathered stack by stack."""

from collections.abc import Mapping

from torch import Tensor, nn
from torchmetrics import Metric, MetricCollection, SumMetric


class Evaluation(nn.Module):
    """Gathers the mean loss and other metrics of a split; they add up over several processes.

    Args:
        metrics: what is measured beside the loss, by name.

    Attributes:
        examples: how many examples the last finished evaluation had, of all processes.
    """

    def __init__(self, metrics: Mapping[str, Metric]) -> None:
        super().__init__()
        # A NaN must be seen, not left out. (MeanMetric would serve, but without a strategy for NaN torchmetrics 1.9
        # forgets its weights.)
        self.loss_sum = SumMetric(nan_strategy="disable")
        self.count = SumMetric(nan_strategy="disable")
        self.metrics = MetricCollection(dict(metrics))
        self.examples = 0

    def update(self, loss: Tensor, outputs: Tensor, targets: Tensor) -> None:
        """Add a batch: its mean loss, a scalar, its outputs, ``(B, num_outputs)``, and its targets, ``(B, ...)``."""
        self.loss_sum.update(loss * len(targets))
        self.count.update(len(targets))
        self.metrics.update(outputs, targets)

    def finish(self, split: str) -> dict[str, float]:
        """All values by name, such as ``val/loss``; the next batch starts anew."""
        self.examples = int(self.count.compute())
        values = {"loss": self.loss_sum.compute() / self.count.compute(), **self.metrics.compute()}
        for metric in (self.loss_sum, self.count, self.metrics):
            metric.reset()
        return {f"{split}/{name}": value.item() for name, value in values.items()}
