"""The options of a run as a flat table, by their names on the command line."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from jsonargparse import Namespace

from hw1_lightning.models.base import StackModule

GROUPS = ("model", "data", "trainer")


def flat_options(config: Namespace) -> dict[str, Any]:
    """Return the options of one subcommand by name, as plain values.

    ``model`` is the class, ``model.dropout`` one of its options; a list is one value.
    """
    return dict(_flat(config.as_dict(), ""))


def _flat(options: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in options.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and "class_path" in value:
            yield key, value["class_path"]
            yield from _flat(value.get("init_args") or {}, f"{key}.")
        elif isinstance(value, Mapping) and key in GROUPS:
            yield from _flat(value, f"{key}.")
        else:
            yield key, plain(value)


def plain(value: Any) -> Any:
    """Return a value as JSON can store it; anything else becomes text."""
    return json.loads(json.dumps(value, default=lambda one: one.as_dict() if isinstance(one, Namespace) else str(one)))


def shown(value: Any) -> str:
    """Return a value as text for a message, at most 200 characters."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 200 else f"{text[:197]}..."


def is_stack_model(class_path: str | None) -> bool:
    """Return whether the path of an imported class is that of one of hw1's models, or of a subclass."""
    module, _, name = (class_path or "").rpartition(".")
    kind = getattr(sys.modules.get(module), name, None)
    return isinstance(kind, type) and issubclass(kind, StackModule)
