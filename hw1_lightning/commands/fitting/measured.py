"""What a trainer has measured, and on which examples of the test split."""

from lightning.pytorch import Trainer

from hw1_lightning.data.arrays import Examples, Split
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.models.base import StackModule


def metrics_of(trainer: Trainer) -> dict[str, float]:
    """Return the scalars that a trainer has logged last."""
    return {name: value.item() for name, value in trainer.callback_metrics.items() if value.numel() == 1}


def tested_part(trainer: Trainer, model: StackModule, data: ArrayDataModule) -> Split | None:
    """Return the examples of the test split that were tested; fewer with ``limit_test_batches``.

    ``None`` if several processes have each tested a part of their share.
    """
    split, count, limit = data.arrays.test, model.evaluation.examples, trainer.limit_test_batches
    if count == len(split) or (isinstance(limit, float) and limit == 1):  # of several processes, each knows its part
        return split
    return Examples(*split.take(slice(0, count))) if trainer.world_size == 1 else None
