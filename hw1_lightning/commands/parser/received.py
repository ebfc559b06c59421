"""Options that are read from a received run's config.yaml: only those of the model, the data and the precision."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hw1_lightning.commands.parser.config_files import read_yaml
from hw1_lightning.errors import InputError

# The package whose classes such a file may name; not lightning or torch: hooks of their example models download data.
OWN_PACKAGE = "hw1_lightning"


def received_options(config: Path, trusted: Sequence[str]) -> list[str]:
    """Return the options that the config.yaml next to a checkpoint sets: its model, its data and the precision.

    The folder may come from another person, so the other options are not read: ``output`` would overwrite any file, a
    profiler or a logger would write anywhere. The numbers depend on ``trainer.precision``, which can only be one of
    Lightning's names.
    """
    options = _mapping(read_yaml(config), "its content", config)
    model, data = (_mapping(options.get(name), name, config) for name in ("model", "data"))
    check_trusted("model", model.get("class_path"), config, trusted)
    source = data.get("source")
    check_trusted("data.source", source.get("class_path") if isinstance(source, Mapping) else source, config, trusted)
    precision = _mapping(options.get("trainer", {}), "trainer", config).get("precision")
    chosen = [] if precision is None else [f"--trainer.precision={precision}"]
    return [as_option("model", model), as_option("data", data), *chosen]


def check_trusted(name: str, class_path: object, file: str | Path, trusted: Sequence[str]) -> None:
    """Refuse a class that a received file may not name.

    Args:
        name: the option whose value the class is.
        class_path: what the file gives.
        file: the file.
        trusted: packages whose classes may be named, in addition to hw1's own.
    """
    if not isinstance(class_path, str) or not all(part.isidentifier() for part in class_path.split(".")):
        raise InputError(f"{file}: {name} is {class_path}; it must name a class")

    if "." in class_path and not any(f"{class_path}.".startswith(f"{each}.") for each in (OWN_PACKAGE, *trusted)):
        problem = f"{file}: {name} names {class_path}, which is not imported: it is outside {OWN_PACKAGE}"
        raise InputError(f"{problem}; if you trust it, add --trust {class_path.partition('.')[0]}")


def as_option(name: str, value: Mapping[str, Any]) -> str:
    """Return a mapping of plain values as an option of the command line."""
    try:
        return f"--{name}={json.dumps(value)}"
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"{name} must contain only text, numbers, lists and mappings ({error})") from error


def _mapping(value: object, name: str, config: Path) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{config}: {name} is {value}; it must be a mapping, as `hw1 fit` writes it")
    return value
