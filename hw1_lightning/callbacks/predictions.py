"""What `hw1 predict` leaves behind."""

import csv
from pathlib import Path

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from hw1_lightning.data.loader import Stack
from hw1_lightning.models.classifier import Classifier


class PredictionsCSV(Callback):
    """Writes one row an example: its place in the split, its label, the predicted class and the probability of it.

    For regression: its place, and each output's target and prediction.

    Args:
        path: the file to write; an old one is replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._header: list[str] = []
        self._rows: list[tuple[int | str | float, ...]] = []

    def on_predict_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Forget an earlier prediction."""
        self._rows = []

    def on_predict_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Tensor,
        batch: Stack,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keep the rows of one stack."""
        if not isinstance(pl_module, Classifier):
            self._keep_numbers(batch[1].flatten(0, 1), outputs)
            return
        self._header = ["index", "label", "predicted", "probability"]
        names = pl_module.class_names
        best = outputs.max(1)
        labels = batch[1].flatten().tolist()
        for label, predicted, probability in zip(labels, best.indices.tolist(), best.values.tolist(), strict=True):
            self._rows.append((len(self._rows), names[label], names[predicted], probability))

    def _keep_numbers(self, targets: Tensor, outputs: Tensor) -> None:
        kinds = ("target", "predicted")
        self._header = ["index", *(f"{kind}_{output}" for kind in kinds for output in range(outputs.shape[1]))]
        for numbers in torch.cat([targets.to(outputs), outputs], dim=1).tolist():
            self._rows.append((len(self._rows), *numbers))

    def on_predict_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the file, whole or not at all."""
        temporary = self.path.with_name(self.path.name + ".tmp")
        with temporary.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([self._header, *self._rows])
        temporary.replace(self.path)
        print(f"{len(self._rows)} predictions in {self.path}")
