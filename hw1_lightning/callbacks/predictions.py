"""What `hw1 predict` leaves behind."""

import csv
from pathlib import Path

from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from hw1_lightning.data.loader import Stack
from hw1_lightning.models.classifier import Classifier


class PredictionsCSV(Callback):
    """Writes one row an example: its place in the split, its label, the predicted class and the probability of it.

    Args:
        path: the file to write; an old one is replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rows: list[tuple[int, str, str, float]] = []

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
        assert isinstance(pl_module, Classifier)
        names = pl_module.class_names
        best = outputs.max(1)
        labels = batch[1].flatten().tolist()
        for label, predicted, probability in zip(labels, best.indices.tolist(), best.values.tolist(), strict=True):
            self._rows.append((len(self._rows), names[label], names[predicted], probability))

    def on_predict_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the file, whole or not at all."""
        temporary = self.path.with_name(self.path.name + ".tmp")
        with temporary.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("index", "label", "predicted", "probability"), *self._rows])
        temporary.replace(self.path)
        print(f"{len(self._rows)} predictions in {self.path}")
