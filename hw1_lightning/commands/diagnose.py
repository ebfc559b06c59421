"""`hw1 diagnose FILE ...`: from reported numbers to the mistakes behind them."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from hw1_lightning.commands.parser.plain_parser import PlainParser, positive
from hw1_lightning.diagnosis.answers import Diagnosis
from hw1_lightning.diagnosis.reading import read_report
from hw1_lightning.diagnosis.reported import SET_BY_DIAGNOSIS, Report
from hw1_lightning.errors import InputError
from hw1_lightning.report.diagnosis.page import check_page, write_page
from hw1_lightning.report.diagnosis.records import as_json, check_scores, write_scores
from hw1_lightning.report.diagnosis.text import text_of

DESCRIPTION = """Compare reported numbers with those of correct and of mistaken programs, with the report's seed: which
are reproduced, which does a known mistake explain, and where in the code to look. It is for learning:
the same number can also come from other data, another program or a typing error."""
EPILOG = """examples:
  hw1 diagnose reported.yaml
  hw1 diagnose reported.yaml --config data/landscapes --data.source.path FILE
  hw1 diagnose submissions/*.yaml --out scores.csv
All other options are those of `hw1 fit` and apply to every run; give them after the files, those that say where the
data are in particular. The files of reports are described in docs/diagnosis.md; a short one is
  experiments:
    my perceptron:
      config: perceptron
      reported: {test/accuracy: 0.4173}"""
WIDTH = 120  # of the table in a file, and the largest on a terminal
Diagnose = Callable[[Report], Diagnosis]


def run(args: Sequence[str]) -> int:
    """Diagnose reports; the status is 0 whether or not mistakes are found, and 2 if one of several files failed."""
    options, further = _parser().parse_known_args(list(args[1:]))
    pages = _pages(options)
    reports = [read_report(path) for path in options.reports]
    if options.out is not None:
        check_scores(options.out)
    for page in pages:
        check_page(page)
    _check_further(further)
    return _all(reports, pages, options, lambda report: _diagnose(report, further, options))


def _diagnose(report: Report, further: Sequence[str], options: argparse.Namespace) -> Diagnosis:
    # Imported late: --help and errors in files do not require torch.
    from hw1_lightning.commands.diagnosing.engine import diagnose

    return diagnose(report, further, options.workers, options.runs_dir, _say)


def _say(line: str) -> None:
    print(f"hw1: {line}", file=sys.stderr, flush=True)  # next to the progress of runs


def _all(reports: Sequence[Report], pages: Sequence[Path], options: argparse.Namespace, diagnose: Diagnose) -> int:
    """Diagnose all reports; an error in one of several does not stop the others."""
    found: list[Diagnosis] = []
    status = 0
    for report, page in zip(reports, pages, strict=True):
        try:
            diagnosis = diagnose(report)
        except InputError as error:
            if len(reports) == 1:
                raise
            print(f"hw1: error: {error}", file=sys.stderr)
            status = 2
            continue
        if found and options.format == "text":
            print()
        found.append(diagnosis)
        write_page(diagnosis, page)
        if options.out is not None:  # after each report, so that an interruption loses none
            write_scores(found, options.out)
        _print(diagnosis, page, options)
    if options.format == "json":
        print(as_json(found))
    if options.out is not None and found:
        print(f"scores         {options.out}", file=_stream(options))
    return status


def _print(diagnosis: Diagnosis, page: Path, options: argparse.Namespace) -> None:
    if options.format == "text":
        width = min(WIDTH, shutil.get_terminal_size().columns) if sys.stdout.isatty() else WIDTH
        print(text_of(diagnosis, width))
    print(f"page           {page}", file=_stream(options), flush=True)


def _stream(options: argparse.Namespace) -> TextIO:
    return sys.stderr if options.format == "json" else sys.stdout  # JSON alone is the output


def _parser() -> argparse.ArgumentParser:
    raw, cores = argparse.RawDescriptionHelpFormatter, os.cpu_count() or 1
    parser = PlainParser("hw1 diagnose", description=DESCRIPTION, epilog=EPILOG, formatter_class=raw)
    add = parser.add_argument
    add("reports", nargs="+", type=Path, metavar="FILE", help="what a report says, in YAML")
    text = "how to print the diagnosis (default: text); json has all of it"
    add("--format", choices=["text", "json"], default="text", help=text)
    add("--out", type=Path, metavar="SCORES", help="also write one row for each number of all reports, as CSV")
    text = "the page, for one report (default: RUNS_DIR/diagnosis/NAME.html, with the name of the file)"
    add("--page", type=Path, help=text)
    add("--workers", type=positive, default=cores, help=f"runs in parallel (default: one for each core, {cores})")
    add("--runs_dir", type=Path, default=Path("runs"), help="folder of all runs (default: runs)")
    return parser


def _pages(options: argparse.Namespace) -> list[Path]:
    """Return the path of each report's page."""
    if options.page is not None:
        if len(options.reports) > 1:
            problem = f"--page is {options.page}, but there are {len(options.reports)} reports"
            raise InputError(f"{problem}; each has a page, in the folder {options.runs_dir / 'diagnosis'}")
        return [options.page]
    first: dict[str, Path] = {}
    for path in options.reports:
        other = first.setdefault(path.stem.lower(), path)  # some file systems ignore the case of names
        if other is not path and other.resolve() == path.resolve():
            raise InputError(f"{path} is given twice")
        if other is not path:
            problem = f"{other} and {path} would have the same page, {path.stem}.html"
            raise InputError(f"{problem}; rename one, or diagnose them one after another, with --page")
    return [options.runs_dir / "diagnosis" / f"{path.stem}.html" for path in options.reports]


def _check_further(further: Sequence[str]) -> None:
    """Refuse what is not an option, and options that the report sets."""
    if not further:
        return
    from hw1_lightning.commands.studies.option_checks import option_pairs

    for option, _ in option_pairs(further, "reports"):
        if reason := SET_BY_DIAGNOSIS.get(option.lstrip("-")):
            raise InputError(f"{option} cannot be set for a diagnosis: {reason}")
