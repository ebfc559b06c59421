"""The arguments of a subcommand before they are parsed."""

import re
from collections.abc import Sequence
from pathlib import Path

from hw1_lightning.commands.parser.locations import existing_checkpoint
from hw1_lightning.commands.parser.received import as_option, check_trusted, received_options
from hw1_lightning.csv_cells import SURROGATE
from hw1_lightning.errors import InputError
from hw1_lightning.runs.checkpoints import read_checkpoint
from hw1_lightning.runs.loading import class_and_arguments

# Arguments of a model that the command line takes from the data, where there is data.
FROM_DATA = ("input_shape", "input_scale", "class_names", "num_classes", "num_outputs")

# Options of predict whose value may be any file name, since neither config.yaml nor TensorBoard holds it.
ANY_FILE_NAME = ("--pictures", "--output", "--ckpt_path")


def value_of(args: Sequence[str], option: str) -> str | None:
    """Return the last value of an option, given as ``--option value`` or ``--option=value``."""
    return next(reversed(values_of(args, option)), None)


def values_of(args: Sequence[str], option: str) -> list[str]:
    """Return all values of an option, in the order they are given."""
    return split_option(args, option)[1]


def split_trusted(args: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the arguments without ``--trust PACKAGE``, and the packages.

    No config file can give this option, and no run's config.yaml keeps it.
    """
    rest, trusted = split_option(args, "--trust")
    for name in trusted:
        if not all(part.isidentifier() for part in name.split(".")) or name.split(".")[0] == "jsonargparse":
            raise InputError(f"--trust is '{name}'; it must be the name of a Python package")
    return rest, trusted


def check_decodable(args: Sequence[str]) -> None:
    """Refuse file names that are not UTF-8 where config.yaml or TensorBoard would have to store them."""
    rest = list(args)
    for option in ANY_FILE_NAME if args[0] == "predict" else ():
        rest = split_option(rest, option)[0]
    for arg in rest:
        if SURROGATE.search(arg):
            problem = f"'{arg}' is not UTF-8, so neither config.yaml nor TensorBoard can hold it"
            raise InputError(f"{problem}; rename the file or folder")


def with_checkpoint_options(args: list[str], trusted: Sequence[str] = ()) -> list[str]:
    """Put the model and the data of a checkpoint's run before the user's own options, which take precedence.

    A checkpoint in a run's folder takes both from the run's config.yaml; any other checkpoint holds its model.
    Predicting the user's own images requires only the model.

    Args:
        args: the subcommand and its options; those of ``fit``, and those that ask for help, are returned unchanged.
        trusted: packages whose classes the config and the checkpoint may name, in addition to hw1's own.
    """
    if args[0] == "fit" or any(re.match(r"-h$|--([\w.]+\.)?(help|print_config)\b", arg) for arg in args):
        return args
    given = existing_checkpoint(value_of(args, "--ckpt_path"), args[0])
    config = Path(given).parent.parent / "config.yaml"
    pictures = value_of(args, "--pictures") is not None
    if config.is_file() and Path(given).parent.name == "checkpoints" and not pictures:
        return [args[0], *received_options(config, trusted), *args[1:]]
    if not pictures and (value_of(args, "--config") or value_of(args, "--model")):
        return args
    class_path, arguments = class_and_arguments(read_checkpoint(given), given)
    check_trusted("its model", class_path, given, trusted)
    kept = {name: value for name, value in arguments.items() if pictures or name not in FROM_DATA}
    return [args[0], as_option("model", {"class_path": class_path, "init_args": kept}), *args[1:]]


def split_option(args: Sequence[str], option: str) -> tuple[list[str], list[str]]:
    """Return the arguments without an option and its values, and the values."""
    rest, values = [], []
    remaining = iter(args)
    for arg in remaining:
        if arg == option:
            value = next(remaining, None)
            if value is None:
                raise InputError(f"{option} requires a value")
            values.append(value)
        elif arg.startswith(f"{option}="):
            values.append(arg.partition("=")[2])
        else:
            rest.append(arg)
    return rest, values
