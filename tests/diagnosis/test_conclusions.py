"""Conclusions from made-up runs whose right answer is known."""

import math
from collections.abc import Mapping

import pytest

from hw1_lightning.diagnosis.answers import ExperimentAnswer
from hw1_lightning.diagnosis.catalogue.entry import Change, Reading
from hw1_lightning.diagnosis.conclusions import conclude
from hw1_lightning.diagnosis.hypotheses import UNKNOWN, Hypothesis
from hw1_lightning.diagnosis.outcome import Outcome
from hw1_lightning.diagnosis.ranking import Tried, programs_of, rank
from hw1_lightning.diagnosis.reported import Experiment, Number
from hw1_lightning.diagnosis.weighing import CorrectRuns, evidence_of, how_reproduced

EXAMPLES = {"train": 12630, "val": 1404, "test": 3000}


def outcome(val: float, test: float) -> Outcome:
    return Outcome({"val/accuracy": (0.1, val)}, {"test/accuracy": test})


# Correct programs: 0.5264 and 0.5247 with the seed, whatever the machine; other seeds differ by about 0.01.
CORRECT = CorrectRuns(
    outcome(0.5264, 0.5247),
    (
        [outcome(0.5264, 0.5247)] * 3,
        [outcome(0.5264 + d, 0.5247 + d / 2) for d in (-0.003, 0.002, 0.004)],
        [outcome(0.5264 + d, 0.5247 + d / 2) for d in (-0.012, -0.004, 0.003, 0.01, 0.008)],
    ),
    EXAMPLES,
)


def reported(**values: float) -> Experiment:
    numbers = tuple(Number(f"{name}/accuracy", value, 0.0001) for name, value in values.items())
    return Experiment("made up", ("logistic_regression",), {}, numbers)


def hypothesis(name: str, readings: tuple[Reading, ...] = ()) -> Hypothesis:
    return Hypothesis((name,), Change(f"{name} in words", readings=readings), 0.01)


def answer(experiment: Experiment, runs: Mapping[str, Outcome], correct: CorrectRuns = CORRECT) -> ExperimentAnswer:
    evidence = evidence_of(experiment, correct)
    return conclude(evidence, rank(evidence, [Tried(hypothesis(name), run) for name, run in runs.items()]))


TWICE, LARGE = outcome(0.4751, 0.4827), outcome(0.5306, 0.5443)


def test_equal_digits_are_reproduced() -> None:
    found = answer(reported(val=0.5264, test=0.5247), {"twice": TWICE})
    assert (found.verdict, found.how, found.candidates) == ("reproduced", "digits", ())
    assert [each.verdict for each in found.numbers] == ["reproduced"] * 2


def test_one_example_more_is_rounding() -> None:
    found = answer(reported(val=0.5271, test=0.5247), {"twice": TWICE})
    assert (found.verdict, found.how) == ("reproduced", "rounding")


def test_two_numbers_to_the_digit_explain() -> None:
    found = answer(reported(val=0.4751, test=0.4827), {"other": LARGE, "twice": TWICE})
    assert (found.verdict, found.how) == ("explained", None)
    assert found.candidates[0].mistakes == ("twice",)
    assert found.candidates[0].speaking == 2
    assert found.candidates[0].log10_ratio > 4
    assert [each.explained for each in found.numbers] == [0.4751, 0.4827]
    assert [each.correct for each in found.numbers] == [0.5264, 0.5247]


def test_a_single_number_that_another_seed_gives_names_nothing() -> None:
    found = answer(reported(val=0.5306), {"mistake": outcome(0.5306, 0.5290)})
    assert (found.verdict, found.how) == ("reproduced", "random numbers")


def test_a_norm_that_float32_changes_names_nothing() -> None:
    """A correct program in float32 had 3.1633 instead of 3.1637, and looked like one without a bias."""

    def run(norm: float, apart: float = 0.0) -> Outcome:
        curves = {"val/accuracy": (0.5264 + apart,), "weights/l2_norm": (norm,)}
        return Outcome(curves, {"test/accuracy": 0.5247 + apart})

    seeds = [run(3.1590, 0.01), run(3.1660, -0.01), run(3.1620, 0.004)]
    correct = CorrectRuns(run(3.1637), ([run(3.1637)] * 3, seeds, seeds), EXAMPLES)
    for norm, verdict in ((3.1633, "reproduced"), (3.1437, "explained")):
        numbers = (*reported(val=0.5264, test=0.5247).numbers, Number("weights/l2_norm", norm, 0.0001))
        found = answer(Experiment("a", (), {}, numbers), {"bias missing": run(norm)}, correct)
        assert found.verdict == verdict
        assert [each.verdict for each in found.numbers[:2]] == ["reproduced"] * 2


def test_two_mistakes_with_the_same_numbers_are_several() -> None:
    found = answer(reported(val=0.4751, test=0.4827), {"one": TWICE, "another": TWICE})
    assert found.verdict == "several"
    assert {each.mistakes[0] for each in found.candidates} == {"one", "another"}
    assert sum(each.probability for each in found.candidates) > 0.95


def test_numbers_far_from_everything_are_unexplained() -> None:
    found = answer(reported(val=0.3111, test=0.3123), {"twice": TWICE, "other": LARGE})
    assert (found.verdict, found.candidates) == ("unexplained", ())
    assert [(each.nearest, each.nearest_change) for each in found.numbers] == [
        (0.4751, "twice in words"),
        (0.4827, "twice in words"),
    ]


def test_one_program_is_the_nearest_to_all_numbers_of_an_experiment() -> None:
    """Each of many programs may be near one number by chance; with equal spreads the sum of distances decides."""
    found = answer(reported(val=0.3, test=0.3), {"near one": outcome(0.3, 0.9), "near both": outcome(0.35, 0.25)})
    assert found.verdict == "unexplained"
    assert {each.nearest_change for each in found.numbers} == {"near both in words"}
    found = answer(reported(val=0.9, test=0.9), {"diverged": outcome(math.nan, 0.9), "far": outcome(0.1, 0.1)})
    assert [(each.nearest, each.nearest_change) for each in found.numbers] == [(0.5264, ""), (0.5247, "")]


def test_accuracies_that_are_not_shares_of_the_data_make_an_unknown_program_likelier() -> None:
    """0.4694 = 659 / 1404 and 0.4807 = 1442 / 3000; 0.4697 is not a share: it comes from other data."""
    shares, others = (evidence_of(reported(val=v, test=t), CORRECT) for v, t in ((0.4694, 0.4807), (0.4697, 0.4805)))
    assert (shares.unknown, others.unknown) == (UNKNOWN, 50 * UNKNOWN)
    assert others.spreads[0].unit == 0.0001, "it says as much as its digits"
    tried = [Tried(hypothesis("near"), outcome(0.4694, 0.4807))]
    (_, near), (_, far) = rank(shares, tried)[0], rank(others, tried)[0]
    assert (near.probability > 0.99, far.probability < 0.5) == (True, True)


def test_an_unknown_mistake_may_be_like_a_known_one() -> None:
    """Both numbers are as far from the known mistake as those of few seeds, and less far than those of correct runs."""
    slow = {"slow": outcome(421 / 1404, 0.30)}
    found = answer(reported(val=0.3298, test=0.3150), slow)
    assert (found.verdict, found.numbers[0].nearest_change) == ("unexplained", "slow in words")
    assert answer(reported(val=0.2999, test=0.3), slow).verdict == "explained", "to the digit"
    evidence = evidence_of(reported(val=0.3298, test=0.3150), CORRECT)
    assert evidence.weigh_unknown([]) == pytest.approx(0.0), "nothing is known of it"
    programs = [programs_of(Tried(hypothesis("slow"), run), evidence) for run in slow.values()]
    assert evidence.weigh_unknown(programs) > math.log(10)
    assert evidence.weigh_unknown([*programs, evidence.programs]) < evidence.weigh_unknown(programs)


def test_a_mistake_that_changes_nothing_explains_nothing() -> None:
    found = answer(reported(val=0.4751, test=0.4827), {"harmless": CORRECT.base})
    assert (found.verdict, found.candidates) == ("unexplained", ())


def test_chaotic_programs_are_never_called_mistaken() -> None:
    """At a learning rate of 0.1, correct programs with one seed differ by whole percents."""
    rounded = [outcome(v, v) for v in (0.35, 0.41, 0.33)]
    others = [outcome(v, v) for v in (0.24, 0.38, 0.3, 0.42, 0.36)]
    chaotic = CorrectRuns(outcome(0.29, 0.28), (rounded, others, others), EXAMPLES)
    found = answer(reported(val=0.3889, test=0.3807), {"mistake": outcome(0.3889, 0.3807)}, chaotic)
    assert (found.verdict, found.how) == ("reproduced", "rounding")


def test_curves_count_as_few_numbers() -> None:
    """A hundred epochs that differ by a coherent two standard deviations are not a hundred proofs."""
    curve = tuple(0.5 + 0.001 * i for i in range(100))
    shifted = [Outcome({"val/accuracy": tuple(v + d for v in curve)}, {}) for d in (-0.01, 0.01, 0.004, -0.004, 0.0)]
    base = Outcome({"val/accuracy": curve}, {})
    correct = CorrectRuns(base, ([base] * 3, [base] * 3, shifted), EXAMPLES)
    shares = [round((v + 0.016) * EXAMPLES["val"]) / EXAMPLES["val"] for v in curve]
    numbers = tuple(Number("val/accuracy", v, 0.0001, epoch) for epoch, v in enumerate(shares, 1))
    mistaken = Outcome({"val/accuracy": tuple(v + 0.02 for v in curve)}, {})
    found = answer(Experiment("made up", (), {}, numbers), {"mistake": mistaken}, correct)
    assert (found.verdict, found.how) == ("reproduced", "random numbers")


def test_a_loss_that_is_defined_in_another_way_does_not_hide_what_is_reproduced() -> None:
    base = Outcome({"val/accuracy": (0.5264,), "val/loss": (1.4,)}, {"test/accuracy": 0.5247})
    correct = CorrectRuns(base, ([base] * 3, [base] * 3, [base] * 5), EXAMPLES)
    right = reported(val=0.5264, test=0.5247)
    numbers = (*right.numbers, Number("val/loss", 1.7, 0.0001))
    found = answer(Experiment("made up", (), {}, numbers), {"twice": TWICE}, correct)
    assert (found.verdict, found.how) == ("reproduced", "rounding")
    assert [each.verdict for each in found.numbers] == ["reproduced", "reproduced", "unexplained"]


def test_most_numbers_must_be_usual() -> None:
    base = Outcome({"val/accuracy": (0.5264,), "val/loss": (1.4,)}, {"test/accuracy": 0.5247})
    correct = CorrectRuns(base, ([base] * 3, [base] * 3, [base] * 5), EXAMPLES)
    numbers = (*reported(val=0.1, test=0.1).numbers, Number("val/loss", 1.4, 0.0001))
    assert answer(Experiment("made up", (), {}, numbers), {"twice": TWICE}, correct).verdict == "unexplained"


def test_diverged_programs_explain_nothing() -> None:
    nan = Outcome({"val/accuracy": (math.nan,)}, {})
    assert answer(reported(val=0.3111), {"diverged": nan}).verdict == "unexplained"
    assert how_reproduced(evidence_of(reported(val=0.3111), CORRECT)) is None


def test_readings_take_other_numbers_of_a_run() -> None:
    run = Outcome({"val/accuracy": (0.4, 0.6, 0.5), "val/loss": (1.0, 2.0, 3.0)}, {"test/accuracy": 0.55})
    val, loss, test = (Number(name, 0.0, 0.1) for name in ("val/accuracy", "val/loss", "test/accuracy"))
    assert [run.value(each) for each in (val, loss, test)] == [0.5, 3.0, 0.55]
    assert [run.value(each, ("best epoch",)) for each in (val, loss, test)] == [0.6, 2.0, 0.55]
    assert run.value(Number("val/accuracy", 0.0, 0.1, epoch=2)) == 0.6
    assert math.isnan(run.value(Number("val/accuracy", 0.0, 0.1, epoch=4)))
