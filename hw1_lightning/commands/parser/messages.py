"""Warnings, log messages and errors of libraries, made readable or silenced."""

import logging
import re
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lightning.fabric.utilities.exceptions import MisconfigurationException

from hw1_lightning.commands.parser.error_parser import RefusedArguments
from hw1_lightning.errors import InputError, as_unexpected_error, plain_warnings

_MISSING_PACKAGE = re.compile(r"(?is)given class_path '([\w.]+)':\s*(.+?(?:install|no module named)[^\n]*)")


@contextmanager
def as_input_errors() -> Iterator[None]:
    """Raise an ``InputError`` for what Lightning and jsonargparse raise after a user's mistake."""
    try:
        with plain_warnings(), _silence_writer_thread():
            yield
    except RefusedArguments as error:
        raise InputError(error.message) from error
    except (MisconfigurationException, ModuleNotFoundError) as error:
        raise InputError(" ".join(str(error).split())) from error
    except BrokenPipeError:  # the reader of the output has closed it, which is not a mistake
        raise
    except OSError as error:  # such as a full disk, or a folder without permission
        place = f"{error.filename}: " if error.filename else ""
        raise InputError(f"{place}{error.strerror or error}; free space, or choose another folder") from error

    except ValueError as error:
        if missing := _MISSING_PACKAGE.search(str(error)):
            raise InputError(f"{missing[1]}: {' '.join(missing[2].split())}") from error
        # jsonargparse wraps the errors of a class's __init__ in its own.
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, InputError):
            cause = cause.__cause__
        raise (cause or error) from None


@contextmanager
def keep_traceback(folder: Path) -> Iterator[None]:
    """Turn an unexpected error into one line, with the traceback in the run's folder."""
    try:
        yield
    except (InputError, MisconfigurationException, RefusedArguments, OSError, ModuleNotFoundError):
        raise
    except Exception as error:
        raise as_unexpected_error(folder, error) from error


@contextmanager
def _silence_writer_thread() -> Iterator[None]:
    """Silence the thread of TensorBoard that prints its errors: the main thread raises them too."""
    before = threading.excepthook

    def print_others(args: threading.ExceptHookArgs) -> None:
        if not issubclass(args.exc_type, OSError):
            before(args)

    threading.excepthook = print_others
    try:
        yield
    finally:
        threading.excepthook = before


# Lightning's messages about every run: advertisements, device lists, and what hw1 prints itself.
NOISE = (
    *("GPU available", "TPU available", "HPU available", "You are using a CUDA device", "LOCAL_RANK", "Seed set to"),
    *("\N{ELECTRIC LIGHT BULB} Tip", "Using ", "Running in `fast", "Restor", "Loaded model weights", "`Trainer"),
    *("`weights_only`", "one step at a time", "Initializing distributed", "-" * 100 + "\n", "distributed_", "[rank:"),
)


def quiet_libraries(command: str = "fit") -> None:
    """Silence messages that do not help the user; those of callbacks and profilers are still printed."""
    for name in ("lightning", "lightning.pytorch", "lightning.fabric"):
        for handler in logging.getLogger(name).handlers:
            # Lightning's own handler has the stream of the time when it was imported; other handlers keep theirs.
            if type(handler) is logging.StreamHandler:
                handler.stream = sys.stderr
            handler.addFilter(_is_useful)
    ours = logging.getLogger("hw1_lightning")
    if not ours.handlers:
        ours.setLevel(logging.INFO)
        ours.propagate = False
        ours.addHandler(_Stderr())
    # lightning 2.6 uses a name that torch 2.13 has replaced.
    warnings.filterwarnings("ignore", message=".*LeafSpec.*", category=FutureWarning)
    if command != "fit":
        warnings.filterwarnings("ignore", message="Be aware that when using `ckpt_path`, callbacks used to create")
    # About hw1's own optimizer_step, which overrides Lightning's on purpose.
    warnings.filterwarnings("ignore", message=".*overriding `LightningModule.optimizer_")


class _Stderr(logging.Handler):
    """Prints hw1's own records as it prints all messages, on the standard error of the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        print(f"hw1: {record.getMessage()}", file=sys.stderr, flush=True)


def _is_useful(record: logging.LogRecord) -> bool:
    """Return whether the text of a record starts as none in ``NOISE``."""
    return not record.getMessage().lstrip().startswith(NOISE)
