"""The `hw1` command: imports the module of the subcommand, and torch only if that needs it."""

import atexit
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from itertools import takewhile
from pathlib import Path
from tempfile import mkdtemp
from typing import NoReturn

from hw1_lightning import __version__
from hw1_lightning.commands.parser.subcommands import COMMANDS
from hw1_lightning.errors import InputError, UnexpectedError, as_unexpected_error, nearest
from hw1_lightning.signals import Interrupted, end_now, signals_to

USAGE = f"""usage: hw1 [--help] [--version] COMMAND ...

Perceptrons, logistic regression and multi-layer perceptrons, compared honestly.

commands:
{chr(10).join(f"  {name:<12}{text}" for name, (_, text) in COMMANDS.items())}

examples:
  hw1 fit --config configs/dropout.yaml
  hw1 fit --config configs/dropout.yaml --model.dropout 0.5 --seed_everything 7
  hw1 fit --config configs/dropout.yaml --config configs/data/landscapes.yaml --data.source.path FILE
  hw1 study run configs/studies/dropout.yaml --seeds 5
  hw1 study run configs/studies --seeds 10
  hw1 compare runs/dropout/version_0 runs/dropout/version_1 --out compare.html
  hw1 fit --config configs/dropout.yaml --data.source ImageFolder --data.source.path FOLDER
  hw1 test --ckpt_path runs/dropout/version_0/checkpoints/best.ckpt
  hw1 predict --ckpt_path runs/dropout/version_0/checkpoints/best.ckpt --pictures FOLDER
  hw1 export --ckpt_path runs/dropout/version_0/checkpoints/best.ckpt model.onnx
  hw1 verify runs/dropout/version_0
  hw1 diagnose reported.yaml
  hw1 data info FOLDER
  tensorboard --logdir runs

`hw1 COMMAND --help` lists the options of a command."""


def program() -> NoReturn:
    """Run the command line as a process of its own, and end it without freeing the objects of torch and Lightning.

    That would take a second or more after the last line. Functions registered with ``atexit`` are called as usual.
    """
    status = 1

    def end() -> None:
        with suppress(OSError):  # the reader may have closed them
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)

    atexit.register(end)  # the first to be registered is the last to be called
    try:
        status = main()
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    sys.exit(status)


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        args: the arguments, without the program's name; the default are those of the process.

    Returns:
        The exit status: 0; 1 if training diverged, a run of a study failed, a required claim is not supported or
        `verify` found other numbers; 130 after Ctrl-C, 143 after SIGTERM; 1 also after an unexpected error, with a line
        that names a file with the traceback.

    Raises:
        SystemExit: with status 2 for an error in the arguments or the data, after one line on standard error.
    """
    if args is None and isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # file names may contain what a terminal cannot print
    given = _only_help(list(sys.argv[1:] if args is None else args))
    if not given or given[0] in {"-h", "--help"}:
        print(USAGE)
        return 0
    if given[0] == "--version":
        print(f"hw1 {__version__}")
        return 0
    try:
        with signals_to(end_now):
            status = _run(given)
            sys.stdout.flush()
            return status
    except InputError as error:
        print(f"hw1: error: {error}", file=sys.stderr)
        raise SystemExit(2) from error
    except Interrupted as end:
        print(f"hw1: {end}", file=sys.stderr)
        return end.status
    except BrokenPipeError:  # the reader of the output, such as `head`, has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush when the process ends
        return 128 + 13  # as if SIGPIPE had ended it
    except Exception as error:
        known = isinstance(error, UnexpectedError)
        unexpected = error if known else as_unexpected_error(Path(mkdtemp(prefix="hw1-")), error)
        print(f"hw1: error: {unexpected}", file=sys.stderr)
        return 1


def _only_help(given: list[str]) -> list[str]:
    """Drop the other options if help is requested, so that an error in them does not prevent it."""
    if not {"-h", "--help"} & set(given):
        return given
    return [*takewhile(lambda arg: not arg.startswith("-"), given), "--help"]


def _run(given: list[str]) -> int:
    if given[0] not in COMMANDS:
        hint = nearest(given[0], COMMANDS)
        raise InputError(f"unknown command '{given[0]}'; allowed are {', '.join(COMMANDS)}{hint}")
    # torchmetrics imports matplotlib, which warns if there is no home folder for its cache.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    _print_import_notice(given)
    return int(import_module(f"hw1_lightning.commands.{COMMANDS[given[0]][0]}").run(given))


def _print_import_notice(given: list[str]) -> None:
    """Print a line before torch and Lightning are imported, which takes seconds."""
    studies = given[:2] in (["study", "run"], ["study", "plan"])
    trains = COMMANDS[given[0]][0] == "training" or given[0] in ("export", "verify", "diagnose") or studies
    first = "LOCAL_RANK" not in os.environ  # the first of several processes, which Lightning starts
    if trains and first and "lightning" not in sys.modules and not {"-h", "--help"} & set(given):
        print("hw1: importing torch and lightning, which takes a few seconds", file=sys.stderr, flush=True)
