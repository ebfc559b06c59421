"""Confusion matrix, scores by class and worst mistakes of a classifier on a split."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torchmetrics.functional.classification import multiclass_confusion_matrix

from hw1_lightning.data.arrays import Split
from hw1_lightning.data.datamodule import EVALUATION_BATCH_SIZE
from hw1_lightning.models.classifier import Classifier


@dataclass(frozen=True)
class ClassifierScores:
    """Results of a classifier on a whole split.

    Args:
        matrix: confusion matrix, int64 ``(C, C)``, rows the true classes.
        mistakes: indices of the worst mistakes in the split, the least probability of the true class first.
        predicted: int64, the class predicted for each mistake.
        probability: the probability of that class.
        by_class: for each class its precision, recall, F1 and number of examples; NaN where undefined.
    """

    matrix: Tensor
    mistakes: Tensor
    predicted: Tensor
    probability: Tensor
    by_class: list[tuple[float, float, float, int]]


@torch.no_grad()
def score_classifier(model: Classifier, split: Split, max_mistakes: int) -> ClassifierScores:
    """Evaluate a classifier on a split, in evaluation mode, without drawing random numbers.

    Args:
        model: the classifier, on any device.
        split: labelled examples.
        max_mistakes: how many mistakes to return at most.

    Returns:
        The results, on the CPU.
    """
    from sklearn.metrics import precision_recall_fscore_support  # imported late: only a test needs it

    training = model.training
    model.eval()
    outputs, targets = [], []
    for start in range(0, len(split), EVALUATION_BATCH_SIZE):
        inputs, labels = split.take(slice(start, start + EVALUATION_BATCH_SIZE))
        outputs.append(model.probabilities(model(inputs.to(model.device))).cpu())
        targets.append(labels.cpu())
    model.train(training)
    probabilities, true = torch.cat(outputs), torch.cat(targets)
    best = probabilities.max(1)
    of_truth = probabilities.gather(1, true[:, None])[:, 0]
    wrong = (best.indices != true).nonzero()[:, 0]
    worst = wrong[of_truth[wrong].argsort(stable=True)][:max_mistakes]
    matrix = multiclass_confusion_matrix(best.indices, true, model.num_classes, validate_args=False)
    columns = precision_recall_fscore_support(
        true.numpy(), best.indices.numpy(), labels=range(model.num_classes), zero_division=math.nan
    )
    by_class = list(zip(*(column.tolist() for column in columns), strict=True))
    return ClassifierScores(matrix, worst, best.indices[worst], best.values[worst], by_class)
