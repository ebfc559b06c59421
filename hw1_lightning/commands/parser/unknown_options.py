"""Messages about options that do not exist, with the options that could have been meant."""

import inspect
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from inspect import Parameter
from typing import Any

from lightning.pytorch import Callback, LightningModule
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from hw1_lightning.commands.parser.arguments import FROM_DATA
from hw1_lightning.data.sources import Source
from hw1_lightning.imports import concrete_subclasses
from hw1_lightning.models.base import StackModule

# The options that choose a class of a base.
CHOSEN_BY: dict[type, str] = {
    LightningModule: "model",
    Source: "data.source",
    Callback: "trainer.callbacks",
    Optimizer: "optimizer",
    LRScheduler: "lr_scheduler",
}
MOST = 3  # options to suggest
# Arguments that the data set, or that only the program of the quadratic network sets.
NOT_GIVEN = (*FROM_DATA, "training")


def similar(name: str, known: Iterable[str]) -> list[str]:
    """Return the options that an unknown name could stand for, the likeliest first.

    Those with the same last part come first, then those whose last part contains the name as a word; if there are none,
    those with a similar spelling.

    Example:
        >>> similar("dropout", ["dropout_seed", "model.dropout", "model.init"])
        ['model.dropout', 'dropout_seed']
    """
    parts = {option: option.rpartition(".")[2] for option in sorted(known, key=lambda option: (len(option), option))}
    last = name.rpartition(".")[2]
    same = [option for option, part in parts.items() if part == last]
    words = [option for option, part in parts.items() if f"_{last}_" in f"_{part}_" and part != last]
    words.sort(key=lambda option: not parts[option].startswith(last))
    if same or words:
        return [*same[:2], *words][:MOST]
    spelled = get_close_matches(last, parts.values(), n=1)
    return [option for option, part in parts.items() if part in spelled][:MOST]


def unknown_option_message(name: str, known: Iterable[str], dashes: str = "") -> str:
    """Return the message that a subcommand has no such option; ``dashes`` is ``--`` on the command line."""
    return f"unknown option '{dashes}{name}'{_hint(similar(name, known), dashes) or '; --help lists all options'}"


def unknown_argument_message(name: str, kind: type, known: Collection[str]) -> str:
    """Return the message that a class has no such option, or that no class is chosen."""
    chosen_by = next((option for base, option in CHOSEN_BY.items() if issubclass(kind, base)), None)
    if kind in CHOSEN_BY:
        models = f", one of {', '.join(sorted(concrete_subclasses(StackModule)))}" if kind is LightningModule else ""
        config = "--config FILE (see `hw1 configs`) or " if kind is LightningModule else ""
        return f"no {chosen_by} is chosen that has the option '{name}'; give {config}--{chosen_by} NAME{models}"
    listed = f"; `--{chosen_by}.help {kind.__name__}` lists its options" if chosen_by else ""
    hint = _hint(similar(name, known)) or _classes_with_option(name, kind) + listed
    return f"{kind.__name__} has no option '{name}'{hint}"


def arguments(kind: type) -> list[str]:
    """Return the names of a class's options, including those that it passes on to its base classes."""
    return list(annotations(kind))


def annotations(kind: type) -> dict[str, Any]:
    """Return the types of these options by name."""
    found: dict[str, Any] = {}
    for each in kind.__mro__:
        parameters = inspect.signature(each, eval_str=True).parameters.values()
        variable = {parameter.kind for parameter in parameters} & {Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD}
        for parameter in parameters:
            if parameter.kind not in variable and parameter.name not in NOT_GIVEN:
                found.setdefault(parameter.name, parameter.annotation)
        if Parameter.VAR_KEYWORD not in variable:
            break
    return found


def _hint(options: Sequence[str], dashes: str = "") -> str:
    *first, last = [f"'{dashes}{option}'" for option in options] or [""]
    return f"; did you mean {', '.join(first)}{' or ' if first else ''}{last}?" if last else ""


def _classes_with_option(name: str, kind: type) -> str:
    """Return which other class of the same base has the option, or a similar one."""
    base = next((base for base in (StackModule, Source) if issubclass(kind, base)), None)
    others = sorted(concrete_subclasses(base).items()) if base else []
    found = {other: similar(name, arguments(each))[:1] for other, each in others}
    exact = [f", but {other} has it" for other, options in found.items() if name in options]
    like = [f", but {other} has '{options[0]}'" for other, options in found.items() if options]
    return next(iter([*exact, *like]), "")
