"""An argument parser whose errors are one line that names what was given and what is allowed."""

import re
from typing import Any, NoReturn

from lightning.pytorch import LightningModule
from lightning.pytorch.cli import LightningArgumentParser

from hw1_lightning.commands.parser.unknown_options import arguments, unknown_argument_message, unknown_option_message
from hw1_lightning.data.sources import Source
from hw1_lightning.errors import nearest
from hw1_lightning.imports import TRUSTED, concrete_subclasses
from hw1_lightning.models.base import StackModule

CHOICES: dict[str, type] = {"model": StackModule, "data.source": Source}
KINDS = {"model": "LightningModule", "data.source": "Source"}


class RefusedArguments(SystemExit):
    """A mistake in the arguments; ``message`` is one line."""

    def __init__(self, message: str) -> None:
        super().__init__(2)
        self.message = message


class OneLineErrorParser(LightningArgumentParser):
    """LightningCLI's parser, except that options are never abbreviated and an error is one line.

    Attributes:
        kind: the class whose arguments it reads; ``None`` if it reads those of a subcommand.
    """

    kind: type | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, allow_abbrev=False, **kwargs)

    def add_class_arguments(self, theclass: type, nested_key: str | None = None, *args: Any, **kwargs: Any) -> Any:
        """Add the arguments of a class, and store the class if the parser is for it alone."""
        self.kind = theclass if nested_key is None else None
        return super().add_class_arguments(theclass, nested_key, *args, **kwargs)

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Raise ``RefusedArguments`` in place of printing and exiting."""
        parser = getattr(ex, "subcommand_parser", None) or self
        known = {option.lstrip("-") for option in parser._option_string_actions if not option.endswith("help")}
        if self.kind is None:
            for key in known & CHOICES.keys():
                classes = concrete_subclasses(CHOICES[key]).values()
                known |= {f"{key}.{name}" for kind in classes for name in arguments(kind)}
        raise RefusedArguments(explain(message, known, self.kind)) from ex


def explain(message: str, known: set[str], kind: type | None = None) -> str:
    """Return what was given, what is allowed and the nearest name, in one line.

    Args:
        message: one of jsonargparse's, which are often a dozen lines.
        known: the names of all options.
        kind: the class whose options they are; ``None`` for those of a subcommand.
    """
    key = _first_group(r'Parser key "([^"]+)"', message)
    kinds = _first_group(r"Subtypes: \[(.+)\]|Expected an? (.+?)\. Got value", message)
    if option := _unknown_option(message):
        if kind is not None:
            return unknown_argument_message(option, kind, known)
        return unknown_option_message(option, known, "--" if message.startswith("unrecognized") else "")
    if nested := _first_group(r"NestedArg\(key='([^']+)'", message):
        if key == "model":
            return unknown_argument_message(nested, LightningModule, ())
        return f"unknown option '{key}.{nested}'; {key} itself must be {_types_in_words(kinds or '')}"
    if missing := _first_group(r"arguments are required: (?:\w+\.)?(\S+)", message):
        return _missing_message(missing)
    if denied := _first_group(r"Importing '([^']+)' is not allowed", message):
        problem = f"{key or 'the config'} names {denied}, which is not imported: it is outside {', '.join(TRUSTED)}"
        return f"{problem}; if you trust it, add --trust {denied.partition('.')[0]}"
    if unknown := _first_group(r"dot import path string: (\S+)", message):
        return _unknown_class_message(key, unknown)
    value = _first_group(r"(?:Got value|Given value): (.+)", message)
    if key in CHOICES and value and re.fullmatch(r"\w+(\.\w+)+", value):
        return f"{key} is {value}, which cannot be imported or is not a {KINDS[key]}; check its name and its module"
    if key and value and kinds:
        return f"{key} is {value}; it must be {_types_in_words(kinds)}"
    return re.sub(r"\s+", " ", message).replace('Parser key "config": ', "")


def _unknown_option(message: str) -> str:
    """Return the full name of the option that a message reports as unknown; empty for any other message."""
    group = _first_group(r"Group '([^']+)' does not accept", message)
    named = r"unrecognized arguments: (\S+)|does not accept option '([^']+)'|Option '([^']+)' is not accepted"
    name = (_first_group(named, message) or "").lstrip("-").partition("=")[0].removesuffix(".class_path")
    return f"{group}.{name}" if group and name else name


def _first_group(pattern: str, message: str) -> str | None:
    match = re.search(pattern, message)
    return next((group for group in match.groups() if group), None) if match else None


def _missing_message(missing: str) -> str:
    if missing == "model":
        models = ", ".join(sorted(concrete_subclasses(StackModule)))
        return f"no model is chosen; give --config FILE (see `hw1 configs`) or --model NAME, one of {models}"
    return f"{missing} is missing; give it in the config or as an option, such as --data.source.path FILE"


def _unknown_class_message(key: str | None, unknown: str) -> str:
    allowed = concrete_subclasses(CHOICES[key]) if key in CHOICES else {}
    choice = f"; allowed are {', '.join(sorted(allowed))}" if allowed else ""
    if key is None:  # of an option such as --data.source.help
        return f"unknown class '{unknown}'"
    return f"{key} is '{unknown}', which is not a known class{choice}{nearest(unknown.rpartition('.')[2], allowed)}"


def _types_in_words(kinds: str) -> str:
    """Return types as Python writes them, ``<class 'int'>, <class 'NoneType'>``, as a list in words."""
    names = re.sub(r"<class '([^']+)'>", r"\1", kinds).replace("NoneType", "null")
    names = re.sub(r"typing\.Literal\[([^]]+)\]", r"\1", names).replace("typing.", "")
    return " or ".join(re.split(r", (?![^[]*\])", names))  # not at a comma within brackets
