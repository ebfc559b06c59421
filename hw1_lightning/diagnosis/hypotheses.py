"""The hypotheses about an experiment: which mistakes the program behind it may have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from hw1_lightning.diagnosis.catalogue.entry import Change, Mistake, Options

# Before any number is seen: how likely a program is correct, mistaken in a way of the catalogue, or in another way.
CORRECT, MISTAKEN, UNKNOWN = 0.6, 0.3, 0.1
# How many times more likely a mistake is once another experiment of the report has it.
REPEATED = 10.0
PAIRED = 5  # so many of the likeliest mistakes are combined in pairs
MOST_PAIRS = PAIRED * (PAIRED - 1) // 2


@dataclass(frozen=True)
class Hypothesis:
    """One or two mistakes, and what they change in an experiment.

    Args:
        mistakes: names of entries of the catalogue.
        change: everything that they change.
        prior: its probability before any number is seen.
    """

    mistakes: tuple[str, ...]
    change: Change
    prior: float


def hypotheses(options: Options, catalogue: Sequence[Mistake]) -> list[Hypothesis]:
    """Return a hypothesis for each variant of each mistake that concerns an experiment.

    All mistakes are equally likely beforehand, and so are all variants of a mistake.

    Args:
        options: of the experiment, by their dotted names.
        catalogue: the mistakes.
    """
    concerned = [(mistake, found) for mistake in catalogue if (found := list(mistake.changes(options)))]
    return [
        Hypothesis((mistake.name,), change, MISTAKEN / len(concerned) / len(changes))
        for mistake, changes in concerned
        for change in changes
    ]


def pairs(ranked: Sequence[Hypothesis]) -> Iterator[Hypothesis]:
    """Yield combinations of two mistakes among the likeliest.

    Args:
        ranked: hypotheses of one mistake each, the likeliest first.
    """
    first: dict[str, Hypothesis] = {}
    for each in ranked:
        first.setdefault(each.mistakes[0], each)
    likeliest = list(first.values())[:PAIRED]
    for one, other in combinations(likeliest, 2):
        if one.change.options.keys() & other.change.options.keys():
            continue
        text = "; ".join(filter(None, (one.change.text, other.change.text)))
        change = Change(
            text,
            {**one.change.options, **other.change.options},
            (*one.change.wrappers, *other.change.wrappers),
            (*one.change.readings, *other.change.readings),
        )
        yield Hypothesis((*one.mistakes, *other.mistakes), change, one.prior * other.prior)
