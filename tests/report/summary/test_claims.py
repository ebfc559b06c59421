"""The evidence for a claim in one sentence."""

from dataclasses import replace

import pytest

from hw1_lightning.report.summary.claims import counts, evidence, headline, judged_claims, number_of_intervals
from hw1_lightning.report.summary.records import ClaimedDifference

ROW = ClaimedDifference(
    study="s",
    claim="c",
    question="2.1",
    says="b is better",
    verdict="supported",
    scope="",
    metric="val/accuracy",
    take="final",
    last=None,
    of="b",
    than="a",
    bound=None,
    higher=True,
    margin=0.01,
    n=10,
    median=0.0312,
    low=0.02,
    high=0.04,
    confidence=0.998,
    p=0.002,
    examples_low=0.011,
    examples_high=0.0523,
    examples_p=0.002,
    outcome="better by more",
    outcome_scope="",
    problem="",
)
BOUND = replace(
    ROW,
    metric="val/loss",
    take="slope",
    last=30,
    than="",
    bound=0.5,
    margin=None,
    examples_low=None,
    median=-0.1,
    low=-0.2,
)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([ROW], "Validation accuracy: b minus a, +0.031 [+0.011 to +0.052]."),
        (
            [replace(ROW, outcome_scope="for these validation examples")],
            "Validation accuracy: b minus a, +0.031 [+0.020 to +0.040].",
        ),
        (
            [ROW, replace(ROW, than="d", outcome="inconclusive", median=0.0, low=-0.1)],
            "Validation accuracy: b minus a, +0.031 [+0.011 to +0.052]; b minus d, +0.000 [-0.100 to +0.040]. "
            "The interval for d contains 0.",
        ),
        (
            [replace(BOUND, higher=False)],
            "Slope per epoch of the validation loss, last 30 epochs: b, 0.4 [0.3 to 0.54], claimed below 0.5.",
        ),
        (
            [replace(BOUND, outcome="inconclusive")],
            "Slope per epoch of the validation loss, last 30 epochs: b, 0.4 [0.3 to 0.54], claimed above 0.5. "
            "The interval contains 0.5.",
        ),
        (
            [replace(ROW, outcome="equivalent")],
            "Validation accuracy: b minus a, +0.031 [+0.011 to +0.052]. "
            "The difference is within ±0.01, which counts as none.",
        ),
        (
            [replace(ROW, outcome="inconclusive", n=5)],
            "Validation accuracy: b minus a, +0.031 [+0.020 to +0.040]. "
            "5 seeds cannot decide one of 21 differences; 10 can.",
        ),
        (
            [replace(ROW, outcome="inconclusive", n=0, median=None, problem="1 of 3 runs of a diverged")],
            "Validation accuracy: b minus a, unknown. No test of b against a: 1 of 3 runs of a diverged.",
        ),
        (
            [replace(ROW, outcome="identical", median=0.0, examples_low=None, low=0.0, high=0.0)],
            "Validation accuracy: b minus a, +0.000 [+0.000 to +0.000]. "
            "The runs of b and a have the same numbers, so nothing is tested.",
        ),
    ],
)
def test_the_sentence_has_the_interval_that_decides(rows: list[ClaimedDifference], sentence: str) -> None:
    assert evidence(rows, 21) == sentence


def test_intervals_are_counted_once() -> None:
    mirrored = replace(ROW, claim="d", of="a", than="b")
    other_bound = replace(BOUND, bound=1.0)
    assert number_of_intervals([ROW, mirrored, BOUND, other_bound]) == 2
    assert number_of_intervals([ROW, replace(ROW, study="t")]) == 2


def test_claims_of_the_report_are_counted_apart_from_our_own() -> None:
    undecided = replace(ROW, claim="u", verdict="undecided", question="1.2b")
    own = replace(ROW, claim="o", question="")
    claims = judged_claims([ROW, own, undecided])
    assert [claim.id for claim in claims] == ["u", "c", "o"]
    assert headline(claims) == "1 of 2 claims of the report holds"
    assert counts(claims) == "2 hold and 1 is undecided"
    assert headline(judged_claims([own])) == "1 of 1 claims holds"
    assert headline(judged_claims([undecided, own])) == "None of 1 claims of the report is decided"
    wrong = replace(ROW, verdict="contradicted")
    assert headline(judged_claims([wrong, undecided])) == "None of 2 claims of the report holds"
    assert headline([]) == "Summary of studies"
