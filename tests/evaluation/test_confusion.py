import warnings

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from hw1_lightning.evaluation.confusion import class_scores

PAIRS = st.integers(2, 6).flatmap(
    lambda classes: st.tuples(
        st.just(classes),
        st.lists(st.tuples(st.integers(0, classes - 1), st.integers(0, classes - 1)), min_size=1, max_size=60),
    )
)


@given(PAIRS)
def test_scores_are_scikit_learns(case: tuple[int, list[tuple[int, int]]]) -> None:
    classes, pairs = case
    true, predicted = np.array(pairs).T
    labels = list(range(classes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = precision_recall_fscore_support(true, predicted, labels=labels, zero_division=np.nan)
    scores = class_scores(torch.tensor(confusion_matrix(true, predicted, labels=labels)))
    for found, wanted in zip((scores.precision, scores.recall), expected[:2], strict=True):
        np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-12)
    # scikit-learn calls F1 undefined only where a class is neither there nor predicted; so do we
    np.testing.assert_allclose(scores.f1.numpy(), expected[2], rtol=1e-12)


def test_a_hand_worked_case() -> None:
    scores = class_scores(torch.tensor([[3, 1, 0], [2, 2, 0], [0, 0, 0]]))
    np.testing.assert_allclose(scores.precision, [3 / 5, 2 / 3, np.nan])
    np.testing.assert_allclose(scores.recall, [3 / 4, 2 / 4, np.nan])
    np.testing.assert_allclose(scores.f1, [2 * 3 / 9, 2 * 2 / 7, np.nan])
