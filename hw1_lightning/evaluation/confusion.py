"""How well each class is found, from a confusion matrix."""

from dataclasses import dataclass

from torch import Tensor


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
        >>> import torch
        >>> class_scores(torch.tensor([[1, 0], [1, 1]])).recall
        tensor([1.0000, 0.5000], dtype=torch.float64)
    """
    right, true, predicted = matrix.diagonal().double(), matrix.sum(1), matrix.sum(0)
    return ClassScores(right / predicted, right / true, 2 * right / (true + predicted))
