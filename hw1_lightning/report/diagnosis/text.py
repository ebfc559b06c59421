"""The text of a diagnosis for a terminal."""

import textwrap
from collections.abc import Iterator

from hw1_lightning.diagnosis.answers import Diagnosis, ExperimentAnswer, NumberAnswer
from hw1_lightning.errors import printable
from hw1_lightning.report.diagnosis.findings import (
    described,
    named_mistakes,
    possible,
    reproduced,
    shown_numbers,
    unexplained,
)
from hw1_lightning.report.diagnosis.words import (
    LIMITS,
    VERDICTS,
    as_reported,
    explanation,
    in_short,
    metric_of,
    open_numbers,
    over_seeds,
    spread,
)
from hw1_lightning.report.plain_tables import Table, Value, as_text
from hw1_lightning.study.words import DASH, duration

LABEL, LEAST_ROOM = 15, 25  # characters
HEADS = ("experiment", "metric", "reported", "correct", "± rounding", "other seeds", "with mistake", "verdict")


def text_of(diagnosis: Diagnosis, width: int) -> str:
    """Return the text of a diagnosis.

    Args:
        diagnosis: the answers.
        width: characters per line.
    """
    lines = [_wrapped(f"{label:<{LABEL}}{printable(text)}", width, LABEL) for label, text in _lines(diagnosis)]
    table = as_text(number_table(diagnosis), width)
    return "\n".join([*lines, "", table, *_omitted(diagnosis), "", _wrapped(LIMITS, width)])


def _wrapped(line: str, width: int, indent: int = 0) -> str:
    """Wrap a line between words, below the text after its label."""
    margin, room = " " * indent, max(width, indent + LEAST_ROOM)
    return textwrap.fill(
        line,
        room,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _lines(diagnosis: Diagnosis) -> Iterator[tuple[str, str]]:
    report = diagnosis.report
    yield "report", f"{report.path}: {report.title}, seed {report.seed}"
    yield "data", diagnosis.data
    yield "runs", f"{diagnosis.runs}, {diagnosis.executed} of them executed now, in {duration(diagnosis.seconds)}"
    yield from (("note", note) for note in report.notes)
    yield "in short", f"{in_short(diagnosis)}."
    yield from _mistakes(diagnosis)
    for answer in diagnosis.experiments:
        yield from _answer(answer)


def _mistakes(diagnosis: Diagnosis) -> Iterator[tuple[str, str]]:
    for mistake in named_mistakes(diagnosis):
        yield "", ""
        yield "mistake", mistake.name
        for each in mistake.explains:
            yield "  explains", f"{each.name}: {each.change}" if each.change else each.name
            yield from (("", text) for text in each.numbers)
        yield "  evidence", mistake.evidence
        yield "  look at", mistake.advice
        if mistake.said:
            yield "  the report", mistake.said
    if diagnosis.findings:
        yield "", ""


def _answer(answer: ExperimentAnswer) -> Iterator[tuple[str, str]]:
    name = answer.experiment.name
    if answer.verdict == "reproduced":
        yield "reproduced", f"{name}: {reproduced(answer)}"
    elif answer.verdict == "several":
        yield "several", f"{name}: the numbers do not decide between"
        for place, each in enumerate(possible(answer), 1):
            yield "", f"{place}. {explanation(each)}; {described(each)}"
    if open_numbers(answer):
        first, *rest = unexplained(answer) or [""]
        yield "unexplained", f"{name}: {first}"
        yield from (("", line) for line in rest)


def number_table(diagnosis: Diagnosis) -> Table:
    """Return the table of the numbers; of long curves it has the last ones."""
    rows = [_row(answer, each) for answer in diagnosis.experiments for each in shown_numbers(answer)]
    return Table("Numbers", HEADS, rows)


def _row(answer: ExperimentAnswer, each: NumberAnswer) -> list[Value]:
    number = each.number
    explained = DASH if each.explained is None else as_reported(number, each.explained)
    spreads = [spread(each.rounding_spread), over_seeds(each)]
    values = [as_reported(number), as_reported(number, each.correct), *spreads, explained]
    return [answer.experiment.name, metric_of(number), *values, VERDICTS[each.verdict]]


def _omitted(diagnosis: Diagnosis) -> list[str]:
    omitted = sum(len(answer.numbers) - len(shown_numbers(answer)) for answer in diagnosis.experiments)
    return [f"({omitted} numbers of earlier epochs are on the page.)"] if omitted else []
