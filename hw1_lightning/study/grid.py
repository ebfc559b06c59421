"""A grid: every combination of some options' values as a condition of its own."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from itertools import product
from typing import Any

from hw1_lightning.study.identity import canonical

# With 10 seeds the exact test can still distinguish each of them from the baseline after correction:
# 24 comparisons x 2 / 2^10 = 0.047. A figure with more lines would be unreadable, too.
MAX_CONDITIONS = 25

# A value, and its text in names.
Entry = tuple[str, Any]


def expand(grid: Mapping[str, Sequence[Entry]]) -> dict[str, dict[str, Any]]:
    """Combine every value of every option.

    Args:
        grid: options by their dotted names, each with its values; at most ``MAX_CONDITIONS`` combinations.

    Returns:
        The options of each combination by its name, the last option's values changing fastest.

    Example:
        >>> expand({"model.dropout": [("0", 0)], "data.seed": [("3", 3), ("4", 4)]})["dropout=0, seed=4"]
        {'model.dropout': 0, 'data.seed': 4}
    """
    short = short_names(list(grid))
    made = {}
    for entries in product(*grid.values()):
        name = ", ".join(f"{short[option]}={text}" for option, (text, _) in zip(grid, entries, strict=True))
        # Copies, because YAML writes a list that several conditions share as a reference.
        made[name] = {option: deepcopy(value) for option, (_, value) in zip(grid, entries, strict=True)}
    return made


def short_names(options: Sequence[str]) -> dict[str, str]:
    """Return the last part of each option's name, or the whole name where two options share that part.

    Args:
        options: dotted names.

    Returns:
        The short name of each.

    Example:
        >>> short_names(["model.dropout", "data.seed", "model.seed"])
        {'model.dropout': 'dropout', 'data.seed': 'data.seed', 'model.seed': 'model.seed'}
    """
    last = [canonical(option).rpartition(".")[2] for option in options]
    return {option: end if last.count(end) == 1 else option for option, end in zip(options, last, strict=True)}
