"""The words of a diagnosis, and what it shows of a report's numbers first."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw1_lightning.diagnosis.answers import Verdict
from hw1_lightning.diagnosis.reported import Number
from hw1_lightning.report.diagnosis.findings import main_numbers, named_mistakes, shown_numbers, unexplained
from hw1_lightning.report.diagnosis.text import text_of
from hw1_lightning.report.diagnosis.words import as_reported, in_short, likelihood
from tests.diagnosis.made_up import answer, made_up, number

# Words that would accuse somebody.
ACCUSING = re.compile(r"cheat|fraud|dishonest|copied|plagiar|fake|invent|manipulat|\blied\b|liar", re.IGNORECASE)


@given(ratio=st.floats(2.0, 9.9e8))
def test_a_ratio_is_rounded_down_to_one_digit(ratio: float) -> None:
    found = re.fullmatch(r"([\d,]+) times more likely than", likelihood(math.log10(ratio)))
    assert found is not None
    digits = found[1].replace(",", "")
    assert digits.strip("0") == digits[0]
    unit = 10 ** (len(digits) - 1)
    assert int(digits) * (1 - 1e-5) <= ratio < (int(digits) + unit) * (1 + 1e-5)


@pytest.mark.parametrize(
    ("log10_ratio", "words"),
    [
        (math.log10(2), "2 times more likely than"),
        (3.0, "1,000 times more likely than"),
        (0.29, "about as likely as"),
        (0.0, "about as likely as"),
        (-0.31, "less likely than"),
        (-math.inf, "less likely than"),
        (9.0, "more than 1,000,000,000 times more likely than"),
        (math.inf, "more than 1,000,000,000 times more likely than"),
    ],
)
def test_small_and_large_ratios_are_words(log10_ratio: float, words: str) -> None:
    assert likelihood(log10_ratio) == words


@given(digits=st.integers(0, 6), value=st.integers(0, 10**6))
def test_a_number_is_shown_as_it_was_written(digits: int, value: int) -> None:
    written = f"{value / 10**digits:.{digits}f}"
    assert as_reported(Number("val/loss", float(written), 10.0**-digits)) == (
        written if value < 10**6 or digits else f"{value:g}"
    )


@pytest.mark.parametrize(
    ("value", "resolution", "shown"),
    [
        (0.41730000078678131, 1e-17, "0.4173"),
        (math.nan, 0.1, "diverged"),
        (1e8, 1e8, "1e+08"),
        (0.00123, 1e-5, "0.00123"),
    ],
)
def test_very_long_and_very_large_numbers_are_short(value: float, resolution: float, shown: str) -> None:
    assert as_reported(Number("val/loss", value, resolution)) == shown


def test_the_headline_counts_each_verdict_once() -> None:
    diagnosis = made_up()
    assert in_short(diagnosis) == (
        "Of 6 experiments, 2 are reproduced, 2 are explained by a mistake, "
        "1 has several explanations and 1 is unexplained"
    )
    for verdict, one, two in (
        ("reproduced", "The experiment is reproduced", "All 2 experiments are reproduced"),
        ("several", "The experiment has several explanations", "All 2 experiments have several explanations"),
    ):
        kind: Verdict = "reproduced" if verdict == "reproduced" else "several"
        each = answer("a", kind, [number("val/loss", 1.0, kind, 1.0)])
        assert in_short(replace(diagnosis, experiments=(each,))) == one
        assert in_short(replace(diagnosis, experiments=(each, each))) == two


def test_a_mistake_is_named_once_with_all_its_experiments() -> None:
    (mistake,) = named_mistakes(made_up())
    assert mistake.name == "softmax before cross-entropy"
    assert mistake.evidence == (
        "With it the numbers are 2,000 times more likely than from a correct program on another machine; "
        "4 numbers speak for it."
    )
    assert [(each.name, each.change) for each in mistake.explains] == [
        ("rate 0.001", "softmax is applied twice"),
        ("rate 0.00001", "softmax is applied twice"),
    ]
    assert mistake.explains[0].numbers == (
        "val/accuracy 0.4751: with the mistake the same digits, without it 0.5264",
        "test/accuracy 0.4827: with the mistake the same digits, without it 0.5247",
    )


def test_a_second_explanation_is_not_given_the_numbers_of_the_first() -> None:
    diagnosis = made_up()
    (momentum,) = (each for each in diagnosis.experiments if each.experiment.name == "momentum 0")
    for candidate, numbers in zip(
        momentum.candidates,
        ("val/accuracy 0.5862: with the mistake 0.5871, without it 0.4701", "val/accuracy 0.5862: without it 0.4701"),
        strict=True,
    ):
        finding = replace(diagnosis.findings[0], mistakes=candidate.mistakes, experiments=("momentum 0",))
        (mistake,) = named_mistakes(replace(diagnosis, findings=(finding,)))
        assert mistake.explains[0].change == candidate.change
        assert mistake.explains[0].numbers == (numbers,)


def test_long_curves_are_shown_by_their_last_epochs() -> None:
    slow = made_up().experiments[1]
    assert len(slow.numbers) == 21
    assert [each.number.epoch for each in main_numbers(slow)] == [None]
    without_end = replace(slow, numbers=slow.numbers[1:])
    assert [each.number.epoch for each in shown_numbers(without_end)] == [20]
    few = replace(slow, numbers=slow.numbers[1:6])
    assert [each.number.epoch for each in shown_numbers(few)] == [1, 2, 3, 4, 5]


def test_what_is_open_says_how_far_the_nearest_program_is() -> None:
    lines = unexplained(made_up().experiments[-1])
    assert lines == [
        "val/accuracy is reported as 0.5903; a correct program gives 0.5021, the nearest 0.5306, 0.0597 away",
        "test/accuracy is reported as 0.5350; a correct program diverges",
        "the nearest program: one hidden layer",
    ]
    many = [number("train/loss", 9.0, "unexplained", 1.0, epoch=epoch, nearest=1.0) for epoch in range(1, 6)]
    assert unexplained(answer("a", "unexplained", many)) == [
        "train/loss, epoch 5 is reported as 9.0000; a correct program gives 1.0000, 8.0000 away",
        "and 4 more numbers",
        "no mistaken program is nearer than a correct one",
    ]


def test_the_text_names_everything_and_accuses_nobody() -> None:
    text = text_of(made_up(), 200)
    lines = text.splitlines()
    for line in (
        "report         reports/group_k.yaml: Group K, seed 42",
        "note           the accuracies are read as percentages",
        "mistake        softmax before cross-entropy",
        "  look at      The loss applies softmax itself: remove the one at the end of the model's forward().",
        "  the report   The report may have said that a low learning rate needs more epochs.",
        "reproduced     perceptron: test/accuracy 0.3743, to the last digit",
        "reproduced     batch 64: 2 numbers, within what other random numbers change",
        "(20 numbers of earlier epochs are on the page.)",
    ):
        assert line in lines
    row = "rate 0.001 val/accuracy 0.4751 0.5264 0.0001 0.5281 ± 0.004 0.4751 explained"
    assert row in [" ".join(line.split()) for line in lines]
    first, second = (next(at for at, line in enumerate(lines) if line.split()[:1] == [f"{place}."]) for place in (1, 2))
    assert first + 1 == second
    assert (
        lines[second]
        .strip()
        .startswith("2. sum instead of mean: the loss is a sum over the minibatch; probability 36 %")
    )
    assert "probability 62 %; 100 times more likely than from a correct program on another machine" in lines[first]
    assert not ACCUSING.search(text)
    assert "It is for learning" in text


def test_control_characters_of_a_title_do_not_reach_the_terminal() -> None:
    assert "\\x1b[2J" in text_of(made_up(title="a\x1b[2J\nb"), 120)
    assert "\x1b" not in text_of(made_up(title="a\x1b[2J\nb"), 120)


def test_the_text_is_as_wide_as_the_terminal_and_loses_no_word() -> None:
    wide, narrow = (text_of(made_up(), width).partition("Numbers\n") for width in (1000, 60))
    assert narrow[0].split() == wide[0].split()
    assert max(map(len, narrow[0].splitlines())) <= 60
    labels = [{line[:15] for line in text.splitlines()} for text in (wide[0], narrow[0])]
    assert labels[0] | {" " * 15} == labels[1]


def test_an_explanation_without_details_is_its_name_and_improbable_ones_are_left_out() -> None:
    diagnosis = made_up()
    (momentum,) = (each for each in diagnosis.experiments if each.experiment.name == "momentum 0")
    rate, sums = momentum.candidates
    never = replace(sums, mistakes=("never",), probability=0.009)
    unclear = replace(momentum, candidates=(replace(rate, change=""), sums, never))
    lines = text_of(replace(diagnosis, experiments=(unclear,), findings=()), 200).splitlines()
    assert "               1. rate of another experiment; probability 62 %" in "\n".join(lines)
    assert not any("never" in line for line in lines)
