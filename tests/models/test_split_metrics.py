import math

import pytest
import torch
from torchmetrics.classification import MulticlassAccuracy

from hw1_lightning.models.split_metrics import Evaluation


def test_batches_of_different_sizes_count_by_their_examples() -> None:
    evaluation = Evaluation({"accuracy": MulticlassAccuracy(3, average="micro")})
    scores = torch.eye(3).repeat(4, 1)
    evaluation.update(torch.tensor(1.0), scores[:9], torch.zeros(9, dtype=torch.int64))
    evaluation.update(torch.tensor(3.0), scores[9:], torch.arange(3))
    assert evaluation.finish("val") == pytest.approx({"val/loss": (9 * 1 + 3 * 3) / 12, "val/accuracy": (3 + 3) / 12})
    evaluation.update(torch.tensor(5.0), scores[:3], torch.arange(3))
    assert evaluation.finish("test") == {"test/loss": 5.0, "test/accuracy": 1.0}, "it starts anew"


def test_a_nan_makes_the_loss_nan() -> None:
    evaluation = Evaluation({})
    evaluation.update(torch.tensor(1.0), torch.zeros(1, 2), torch.zeros(1))
    evaluation.update(torch.tensor(math.nan), torch.zeros(1, 2), torch.zeros(1))
    assert math.isnan(evaluation.finish("val")["val/loss"])
