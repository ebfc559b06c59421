"""What mistaken programs give, how far they differ from themselves, and which one is nearest."""

import math

import pytest

from hw1_lightning.diagnosis.catalogue import steps, values
from hw1_lightning.diagnosis.conclusions import conclude
from hw1_lightning.diagnosis.hypotheses import hypotheses, pairs
from hw1_lightning.diagnosis.outcome import Outcome
from hw1_lightning.diagnosis.ranking import Tried, programs_of, rank
from hw1_lightning.diagnosis.reported import Experiment, Number
from hw1_lightning.diagnosis.weighing import CorrectRuns, evidence_of
from tests.diagnosis.test_conclusions import CORRECT, EXAMPLES, TWICE, hypothesis, outcome, reported


def test_a_mistaken_program_differs_from_itself_by_the_root_mean_square_over_epochs() -> None:
    """Differences of 0.03 and 0.04 in two epochs: the root mean square is 0.05 / sqrt(2)."""
    base = Outcome({"val/accuracy": (0.5, 0.6)}, {"test/accuracy": 0.6})
    curve = [Number("val/accuracy", value, 0.0001, epoch) for epoch, value in ((1, 0.3), (2, 0.4))]
    experiment = Experiment("a", (), {}, (*curve, Number("test/accuracy", 0.5, 0.0001)))
    evidence = evidence_of(experiment, CorrectRuns(base, ([base], [base], [base]), EXAMPLES))
    first = Outcome({"val/accuracy": (0.30, 0.40)}, {"test/accuracy": 0.5})
    again = Outcome({"val/accuracy": (0.33, 0.36)}, {"test/accuracy": 0.5})
    own = [each.own for each in programs_of(Tried(hypothesis("a"), first, again), evidence)]
    assert own == pytest.approx([0.05 / math.sqrt(2)] * 2 + [0.0])
    assert [each.own for each in programs_of(Tried(hypothesis("a"), first), evidence)] == [0.0] * 3


def test_right_by_chance_varies_as_the_share_of_the_test_examples() -> None:
    """Two programs, each right by chance in a fifth of 3,000 examples: variance 2 * 0.2 * 0.8 / 3000."""
    evidence = evidence_of(reported(val=0.5264, test=0.2), CORRECT)
    tried = Tried(hypothesis("labels", ("test by chance",)), outcome(0.5264, 0.2))
    assert [each.own for each in programs_of(tried, evidence)] == pytest.approx([0.0, math.sqrt(0.32 / 3000)])


def test_the_rank_counts_a_mistake_of_another_experiment() -> None:
    evidence = evidence_of(reported(val=0.4751, test=0.4827), CORRECT)
    tried = [Tried(hypothesis("one"), TWICE), Tried(hypothesis("another"), TWICE)]
    first, second = rank(evidence, tried, {"another"})
    assert first[1].mistakes == ("another",)
    assert first[1].probability == pytest.approx(10 * second[1].probability)


def test_the_nearest_program_is_near_to_each_metric_and_a_curve_is_one() -> None:
    """The spreads are equal. By metric, "curve" is 0.05 + 0.3 away and "test" 0.2 + 0; by number 0.8 and 2.0."""
    runs = [Outcome({"val/accuracy": (v,) * 10}, {"test/accuracy": v}) for v in (0.89, 0.91)]
    base = Outcome({"val/accuracy": (0.9,) * 10}, {"test/accuracy": 0.9})
    correct = CorrectRuns(base, ([base], [base], runs), {"val": 1000, "test": 1000})
    curve = tuple(Number("val/accuracy", 0.4, 0.001, epoch) for epoch in range(1, 11))
    evidence = evidence_of(Experiment("a", (), {}, (*curve, Number("test/accuracy", 0.4, 0.001))), correct)
    given = {"curve": (0.45, 0.7), "test": (0.6, 0.4)}
    tried = [
        Tried(hypothesis(name), Outcome({"val/accuracy": (val,) * 10}, {"test/accuracy": test}))
        for name, (val, test) in given.items()
    ]
    found = conclude(evidence, rank(evidence, tried))
    assert found.verdict == "unexplained"
    assert {each.nearest_change for each in found.numbers} == {"test in words"}


def test_adam_is_never_paired_with_a_momentum_which_it_does_not_have() -> None:
    options = {"model": "MLP", "model.learning_rate": 0.002, "data.batch_size": 64, "trainer.max_epochs": 20}
    wanted = [each for each in (*steps.MISTAKES, *values.MISTAKES) if each.name in ("Adam for SGD", "another momentum")]
    found = hypotheses(options, wanted)
    assert {each.mistakes[0] for each in found} == {"Adam for SGD", "another momentum"}
    assert list(pairs(found)) == []
