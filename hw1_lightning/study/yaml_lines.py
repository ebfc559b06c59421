"""Reading YAML that people write: plain values, and the line of every one of them."""

import json
import math
from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml

from hw1_lightning.errors import InputError, nearest
from hw1_lightning.yaml_limits import check_yaml_cost

# A study file is a page; what is far larger is no study file.
MAX_BYTES = 1_000_000

Where = tuple[str | int, ...]


class Document:
    """A YAML file as plain values, with the lines to name in an error.

    Args:
        path: the file.

    Raises:
        InputError: if it cannot be read, is no YAML mapping, repeats a key or has aliases.

    Attributes:
        value: the mapping.
    """

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
            raise InputError(f"{path}:{line}: this is no YAML: {error.problem or error.context}") from error
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                f"{path}: this is no YAML that can be read: {' '.join(str(error).split())[:200]}"
            ) from error
        if not isinstance(value, dict):
            raise InputError(f"{path}:1: this is no mapping of names to values; see configs/studies for examples")
        self.value: dict[str, Any] = value

    def line(self, where: Where) -> int:
        """The line of an entry, or of the nearest entry around it."""
        while where not in self._lines and where:
            where = where[:-1]
        return self._lines.get(where, 1)

    def written(self, where: Where, value: Any) -> str:
        """A value as the file writes it, such as ``0.00001`` for 1e-05; a list or a mapping as JSON."""
        return self._texts.get(where) or json.dumps(value)

    def error(self, where: Where, message: str) -> InputError:
        """An error that names the file and the line of an entry."""
        return InputError(f"{self.path}:{self.line(where)}: {message}")

    def keys(self, where: Where, given: dict[str, Any], allowed: Collection[str], required: Collection[str]) -> None:
        """Refuse names that mean nothing, and insist on others."""
        for key in given:
            if key not in allowed:
                hint = nearest(key, allowed)
                message = f"'{key}' means nothing here; allowed are {', '.join(allowed)}{hint}"
                raise self.error((*where, key), message)
        for key in required:
            if key not in given:
                raise self.error(where, f"'{key}' is missing")

    def one_of(self, where: Where, value: Any, allowed: Collection[str], role: str) -> None:
        """Refuse a value that is none of those allowed."""
        if value not in allowed or not isinstance(value, str):
            hint = nearest(str(value), allowed)
            raise self.error(where, f"'{value}' is not {role}; allowed are {', '.join(allowed)}{hint}")

    def mapping(self, where: Where, value: Any) -> dict[str, Any]:
        """Insist on a mapping."""
        if not isinstance(value, dict):
            raise self.not_a(where, value, "a mapping of names to values")
        return value

    def list_of(self, where: Where, value: Any, empty: bool = False) -> list[Any]:
        """Insist on a list, and on an entry unless it may be ``empty``."""
        if not isinstance(value, list) or not (value or empty):
            raise self.not_a(where, value, "a list with at least one entry")
        return value

    def text(self, where: Where, value: Any) -> str:
        """Insist on a text that is not blank."""
        if not isinstance(value, str) or not value.strip():
            raise self.not_a(where, value, "a text")
        return value

    def number(self, where: Where, value: Any) -> float:
        """Insist on a finite number; one that YAML reads as a text, such as 1e-5, is one."""
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise self.not_a(where, value, "a finite number")
        return number

    def count(self, where: Where, value: Any, most: int) -> int:
        """Insist on a whole number from 1 to ``most``."""
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise self.error(where, f"{where[-1]} is {value!r:.80}; it must be a whole number from 1 to {most}")
        return value

    def not_a(self, where: Where, value: Any, wanted: str) -> InputError:
        """The error of a value of the wrong kind."""
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
                raise InputError(f"{self.path}:{line}: '{key}' is there twice; every name must be distinct")
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
        raise InputError(f"{path} is no text in UTF-8: {error.reason} at byte {error.start}") from error
