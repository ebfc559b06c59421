"""`hw1 verify`: repeats a run and reports how far its numbers agree."""

import argparse
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hw1_lightning.commands.parser.plain_parser import PlainParser, positive
from hw1_lightning.errors import InputError

# hw1 prints four digits. Rounding alone changes the sixth or seventh digit of a loss after a few epochs.
TOLERANCE = 1e-4
EPOCHS = 3
DESCRIPTION = """Repeat a run with the options and the seed in its config.yaml, in a temporary folder, and report how
far the numbers agree. The exit status is 1 if they do not. The folder may come from another person: only options that
change numbers are used, and no code from the folder is run."""
SOURCE = "--data.source"


def run(args: Sequence[str]) -> int:
    """Repeat a run; the status is 1 if numbers differ by more than the tolerance."""
    options, further = _parser().parse_known_args(list(args[1:]))
    _check_only_data_options(further)
    # Imported late: --help does not require torch.
    from hw1_lightning.commands.verifying.recorded_run import RecordedRun
    from hw1_lightning.commands.verifying.repetition import repeat
    from hw1_lightning.commands.verifying.report import report

    recorded = RecordedRun(options.run, options.trust)
    start = recorded.options.get("ckpt_path")
    if start not in (None, "last"):
        raise InputError(f"{options.run} began from the checkpoint {start}; it cannot be repeated")
    epochs = recorded.epochs if options.epochs == "all" else min(options.epochs, recorded.epochs)
    if not epochs:
        problem = f"{options.run}: an option was changed or time ran out in its first epoch"
        raise InputError(f"{problem}, so none can be repeated")
    with tempfile.TemporaryDirectory(prefix="hw1-verify-") as place:
        folder = Path(place) / "run"
        folder.mkdir()
        repeat(recorded, epochs, folder, further, options.threads)
        if not (folder / "result.json").is_file():  # this is not the first of several processes
            return 0
        return report(recorded, RecordedRun(folder), epochs, options.tolerance)


def _parser() -> argparse.ArgumentParser:
    usage = f"hw1 verify [--epochs N|all] [--tolerance X] [--threads N] [--trust PACKAGE] [{SOURCE}.path FILE] RUN"
    parser = PlainParser(prog="hw1 verify", usage=usage, description=DESCRIPTION)
    add = parser.add_argument
    add("run", type=Path, metavar="RUN", help="a run's folder, runs/NAME/VERSION, or one of a study")
    text = f"how many epochs to repeat; all also evaluates the test split (default: {EPOCHS})"
    add("--epochs", type=_epochs, default=EPOCHS, help=text)
    text = f"largest relative difference; 0 requires bit-identical numbers (default: {TOLERANCE:g}, four digits)"
    add("--tolerance", type=_tolerance, default=TOLERANCE, help=text)
    add("--threads", type=int, help="CPU threads (default: those of the run's options)")
    add("--trust", action="append", default=[], metavar="PACKAGE", help="allow the run to name classes of this package")
    return parser


def _epochs(text: str) -> int | str:
    return text if text == "all" else positive(text, ", or all")


def _tolerance(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < 1:
        raise argparse.ArgumentTypeError(f"is '{text}'; it must be a number from 0 to below 1")
    return number


def _check_only_data_options(further: Sequence[str]) -> None:
    """Refuse options that would train something else; only the path of the data may differ."""
    for option in further:
        if option.startswith("-") and not option.startswith(SOURCE):
            problem = f"unknown option '{option.partition('=')[0]}' of hw1 verify, which repeats the run as it was"
            raise InputError(f"{problem}; {SOURCE}.path FILE says where the data are on this machine")
    if further and not further[0].startswith("-"):
        raise InputError(f"hw1 verify takes one run, and '{further[0]}' is a second one; `hw1 compare` takes several")
