"""Numbers of a report before it is known whether its accuracies are fractions or percentages."""

from collections.abc import Sequence
from dataclasses import dataclass

from hw1_lightning.diagnosis.reported import Number
from hw1_lightning.diagnosis.written import Written, read_number
from hw1_lightning.errors import InputError

MAX_EPOCH = 10**6
PERCENT = "the accuracies are read as percentages: all of them are divided by 100"


@dataclass(frozen=True)
class Given:
    """A number as a file gives it.

    Args:
        place: the file and the line, for error messages.
        metric: one of ``METRICS``.
        text: as it is written.
        number: what that means; an accuracy may be a percentage.
        epoch: as in ``Number``.
    """

    place: str
    metric: str
    text: str
    number: Written
    epoch: int | None

    @property
    def is_accuracy(self) -> bool:
        """Whether it is a fraction or a percentage."""
        return self.metric.endswith("/accuracy")


def read_given(place: str, metric: str, text: str, epoch: int | None) -> Given:
    """Read a number of a metric; raise an ``InputError`` if the text is not a finite number."""
    number = read_number(text)
    if number is None:
        problem = f"{metric} is {text.strip()!r:.80}"
        raise InputError(f"{place}: {problem}; it must be a finite number, such as 0.4750; leave out what is not known")
    return Given(place, metric, text.strip(), number, epoch)


def epoch_problem(text: str, epochs: int | None) -> str:
    """Return what is wrong with an epoch as it is written.

    Args:
        text: of the epoch.
        epochs: the last epoch that the experiment has; ``None`` if unknown.

    Returns:
        The problem, or ``""``.

    Example:
        >>> epoch_problem("0", 20), epoch_problem("20", 20)
        ("epoch is '0'; epochs are whole numbers from 1 to 20, the experiment's trainer.max_epochs", '')
    """
    last, why = (MAX_EPOCH, "") if epochs is None else (epochs, ", the experiment's trainer.max_epochs")
    is_epoch = text.isascii() and text.isdecimal() and len(text) <= 9 and 1 <= int(text) <= last
    return "" if is_epoch else f"epoch is {text!r:.40}; epochs are whole numbers from 1 to {last}{why}"


def as_numbers(found: Sequence[Given], percent: bool) -> tuple[Number, ...]:
    """Return the numbers with accuracies as fractions; ``percent`` says that they are given as percentages."""
    numbers = []
    for each in found:
        written = each.number.percent() if percent and each.is_accuracy else each.number
        numbers.append(Number(each.metric, written.value, written.resolution, each.epoch))
    return tuple(numbers)


def are_percentages(found: Sequence[Given]) -> bool:
    """Return whether the accuracies of a report are percentages: all of them are above 1, or 0.

    Raises:
        InputError: naming an accuracy that fits neither fractions nor percentages, or not to the others.
    """
    accuracies = [each for each in found if each.is_accuracy]
    for each in accuracies:
        if not 0 <= each.number.value <= 100:
            problem = f"{each.place}: {each.metric} is {each.text}"
            raise InputError(f"{problem}; an accuracy must be a fraction from 0 to 1, or a percentage up to 100")
    above = [each for each in accuracies if each.number.value > 1]
    below = [each for each in accuracies if 0 < each.number.value <= 1]
    if above and below:
        problem = f"{below[0].place}: {below[0].metric} is {below[0].text}, but {above[0].place} gives {above[0].text}"
        raise InputError(f"{problem}; write all accuracies as fractions from 0 to 1, or all as percentages")
    return bool(above)
