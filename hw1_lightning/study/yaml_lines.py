"""Reads YAML as plain values, with the line of each for error messages."""

import json
import math
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from hw1_lightning.errors import InputError, nearest
from hw1_lightning.yaml_limits import check_yaml_cost

# A study file has about one page; a far larger file is something else.
MAX_BYTES = 1_000_000

Where = tuple[str | int, ...]


class Document:
    """A YAML file as plain values, with their lines for error messages.

    Args:
        path: the file.

    Raises:
        InputError: if it cannot be read, is not a YAML mapping, repeats a key or has aliases.

    Attributes:
        value: the mapping.
        examples: where examples of such a file are, for error messages.
    """

    examples = "configs/studies for examples"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: dict[Where, int] = {}
        self._texts: dict[Where, str] = {}
        text = _text(path)
        try:
            check_yaml_cost(text)
            node = yaml.compose(text, yaml.SafeLoader)
            value = self._plain(node, ()) if node is not None else None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise InputError(f"{path}:{line}: this is not valid YAML: {error.problem or error.context}") from error
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"{path}: this YAML cannot be read: {' '.join(str(error).split())[:200]}") from error
        if not isinstance(value, dict):
            raise InputError(f"{path}:1: this is not a mapping of names to values; see {self.examples}")
        self.value: dict[str, Any] = value

    def line(self, where: Where) -> int:
        """Return the line of an entry, or of the nearest entry around it."""
        while where not in self._lines and where:
            where = where[:-1]
        return self._lines.get(where, 1)

    def written(self, where: Where, value: Any) -> str:
        """Return a value as the file writes it, such as ``0.00001`` for 1e-05; a list or a mapping as JSON."""
        return self._texts.get(where) or json.dumps(value)

    def error(self, where: Where, message: str) -> InputError:
        """Return an error that names the file and the line of an entry."""
        return InputError(f"{self.path}:{self.line(where)}: {message}")

    def check_keys(self, where: Where, given: dict[str, Any], allowed: Sequence[str], required: Sequence[str]) -> None:
        """Refuse unknown names and missing required ones."""
        for key in given:
            if key not in allowed:
                known = f"allowed are {', '.join(allowed)}{nearest(key, allowed)}"
                raise self.error((*where, key), f"unknown name '{key}'; {known}")
        for key in required:
            if key not in given:
                raise self.error(where, f"'{key}' is missing")

    def check_one_of(self, where: Where, value: Any, allowed: Collection[str], role: str) -> None:
        """Refuse a value that is not allowed."""
        if value not in allowed or not isinstance(value, str):
            known = f"allowed are {', '.join(allowed)}{nearest(str(value), allowed)}"
            raise self.error(where, f"'{value}' is not {role}; {known}")

    def mapping(self, where: Where, value: Any) -> dict[str, Any]:
        """Return the value if it is a mapping, else raise ``InputError``."""
        if not isinstance(value, dict):
            raise self.not_a(where, value, "a mapping of names to values")
        return value

    def list_of(self, where: Where, value: Any, empty: bool = False) -> list[Any]:
        """Return the value if it is a list, with at least one entry unless it may be ``empty``."""
        if not isinstance(value, list) or not (value or empty):
            raise self.not_a(where, value, "a list with at least one entry")
        return value

    def names(self, where: Where, value: Any, allowed: Collection[str], role: str) -> tuple[str, ...]:
        """Return the value if it is a list of allowed names, with at least one."""
        for index, name in enumerate(self.list_of(where, value)):
            self.check_one_of((*where, index), name, allowed, role)
        return tuple(value)

    def text(self, where: Where, value: Any) -> str:
        """Return the value if it is a text that is not blank."""
        if not isinstance(value, str) or not value.strip():
            raise self.not_a(where, value, "a text")
        return value

    def number(self, where: Where, value: Any) -> float:
        """Return the value if it is a finite number, also one that YAML reads as text, such as 1e-5."""
        with suppress(TypeError, ValueError, OverflowError):
            if not isinstance(value, bool) and math.isfinite(number := float(value)):
                return number
        raise self.not_a(where, value, "a finite number")

    def count(self, where: Where, value: Any, most: int) -> int:
        """Return the value if it is a whole number from 1 to ``most``."""
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise self.error(where, f"{where[-1]} is {value!r:.80}; it must be a whole number from 1 to {most}")
        return value

    def not_a(self, where: Where, value: Any, wanted: str) -> InputError:
        """Return the error for a value of the wrong type."""
        return self.error(where, f"{where[-1]} must be {wanted}, not {value!r:.80}")

    def _plain(self, node: yaml.Node, where: Where) -> Any:
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(child, self._mark(child, (*where, index))) for index, child in enumerate(node.value)]
        if not isinstance(node, yaml.MappingNode):
            self._texts[where] = node.value
            return yaml.constructor.SafeConstructor().construct_object(node)
        found: dict[str, Any] = {}
        for key_node, child in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise InputError(f"{self.path}:{line}: a name must be plain text")
            if key in found:
                raise InputError(f"{self.path}:{line}: '{key}' is given twice; every name must be distinct")
            found[key] = self._plain(child, self._mark(key_node, (*where, key)))
        return found

    def _mark(self, node: yaml.Node, where: Where) -> Where:
        self._lines[where] = node.start_mark.line + 1
        return where


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path} has {path.stat().st_size} bytes; at most {MAX_BYTES} are read")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}") from error
