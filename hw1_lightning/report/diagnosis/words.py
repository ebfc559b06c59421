"""Numbers with the digits of the report, likelihood ratios and verdicts, in words."""

import math
from collections import Counter

from hw1_lightning.diagnosis.answers import Candidate, Diagnosis, ExperimentAnswer, How, NumberAnswer, Verdict
from hw1_lightning.diagnosis.reported import Number
from hw1_lightning.study.words import DASH, listing

VERDICTS: dict[Verdict, str] = {
    "reproduced": "reproduced",
    "explained": "explained",
    "several": "several explanations",
    "unexplained": "unexplained",
}
# The same as predicates of one experiment and of more.
PREDICATES: dict[Verdict, tuple[str, str]] = {
    "reproduced": ("is reproduced", "are reproduced"),
    "explained": ("is explained by a mistake", "are explained by a mistake"),
    "several": ("has several explanations", "have several explanations"),
    "unexplained": ("is unexplained", "are unexplained"),
}
HOW: dict[How, str] = {
    "digits": "to the last digit",
    "rounding": "within what other machines round",
    "random numbers": "within what other random numbers change",
}
MOST_DECIMALS = 6  # of a number that a program wrote in full
MANY = 9  # powers of ten: a larger ratio is not written out
CORRECT = "from a correct program on another machine"
LIMITS = (
    "A diagnosis compares numbers with programs. It does not know how a report came about: other data, another program "
    "or a typing error can give the same number. It is for learning, and it proves nothing about a person."
)


def in_short(diagnosis: Diagnosis) -> str:
    """Return how many experiments have which verdict, as a sentence without its full stop."""
    counts = Counter(answer.verdict for answer in diagnosis.experiments)
    found = [(verdict, counts[verdict]) for verdict in PREDICATES if counts[verdict]]
    parts = [f"{count} {PREDICATES[verdict][count > 1]}" for verdict, count in found]
    total = len(diagnosis.experiments)
    if total == 1:
        text = f"The experiment {PREDICATES[found[0][0]][0]}"
    elif len(found) == 1:
        text = f"All {total} experiments {PREDICATES[found[0][0]][1]}"
    else:
        text = f"Of {total} experiments, {listing(parts)}"
    partly = sum(bool(open_numbers(each)) for each in diagnosis.experiments if each.verdict != "unexplained")
    if not partly:
        return text
    return f"{text}, in part" if total == 1 else f"{text}; {partly} of them in part"


def open_numbers(answer: ExperimentAnswer) -> list[NumberAnswer]:
    """Return the numbers that nothing explains, whatever the verdict on their experiment is."""
    return [each for each in answer.numbers if each.verdict == "unexplained"]


def as_reported(number: Number, value: float | None = None) -> str:
    """Format a number with as many decimals as the report gives, at most six.

    Args:
        number: the reported number.
        value: another value of its metric; ``None`` takes the reported one.

    Example:
        >>> as_reported(Number("val/accuracy", 0.475, 0.0001)), as_reported(Number("val/loss", 2.0, 0.1), 1.96)
        ('0.4750', '2.0')
    """
    shown = number.value if value is None else value
    if not math.isfinite(shown):
        return "diverged"
    decimals = max(0, round(-math.log10(number.resolution)))
    fits = decimals <= MOST_DECIMALS and abs(shown) < 10**MOST_DECIMALS
    return f"{shown:.{decimals}f}" if fits else f"{shown:.{MOST_DECIMALS}g}"


def spread(value: float) -> str:
    """Format a standard deviation with two digits.

    Example:
        >>> spread(0.00251), spread(0.0)
        ('0.0025', '0')
    """
    return f"{value:.2g}" if math.isfinite(value) else DASH


def over_seeds(answer: NumberAnswer) -> str:
    """Format what a correct program gives with other seeds: the mean, if it is known, and the standard deviation."""
    known = "" if answer.seed_mean is None else f"{as_reported(answer.number, answer.seed_mean)} "
    return f"{known}± {spread(answer.seed_spread)}"


def metric_of(number: Number) -> str:
    """Name the metric of a number, and its epoch."""
    return number.metric if number.epoch is None else f"{number.metric}, epoch {number.epoch}"


def likelihood(log10_ratio: float) -> str:
    """Say how likely numbers are, compared with something that follows; ratios are rounded down to one digit.

    Example:
        >>> likelihood(3.32), likelihood(0.1), likelihood(12.0)
        ('2,000 times more likely than', 'about as likely as', 'more than 1,000,000,000 times more likely than')
    """
    if log10_ratio >= MANY:
        return f"more than {10**MANY:,} times more likely than"
    if log10_ratio < math.log10(2) - 1e-9:
        return "about as likely as" if log10_ratio > -math.log10(2) else "less likely than"
    power = math.floor(log10_ratio + 1e-9)
    return f"{math.floor(10 ** (log10_ratio - power) + 1e-6) * 10**power:,} times more likely than"


def percentage(probability: float) -> str:
    """Format a probability in whole percent, never as certain.

    Example:
        >>> percentage(0.624), percentage(0.9999), percentage(0.001)
        ('62 %', 'more than 99 %', 'less than 1 %')
    """
    if probability > 0.99:
        return "more than 99 %"
    return "less than 1 %" if probability < 0.01 else f"{100 * probability:.0f} %"


def speaking(count: int) -> str:
    """Say how many numbers speak for an explanation."""
    return f"{count} number{' speaks' if count == 1 else 's speak'} for it"


def name_of(mistakes: tuple[str, ...]) -> str:
    """Name one or two mistakes."""
    return listing(mistakes)


def explanation(candidate: Candidate) -> str:
    """Name the mistakes of an explanation, and say what they change."""
    name = name_of(candidate.mistakes)
    return f"{name}: {candidate.change}" if candidate.change else name


def count_of(answer: ExperimentAnswer) -> str:
    """Say how many numbers of an experiment are not unexplained."""
    count, total = len(answer.numbers) - len(open_numbers(answer)), len(answer.numbers)
    of = f" of {total}" if count < total else ""
    return f"{count}{of} number{'s' if total > 1 else ''}"
