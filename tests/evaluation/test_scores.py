import numpy as np
import torch

from hw1_lightning.data.arrays import Examples
from hw1_lightning.evaluation.scores import examine
from hw1_lightning.models import MLP, LogisticRegression


def test_the_worst_mistakes_are_those_that_a_search_finds() -> None:
    torch.manual_seed(0)
    model = MLP(input_shape=(4,), num_classes=3, hidden_sizes=[5], dropout=0.5)
    split = Examples(torch.randn(300, 4), torch.randint(3, (300,)))
    state = torch.get_rng_state()
    examination = examine(model, split, most=10)
    assert model.training
    assert torch.equal(torch.get_rng_state(), state), "evaluation draws nothing"
    shares = model.eval().probabilities(model(split.inputs)).tolist()
    wrong = [
        (share[true], place)
        for place, (share, true) in enumerate(zip(shares, split.targets.tolist(), strict=True))
        if max(share) > share[true]
    ]
    assert examination.mistakes.tolist() == [place for _, place in sorted(wrong)[:10]]
    for place, said, share in zip(examination.mistakes, examination.predicted, examination.probability, strict=True):
        assert max(shares[place]) == shares[place][said]
        torch.testing.assert_close(torch.tensor(shares[place][said]), share, rtol=1e-5, atol=0)
    assert examination.matrix.sum() == 300
    assert examination.matrix.diagonal().sum() == 300 - len(wrong)


def test_no_mistakes_are_none() -> None:
    model = MLP(input_shape=(1,), num_classes=2, hidden_sizes=[1])
    inputs = torch.randn(20, 1)
    with torch.no_grad():
        targets = model(inputs).argmax(1)
    examination = examine(model, Examples(inputs, targets), most=5)
    assert len(examination.mistakes) == 0
    assert (examination.matrix == examination.matrix.diag().diag()).all()


def test_precision_recall_and_f1_of_a_hand_worked_case() -> None:
    model = LogisticRegression(input_shape=(3,), num_classes=3)
    with torch.no_grad():
        model.linear.weight.copy_(torch.eye(3))
        model.linear.bias.zero_()
    true, predicted = torch.tensor([[0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 0, 0, 1, 1]])
    examination = examine(model, Examples(torch.eye(3)[predicted], true), most=5)
    assert examination.matrix.tolist() == [[3, 1, 0], [2, 2, 0], [0, 0, 0]]
    expected = [(3 / 5, 3 / 4, 2 * 3 / 9, 4), (2 / 3, 2 / 4, 2 * 2 / 7, 4), (np.nan, np.nan, np.nan, 0)]
    np.testing.assert_array_equal(examination.scores, expected)
