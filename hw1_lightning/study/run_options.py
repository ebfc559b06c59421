"""The options of runs by dotted names, and those in which runs differ."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hw1_lightning.runs.option_effects import HISTORY, NO_EFFECT, is_harmless

# The options that seed what RANDOMNESS names. Order and dropout follow the first where theirs are not given; the
# division into splits is then that of the source.
SEEDS = ("seed_everything", "data.seed", "dropout_seed", "data.split_seed")


def flatten(config: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten nested options.

    Args:
        config: the content of config.yaml; a ``class_path`` becomes one option whose value is the class, and its
            ``init_args`` become options of that name.

    Returns:
        Values by dotted names, in the order of the config.

    Example:
        >>> flatten({"model": {"class_path": "hw1_lightning.models.MLP", "init_args": {"dropout": 0.5}}, "name": None})
        {'model': 'MLP', 'model.dropout': 0.5, 'name': None}
    """
    flat: dict[str, Any] = {}
    for name, value in config.items():
        if isinstance(value, Mapping) and "class_path" in value:
            path = str(value["class_path"])  # the names of hw1's own classes are unique
            flat[str(name)] = path.rpartition(".")[2] if path.startswith("hw1_lightning.") else path
            arguments = value.get("init_args")
            value = arguments if isinstance(arguments, Mapping) else {}
        elif not isinstance(value, Mapping):
            flat[str(name)] = value
            continue
        flat |= {f"{name}.{inner}": each for inner, each in flatten(value).items()}
    return flat


def texts(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the options that a run's numbers depend on as texts, without its seeds.

    Null values are left out: runs of older versions lack newer options, whose default is null.
    """
    left_out = {*NO_EFFECT, *SEEDS, HISTORY}
    found = {name: text_of(value) for name, value in options.items() if value is not None and name not in left_out}
    changes = changes_in(options.get(HISTORY))
    return found | ({HISTORY: changes} if changes else {})


def changes_in(history: Any) -> str:
    """Describe the options that were changed when a run was resumed, from the history in config.yaml.

    Returns:
        A text such as ``model.learning_rate 0.1 -> 0.002 from epoch 71 on``; empty if all changes are harmless.
    """
    entries = [each for each in history if isinstance(each, Mapping)] if isinstance(history, list) else []
    return "; ".join(
        f"{one.get('option')} {text_of(one.get('old'))} -> {text_of(one.get('new'))} from epoch {one.get('epoch')} on"
        for one in entries
        if not is_harmless(str(one.get("option")))
    )


def text_of(value: Any) -> str:
    """Return an option's value as a user would write it."""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def differing(options: Sequence[Mapping[str, str]]) -> list[str]:
    """Return the names of options that differ between runs, in order of first appearance.

    Example:
        >>> differing([{"model": "MLP", "dropout": "0.5"}, {"model": "MLP"}])
        ['dropout']
    """
    names = dict.fromkeys(name for each in options for name in each)
    return [name for name in names if len({each.get(name) for each in options}) > 1]


def shared(options: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the options that all runs have in common."""
    differ = set(differing(options))
    return {name: value for name, value in (options[0] if options else {}).items() if name not in differ}
