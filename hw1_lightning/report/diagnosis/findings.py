"""What a diagnosis found, in sentences that its text and its page share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hw1_lightning.diagnosis.answers import Candidate, Diagnosis, ExperimentAnswer, Finding, NumberAnswer
from hw1_lightning.report.diagnosis.words import (
    CORRECT,
    HOW,
    as_reported,
    count_of,
    likelihood,
    metric_of,
    name_of,
    open_numbers,
    percentage,
    speaking,
)

# An experiment with more numbers is shown by the last of each metric.
FEW = 12
MOST_NAMED = 3  # numbers in a sentence
LEAST_SHOWN = 0.01  # probability of one of several explanations


@dataclass(frozen=True)
class Explained:
    """An experiment that a named mistake explains.

    Args:
        name: of the experiment.
        change: what the mistake changes in it.
        numbers: what its main numbers are with the mistake and without it.
    """

    name: str
    change: str
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class NamedMistake:
    """A mistake that explains numbers, in words.

    Args:
        name: of one or two mistakes.
        explains: at least one experiment.
        evidence: how likely it is, and how many numbers speak for it.
        advice: where to look in the code.
        said: what the report may have said instead; may be empty.
    """

    name: str
    explains: tuple[Explained, ...]
    evidence: str
    advice: str
    said: str


def named_mistakes(diagnosis: Diagnosis) -> list[NamedMistake]:
    """Describe the findings, the strongest first."""
    answers = {answer.experiment.name: answer for answer in diagnosis.experiments}
    return [_named(finding, [answers[name] for name in finding.experiments]) for finding in diagnosis.findings]


def _named(finding: Finding, answers: Sequence[ExperimentAnswer]) -> NamedMistake:
    ratio = f"With it the numbers are {likelihood(finding.log10_ratio)} {CORRECT}; {speaking(finding.speaking)}."
    explains = tuple(_explained(answer, finding.mistakes) for answer in answers)
    return NamedMistake(name_of(finding.mistakes), explains, ratio, finding.advice, finding.said)


def _explained(answer: ExperimentAnswer, mistakes: tuple[str, ...]) -> Explained:
    candidate = next((each for each in answer.candidates if each.mistakes == mistakes), None)
    is_first = candidate is not None and candidate is answer.candidates[0]
    numbers = [_with_and_without(each, is_first) for each in main_numbers(answer)[:MOST_NAMED]]
    return Explained(answer.experiment.name, candidate.change if candidate else "", tuple(numbers))


def _with_and_without(answer: NumberAnswer, is_first: bool) -> str:
    number = answer.number
    parts = []
    if answer.explained is not None and is_first:
        explained = as_reported(number, answer.explained)
        same = explained == as_reported(number)
        parts.append("with the mistake the same digits" if same else f"with the mistake {explained}")
    parts.append(f"without it {as_reported(number, answer.correct)}")
    return f"{metric_of(number)} {as_reported(number)}: {', '.join(parts)}"


def main_numbers(answer: ExperimentAnswer) -> list[NumberAnswer]:
    """Return the numbers to show first: those after training, or else the last of each metric."""
    final = [each for each in answer.numbers if each.number.epoch is None]
    last = {each.number.metric: each for each in sorted(answer.numbers, key=lambda each: each.number.epoch or 0)}
    found = final + [each for metric, each in last.items() if metric not in {one.number.metric for one in final}]
    # What a mistake does not change is of less interest.
    return sorted(found, key=lambda each: each.verdict == "reproduced")


def shown_numbers(answer: ExperimentAnswer) -> list[NumberAnswer]:
    """Return the numbers for a short table: all if they are few, otherwise the main ones."""
    return list(answer.numbers) if len(answer.numbers) <= FEW else main_numbers(answer)


def reproduced(answer: ExperimentAnswer) -> str:
    """Say how an experiment is reproduced."""
    first = answer.numbers[0].number
    what = f"{metric_of(first)} {as_reported(first)}" if len(answer.numbers) == 1 else count_of(answer)
    return f"{what}, {HOW[answer.how]}" if answer.how else what


def possible(answer: ExperimentAnswer) -> list[Candidate]:
    """Return the explanations between which the numbers do not decide, without those of less than 1 %."""
    return [each for each in answer.candidates if each.probability >= LEAST_SHOWN]


def described(candidate: Candidate) -> str:
    """Describe one of several explanations."""
    ratio = f"{likelihood(candidate.log10_ratio)} {CORRECT}"
    return f"probability {percentage(candidate.probability)}; {ratio}; {speaking(candidate.speaking)}"


def unexplained(answer: ExperimentAnswer) -> list[str]:
    """Return what is open in an experiment: each number that nothing explains, and which program is nearest."""
    found = open_numbers(answer)
    main = [each for each in main_numbers(answer) if each in found] or found
    lines = [_unexplained(each) for each in main[:MOST_NAMED]]
    if rest := len(found) - len(lines):
        lines.append(f"and {rest} more number{'s' if rest > 1 else ''}")
    change = next((each.nearest_change for each in found if each.nearest is not None), None)
    if change is not None:
        lines.append(f"the nearest program: {change}" if change else "no mistaken program is nearer than a correct one")
    return lines


def _unexplained(answer: NumberAnswer) -> str:
    number = answer.number
    correct = as_reported(number, answer.correct)
    text = f"{metric_of(number)} is reported as {as_reported(number)}; a correct program "
    text += f"gives {correct}" if math.isfinite(answer.correct) else "diverges"
    if answer.nearest is None or not math.isfinite(answer.nearest):
        return text
    apart = f"{as_reported(number, abs(answer.nearest - number.value))} away"
    return (
        f"{text}, the nearest {as_reported(number, answer.nearest)}, {apart}"
        if answer.nearest_change
        else f"{text}, {apart}"
    )
