"""YAML as configs and options are written in it."""

from typing import Any

import yaml
from jsonargparse import get_loader, set_loader

from hw1_lightning.yaml_limits import refuse_costly

_LOAD = get_loader("yaml")


def refuse_costly_configs() -> None:
    """From now on, let configs and options hold no YAML that takes long to read, or for ever, if it holds itself."""
    set_loader("yaml", load, (yaml.YAMLError,))


def load(text: str) -> Any:
    """Read YAML as jsonargparse does.

    Args:
        text: a config file, or an option's value.

    Returns:
        Plain values.

    Raises:
        yaml.YAMLError: if it is no YAML, or none that is read; see ``refuse_costly``.
    """
    refuse_costly(text)
    return _LOAD(text)
