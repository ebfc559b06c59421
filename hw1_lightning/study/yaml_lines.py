"""Reading YAML that people write: plain values, and the line of every one of them."""

from pathlib import Path
from typing import Any

import yaml

from hw1_lightning.errors import InputError

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
        text = _text(path)
        try:
            if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
                raise InputError(f"{path}: aliases (*name) are not read; write the values out")
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

    def error(self, where: Where, message: str) -> InputError:
        """An error that names the file and the line of an entry."""
        return InputError(f"{self.path}:{self.line(where)}: {message}")

    def _plain(self, node: yaml.Node, where: Where) -> Any:
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(child, self._mark(child, (*where, index))) for index, child in enumerate(node.value)]
        if not isinstance(node, yaml.MappingNode):
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
