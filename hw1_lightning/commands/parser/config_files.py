"""Reading and writing the YAML of configs and options."""

import warnings
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import yaml
from jsonargparse import ActionConfigFile, Namespace, get_loader, set_loader  # type: ignore[attr-defined] # the first
from lightning.pytorch.cli import LightningArgumentParser

from hw1_lightning.errors import InputError
from hw1_lightning.files import replacing
from hw1_lightning.shipped import find_config
from hw1_lightning.yaml_limits import check_yaml_cost

_LOAD = get_loader("yaml")


class ConfigFile(ActionConfigFile):
    """The option ``--config``: a file, the name of a shipped config, or the text of a config."""

    def __call__(self, parser: Any, cfg: Any, values: Any, option_string: str | None = None) -> None:
        """Find the config and read its options."""
        super().__call__(parser, cfg, find_config(values), option_string)  # type: ignore[no-untyped-call]


def limit_yaml_cost() -> None:
    """Make jsonargparse refuse YAML that takes long to read, or forever because it contains itself."""
    set_loader("yaml", load_yaml, (yaml.YAMLError,))


def load_yaml(text: str) -> Any:
    """Return the plain values of a text in YAML, as jsonargparse reads them; ``check_yaml_cost`` may refuse it."""
    check_yaml_cost(text)
    try:
        return _LOAD(text)
    except UnicodeEncodeError as error:  # the path of a file whose name is not UTF-8
        raise yaml.YAMLError("bytes that are not UTF-8") from error


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds; raise an ``InputError`` if it cannot be read."""
    try:
        return load_yaml(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        reason = error.strerror if isinstance(error, OSError) else " ".join(str(error).split())
        raise InputError(f"{path} cannot be read: {reason}") from error


# jsonargparse cannot write some values that it has read, torch.device("cpu") or a function's name among them.
_UNWRITTEN = "Unable to serialize instance "
_HISTORY = "# Options that were changed when the run was resumed; those above are the last.\n"


def save_config(
    parser: LightningArgumentParser, config: Namespace, path: Path, history: Sequence[Mapping[str, Any]] = ()
) -> None:
    """Write all options of a run, atomically, as a config file.

    Args:
        parser: the parser that has read them.
        config: the options.
        path: the file; an older one is left unchanged if the new one cannot be written.
        history: which options were changed when the run was resumed, as plain values.
    """
    yaml.SafeDumper.add_multi_representer(Enum, lambda dumper, value: dumper.represent_data(value.value))
    with replacing(path) as temporary:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=rf"(?s)\s*{_UNWRITTEN}")
            parser.save(config, str(temporary), skip_unset=False)
        text = temporary.read_text(encoding="utf-8").replace(_UNWRITTEN, "")  # what follows is the value that was read
        if history:
            text += _HISTORY + yaml.safe_dump({"history": list(history)}, sort_keys=False, allow_unicode=True)
        temporary.write_text(text, encoding="utf-8")
