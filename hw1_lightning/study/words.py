"""Formats numbers, durations and lists for pages and messages."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hw1_lightning.statistics.intervals import LEVEL, Interval, Summary, summarize, wilson

DASH = "\N{EN DASH}"


@dataclass(frozen=True)
class Cell:
    """A number over seeds, formatted.

    Args:
        middle: the median; or ``diverged`` where a seed's number is not finite, or a dash where there is none.
        interval: its exact 95 % interval over seeds, or Wilson's for the share of a single model.
        further: the mean, and the range over seeds where the interval is narrower; or how many are not finite.
    """

    middle: str
    interval: str = ""
    further: str = ""

    def in_full(self) -> str:
        """Return everything as one text, such as ``0.6 (0.5 to 0.8; mean 0.6)``."""
        rest = "; ".join(filter(None, (self.interval, self.further)))
        return f"{self.middle} ({rest})" if rest else self.middle


def format_cell(values: Sequence[float], examples: int | None = None, bad: str = "diverged") -> Cell:
    """Format a number over seeds as a cell of a table.

    Args:
        values: one for each seed.
        examples: the number of examples, if each value is a share of them.
        bad: the word for values that are not finite.

    Example:
        >>> format_cell([0.5, 0.6, 0.8])
        Cell(middle='0.6000', interval='0.5000 to 0.8000, 75 %', further='mean 0.6333')
    """
    if not values:
        return Cell(DASH)
    if lost := sum(not math.isfinite(value) for value in values):
        return Cell(bad, further=f"{lost} of {len(values)} runs" if len(values) > 1 else "")
    summary = summarize(values)
    if summary.n > 1:
        return Cell(number(summary.median), interval(summary.interval), _further(summary))
    ends = wilson(round(values[0] * examples), examples) if examples else ()
    return Cell(number(summary.median), " to ".join(map(number, ends)))


def interval(given: Interval, error: float = LEVEL) -> str:
    """Format both ends, and the confidence where it is lower than requested; empty if there is no interval."""
    if math.isnan(given.low):
        return ""
    text = f"{number(given.low)} to {number(given.high)}"
    return text if given.reaches(error) else f"{text}, {confidence(given)}"


def confidence(given: Interval) -> str:
    """Format the confidence of an interval in percent, rounded down.

    Example:
        >>> confidence(Interval(0.0, 1.0, 0.9375)), confidence(Interval(0.0, 1.0, 0.998046875))
        ('93.7 %', '99.8 %')
    """
    return f"{math.floor(1000 * given.confidence) / 10:g} %"


def _further(summary: Summary) -> str:
    narrower = (summary.least, summary.most) != (summary.interval.low, summary.interval.high)
    ends = f"; {number(summary.least)} to {number(summary.most)}" if narrower else ""
    return f"mean {number(summary.mean)}{ends}"


def number(value: float) -> str:
    """Format a number with four significant digits."""
    return f"{value:.4f}" if 0.001 <= abs(value) < 10 else f"{value:.4g}"


def duration(seconds: float) -> str:
    """Format a duration in seconds, minutes or hours.

    Example:
        >>> duration(9.25), duration(489), duration(7260)
        ('9.2 s', '8 min 9 s', '2 h 1 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def listing(words: Sequence[str]) -> str:
    """Join words as in a sentence.

    Example:
        >>> listing(["a", "b", "c"])
        'a, b and c'
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def format_seeds(seeds: Sequence[int]) -> str:
    """Format seeds, consecutive ones as a range.

    Args:
        seeds: increasing, at least one.

    Example:
        >>> format_seeds([1, 2, 3, 5])
        'seeds 1 to 3 and 5'
        >>> format_seeds([4])
        'seed 4'
    """
    parts: list[list[int]] = []
    for seed in seeds:
        if not parts or parts[-1][-1] != seed - 1:
            parts.append([])
        parts[-1].append(seed)
    texts = [f"{part[0]} to {part[-1]}" if len(part) > 2 else listing([str(seed) for seed in part]) for part in parts]
    return f"seed{'s' if len(seeds) > 1 else ''} {listing(texts)}"
