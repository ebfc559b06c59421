"""How far the numbers of a run and of its repetition agree."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Numbers = Mapping[str, float]
Rows = Sequence[Numbers]


@dataclass(frozen=True)
class Pair:
    """One number of a run and of its repetition.

    Args:
        place: where it is from, such as "epoch 3".
        run: the run's number.
        here: the repetition's number; ``None`` if it has none.
    """

    place: str
    run: float
    here: float | None

    @property
    def difference(self) -> float:
        """|a - b| / max(|a|, |b|): 0 for equal numbers and two NaN, infinite if one is missing or not finite."""
        if self.here is None:
            return math.inf
        if self.run == self.here or (math.isnan(self.run) and math.isnan(self.here)):
            return 0.0
        if not (math.isfinite(self.run) and math.isfinite(self.here)):
            return math.inf
        return abs(self.run - self.here) / max(abs(self.run), abs(self.here))

    def is_one_example(self, examples: int | None) -> bool:
        """Return whether two shares of so many examples differ by one example, up to rounding in float32."""
        return bool(examples) and self.here is not None and abs(self.run - self.here) * (examples or 0) < 1.001


@dataclass(frozen=True)
class Agreement:
    """How far one metric agrees.

    Args:
        metric: its name.
        pairs: its numbers, in the order of training; at least one.
        tolerance: the largest relative difference that counts as agreement.
        examples: for an accuracy, the number of examples it is a share of. It may then differ by one example, since
            rounding alone can change the prediction of an example whose scores are nearly equal.
    """

    metric: str
    pairs: tuple[Pair, ...]
    tolerance: float
    examples: int | None = None

    @property
    def worst(self) -> Pair:
        """The pair with the largest difference."""
        return max(self.pairs, key=lambda pair: pair.difference)

    @property
    def first_beyond(self) -> Pair | None:
        """The first pair beyond the tolerance."""
        one_example = self.examples if self.tolerance else None  # a tolerance of 0 requires bit-identical numbers
        beyond = (pair for pair in self.pairs if pair.difference > self.tolerance)
        return next((pair for pair in beyond if not pair.is_one_example(one_example)), None)

    def __str__(self) -> str:
        worst, beyond = self.worst, self.first_beyond
        if beyond is not None:
            here = "missing" if beyond.here is None else repr(beyond.here)
            from_on = f"from {beyond.place} on" if beyond.place.startswith("epoch") else f"at {beyond.place}"
            return f"differs {from_on}: {beyond.run!r} in the run, {here} here"
        if worst.difference == 0:
            return "bit-identical"
        if worst.difference > self.tolerance:
            return f"within one example of {self.examples:,} (most in {worst.place})"
        count = agreeing_digits(worst.difference)
        return f"to {count} digits (most different in {worst.place}: {worst.run!r}, {worst.here!r})"


def agreeing_digits(difference: float) -> int:
    """Return how many decimal digits agree at a relative difference above 0.

    Example:
        >>> agreeing_digits(4e-7)
        6
    """
    return max(0, math.floor(-math.log10(difference)))


def agreements(
    run: Rows, here: Rows, end: tuple[Numbers, Numbers], tolerance: float, examples: Mapping[str, int]
) -> list[Agreement]:
    """Compare a run with its repetition, metric by metric; metrics of the repetition alone are left out.

    Args:
        run: the run's rows of metrics.csv that were repeated.
        here: those of the repetition.
        end: metrics of the final weights, of both.
        tolerance: the largest relative difference that counts as agreement.
        examples: how many examples an accuracy is a share of, by its name.
    """
    by_epoch = {row["epoch"]: row for row in here}
    pairs: dict[str, list[Pair]] = {}
    for row in run:
        other = by_epoch.get(row["epoch"], {})
        for name, value in row.items():
            if name != "epoch":
                pairs.setdefault(name, []).append(Pair(f"epoch {row['epoch']:.0f}", value, other.get(name)))
    for name, value in end[0].items():
        pairs.setdefault(name, []).append(Pair("the end", value, end[1].get(name)))
    return [Agreement(name, tuple(found), tolerance, examples.get(name)) for name, found in pairs.items()]


def verdict(found: Sequence[Agreement], tolerance: float) -> tuple[str, int]:
    """Return a summary of all metrics, and the exit status: 1 if one of them does not agree."""
    count = sum(len(each.pairs) for each in found)
    beyond = [each.metric for each in found if each.first_beyond is not None]
    if beyond:
        return f"{', '.join(beyond)}: beyond the tolerance of {tolerance:g}", 1
    if all(each.worst.difference == 0 for each in found):
        return f"all {count} numbers are bit-identical", 0
    return f"all {count} numbers, within the tolerance of {tolerance:g}", 0
