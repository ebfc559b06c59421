"""What predictions of classes get right and wrong, class by class."""

from dataclasses import dataclass

import torch
from torch import Tensor


def confusion_matrix(targets: Tensor, predicted: Tensor, num_classes: int) -> Tensor:
    """Count every pair of true and predicted class.

    Args:
        targets: int64 true classes, shape ``(N,)``.
        predicted: int64 predicted classes, shape ``(N,)``.
        num_classes: number of classes C.

    Returns:
        int64, shape ``(C, C)``: a row for each true class, a column for each predicted one.

    Example:
        >>> confusion_matrix(torch.tensor([0, 1, 1]), torch.tensor([0, 1, 0]), 2)
        tensor([[1, 0],
                [1, 1]])
    """
    return torch.bincount(targets * num_classes + predicted, minlength=num_classes**2).view(num_classes, num_classes)


@dataclass(frozen=True)
class ClassScores:
    """How well each class is found; float64, shape ``(C,)`` each, NaN where there is nothing to divide by.

    Args:
        precision: of those predicted as the class, the share that are.
        recall: of those that are of the class, the share that are predicted so.
        f1: harmonic mean of both (van Rijsbergen, "Information Retrieval", 1979).
    """

    precision: Tensor
    recall: Tensor
    f1: Tensor


def class_scores(matrix: Tensor) -> ClassScores:
    """Precision, recall and F1 of each class.

    Args:
        matrix: a confusion matrix, ``(C, C)``, rows the true classes.

    Example:
        >>> class_scores(torch.tensor([[1, 0], [1, 1]])).recall
        tensor([1.0000, 0.5000], dtype=torch.float64)
    """
    right, true, predicted = matrix.diagonal().double(), matrix.sum(1), matrix.sum(0)
    return ClassScores(right / predicted, right / true, 2 * right / (true + predicted))
