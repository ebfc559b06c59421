"""Logs the training accuracy in evaluation mode after each epoch."""

import math

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.training.lightning_internals import datamodule_of


class TrainAccuracy(Callback):
    """Logs ``train/accuracy``: the accuracy on the whole training split of the weights after the epoch.

    It takes a pass over the split. Unlike an accuracy collected during the epoch it is comparable with
    ``val/accuracy``: the same weights, no dropout. If a score is NaN or infinite, the accuracy is NaN, since argmax
    would predict the first class.
    """

    @torch.no_grad()
    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Log the accuracy of the epoch's weights."""
        assert isinstance(pl_module, Classifier)
        data = datamodule_of(trainer)
        assert isinstance(data, ArrayDataModule)
        pl_module.eval()
        correct = torch.zeros((), dtype=torch.int64, device=pl_module.device)
        finite = torch.ones((), dtype=torch.bool, device=pl_module.device)
        for inputs, targets in data.train_evaluation_dataloader():
            scores = pl_module(inputs.flatten(0, 1).to(pl_module.device))
            correct += (scores.argmax(1) == targets.flatten().to(pl_module.device)).sum()
            finite &= scores.isfinite().all()
        pl_module.train()
        pl_module.record({"train/accuracy": correct.item() / len(data.arrays.train) if finite else math.nan})
