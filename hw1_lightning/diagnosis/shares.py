"""Accuracies as shares: right examples divided by all. One that is not a share comes from other examples."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from hw1_lightning.diagnosis.reported import Number

# How many times more likely a program is unknown if most of its accuracies are not shares: few programs that use the
# same data average accuracies over minibatches or over seeds.
OTHER_EXAMPLES = 50.0
FLOAT32 = 1e-6  # accuracies that a program prints in full agree to about so much


def come_from_others(numbers: Sequence[Number], examples: Mapping[str, int]) -> bool:
    """Return whether most accuracies of an experiment, of those with enough digits, are not shares of their split.

    Args:
        numbers: of the experiment.
        examples: how many examples each split has.
    """
    judged = [is_share(each, count) for each, count in _judged(numbers, examples)]
    return 2 * sum(judged) < len(judged)


def describe_others(experiments: Iterable[tuple[Sequence[Number], Mapping[str, int]]]) -> Iterator[str]:
    """Yield a sentence about the accuracies that are not shares, for each split.

    Args:
        experiments: the numbers of each, and how many examples its splits have.
    """
    judged = defaultdict[tuple[str, int], list[Number]](list)
    for numbers, examples in experiments:
        for each, count in _judged(numbers, examples):
            judged[each.metric, count].append(each)
    for (metric, count), found in judged.items():
        if wrong := [each for each in found if not is_share(each, count)]:
            others = f"{len(wrong) - 1} of {len(found) - 1} others" if len(found) > 2 else "the other one"
            alike = f", like {others}," if len(wrong) > 1 else ""
            yield (
                f"{metric} {wrong[0].value:g}{alike} is not a share of the {count} examples of this split: "
                "it comes from other data or another split, or is a mean over minibatches or seeds"
            )


def is_share(number: Number, count: int) -> bool:
    """Return whether a number of right examples gives an accuracy; ``True`` if it has too few digits to tell.

    Args:
        number: an accuracy.
        count: how many examples its split has.
    """
    nearest = round(number.value * count) / count
    # Some programs cut digits off instead of rounding.
    return not _has_enough_digits(number, count) or abs(nearest - number.value) <= max(number.resolution, FLOAT32)


def _has_enough_digits(number: Number, count: int) -> bool:
    return 4 * number.resolution * count < 1


def _judged(numbers: Sequence[Number], examples: Mapping[str, int]) -> Iterator[tuple[Number, int]]:
    """Yield the accuracies with enough digits to tell shares from other numbers, and the examples of their split."""
    for each in numbers:
        split, _, what = each.metric.partition("/")
        if what == "accuracy" and _has_enough_digits(each, examples[split]):
            yield each, examples[split]
