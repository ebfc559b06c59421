"""What a classifier gets right and wrong on a split, beyond its accuracy."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torchmetrics.functional.classification import multiclass_confusion_matrix

from hw1_lightning.data.arrays import Split
from hw1_lightning.data.datamodule import EVALUATION_BATCH_SIZE
from hw1_lightning.models.classifier import Classifier


@dataclass(frozen=True)
class Examination:
    """A classifier's answers to a whole split.

    Args:
        matrix: confusion matrix, int64 ``(C, C)``, rows the true classes.
        mistakes: places of the worst mistakes in the split, the least probability of the true class first.
        predicted: int64, the class predicted for each mistake.
        probability: the probability of that class.
        scores: for each class its precision, recall, F1 and number of examples; NaN where undefined.
    """

    matrix: Tensor
    mistakes: Tensor
    predicted: Tensor
    probability: Tensor
    scores: list[tuple[float, float, float, int]]


@torch.no_grad()
def examine(model: Classifier, split: Split, most: int) -> Examination:
    """Let a classifier answer a split; it is in evaluation mode meanwhile, and nothing random is drawn.

    Args:
        model: the classifier; evaluated on the device where it is.
        split: labelled examples.
        most: how many mistakes to name at most.

    Returns:
        Its answers, on the CPU.
    """
    from sklearn.metrics import precision_recall_fscore_support  # imported late: only a test needs it

    training = model.training
    model.eval()
    shares, targets = [], []
    for start in range(0, len(split), EVALUATION_BATCH_SIZE):
        inputs, labels = split.take(slice(start, start + EVALUATION_BATCH_SIZE))
        shares.append(model.probabilities(model(inputs.to(model.device))).cpu())
        targets.append(labels.cpu())
    model.train(training)
    probabilities, true = torch.cat(shares), torch.cat(targets)
    best = probabilities.max(1)
    of_truth = probabilities.gather(1, true[:, None])[:, 0]
    wrong = (best.indices != true).nonzero()[:, 0]
    worst = wrong[of_truth[wrong].argsort(stable=True)][:most]
    matrix = multiclass_confusion_matrix(best.indices, true, model.num_classes, validate_args=False)
    by_class = precision_recall_fscore_support(
        true.numpy(), best.indices.numpy(), labels=range(model.num_classes), zero_division=math.nan
    )
    scores = list(zip(*(column.tolist() for column in by_class), strict=True))
    return Examination(matrix, worst, best.indices[worst], best.values[worst], scores)
