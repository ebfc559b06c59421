"""The numbers after each epoch, and what of them a report prints."""

import copy
from typing import Any

from tests.diagnosis.scripts.data import Report


class History:
    """Collects numbers by epoch; with ``best_epoch`` also the model with the best validation accuracy."""

    def __init__(self, best_epoch: bool) -> None:
        self.best_epoch = best_epoch
        self.curves: dict[str, list[float]] = {}
        self.best_model: Any = None

    def add(self, model: Any, numbers: dict[str, float]) -> None:
        accuracies = self.curves.get("val/accuracy", [])
        if self.best_epoch and numbers["val/accuracy"] > max(accuracies, default=-1):
            self.best_model = copy.deepcopy(model)
        for name, value in numbers.items():
            self.curves.setdefault(name, []).append(value)

    def final(self, model: Any) -> tuple[Any, Report]:
        """Return the model to test and all curves; with ``best_epoch`` that epoch's model and numbers."""
        if not self.best_epoch:
            return model, dict(self.curves)
        accuracies = self.curves["val/accuracy"]
        best = accuracies.index(max(accuracies))
        return self.best_model, {name: values[best] for name, values in self.curves.items()}
