import numpy as np
import torch

from hw1_lightning.data.arrays import Examples
from hw1_lightning.evaluation.scores import score_classifier
from hw1_lightning.models import MLP, LogisticRegression


def test_the_worst_mistakes_are_those_of_a_plain_search() -> None:
    torch.manual_seed(0)
    model = MLP(input_shape=(4,), num_classes=3, hidden_sizes=[5], dropout=0.5)
    split = Examples(torch.randn(300, 4), torch.randint(3, (300,)))
    state = torch.get_rng_state()
    scores = score_classifier(model, split, max_mistakes=10)
    assert model.training
    assert torch.equal(torch.get_rng_state(), state), "no random numbers are drawn"
    shares = model.eval().probabilities(model(split.inputs)).tolist()
    wrong = [
        (share[true], place)
        for place, (share, true) in enumerate(zip(shares, split.targets.tolist(), strict=True))
        if max(share) > share[true]
    ]
    assert scores.mistakes.tolist() == [place for _, place in sorted(wrong)[:10]]
    for place, predicted, share in zip(scores.mistakes, scores.predicted, scores.probability, strict=True):
        assert max(shares[place]) == shares[place][predicted]
        torch.testing.assert_close(torch.tensor(shares[place][predicted]), share, rtol=1e-5, atol=0)
    assert scores.matrix.sum() == 300
    assert scores.matrix.diagonal().sum() == 300 - len(wrong)


def test_a_perfect_classifier_has_no_mistakes() -> None:
    model = MLP(input_shape=(1,), num_classes=2, hidden_sizes=[1])
    inputs = torch.randn(20, 1)
    with torch.no_grad():
        targets = model(inputs).argmax(1)
    scores = score_classifier(model, Examples(inputs, targets), max_mistakes=5)
    assert len(scores.mistakes) == 0
    assert (scores.matrix == scores.matrix.diag().diag()).all()


def test_precision_recall_and_f1_of_a_case_computed_by_hand() -> None:
    model = LogisticRegression(input_shape=(3,), num_classes=3)
    with torch.no_grad():
        model.linear.weight.copy_(torch.eye(3))
        model.linear.bias.zero_()
    true, predicted = torch.tensor([[0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 0, 0, 1, 1]])
    scores = score_classifier(model, Examples(torch.eye(3)[predicted], true), max_mistakes=5)
    assert scores.matrix.tolist() == [[3, 1, 0], [2, 2, 0], [0, 0, 0]]
    expected = [(3 / 5, 3 / 4, 2 * 3 / 9, 4), (2 / 3, 2 / 4, 2 * 2 / 7, 4), (np.nan, np.nan, np.nan, 0)]
    np.testing.assert_array_equal(scores.by_class, expected)
