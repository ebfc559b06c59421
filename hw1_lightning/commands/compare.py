"""`hw1 compare RUN RUN ...`: the options and results of runs side by side."""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from hw1_lightning.commands.parser.plain_parser import PlainParser
from hw1_lightning.errors import InputError, printable
from hw1_lightning.report.circumstances import describe_differences
from hw1_lightning.report.comparison_page import check_page, write_page
from hw1_lightning.report.comparison_tables import run_table, tables
from hw1_lightning.report.findings import identical_conditions, provenance
from hw1_lightning.report.plain_tables import Table, as_csv, as_latex, as_markdown, as_text
from hw1_lightning.study.compared import ComparedRuns, as_results
from hw1_lightning.study.grouping import group_runs, repeats
from hw1_lightning.study.run_folders import read_given

DESCRIPTION = """Show the options in which runs differ, their final and best metrics side by side, and, with --out,
their curves on one page. Runs that differ only in the seed are grouped, and each group is compared
with the first. A run is a folder such as runs/dropout/version_0 or runs/my_study/my_condition/seed=01."""
EPILOG = """examples:
  hw1 compare runs/dropout/version_*
  hw1 compare runs/learning_rate/*/seed=* --out compare.html
  hw1 compare runs/mlp/version_0 runs/dropout/version_0 --format csv > runs.csv"""
# The width of tables in a file, and the largest on a terminal.
WIDTH = 120


def run(args: Sequence[str]) -> int:
    """Compare runs, and write a page with ``--out``; see `subcommands.py`."""
    options = _parser().parse_args(args[1:])
    if options.out is not None:
        check_page(options.out)
    folders, lines = _unique_folders(options.runs)
    runs = [read_given(folder) for folder in folders]
    readable = [run for run in runs if run.options]

    if not readable:
        raise InputError(f"no config.yaml of these runs can be read; {runs[0].folder}: {runs[0].problem}")
    results = as_results(group_runs(readable), Path() if options.out is None else options.out.parent)
    labels = _labels(folders)
    lines += repeats(results.groups)
    lines += [f"not compared: {labels[run.folder]}: {run.problem}" for run in runs if run.result is None]
    side = run_table(results, [run for run in runs if not run.options], labels, full=options.format == "csv")
    warnings = [*lines, *describe_differences(results.runs), *identical_conditions(results)]
    stream = sys.stdout if options.format == "table" else sys.stderr  # other formats: the tables alone are the output
    for line in (_summary(results), *warnings):
        print(printable(line), file=stream)
    _print(options.format, tables(results, side))
    if options.out is not None:
        write_page(results, side, lines, options.out)
        print(f"page           {options.out}", file=stream)
    return 0


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = PlainParser("hw1 compare", description=DESCRIPTION, epilog=EPILOG, formatter_class=raw)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="a run's folder; two or more")
    add = parser.add_argument
    text = "how to print the tables (default: table); csv has one row a run, with every metric"
    add("--format", choices=["table", "csv", "latex", "markdown"], default="table", help=text)
    add("--out", type=Path, metavar="PAGE", help="also write this page, with the curves, such as compare.html")
    return parser


def _unique_folders(given: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Return each folder once, and a line for each that was given again."""
    found: dict[Path, Path] = {}
    repeated = [folder for folder in given if found.setdefault(folder.resolve(), folder) is not folder]
    if len(found) < 2:
        raise InputError(f"only one run is given, {given[0]}; give two or more")
    return list(found.values()), [f"given twice, compared once: {folder}" for folder in repeated]


def _labels(folders: Sequence[Path]) -> dict[Path, str]:
    """Return the folders' paths without the part that all have in common."""
    common = os.path.commonpath([folder.absolute().parent for folder in folders])
    return {folder: printable(os.path.relpath(folder.absolute(), common)) for folder in folders}


def _summary(results: ComparedRuns) -> str:
    runs, groups = sum(len(group.runs) for group in results.groups), len(results.groups)
    text = f"{runs} runs, {groups} condition{'s' * (groups > 1)}"
    data = provenance(results)["data"]
    return f"{text}; data {': '.join(*data.values())}" if len(data) == 1 else text


def _print(form: str, found: Sequence[Table]) -> None:
    if form == "csv":
        print(as_csv(found[-1]), end="")
        return
    width = min(WIDTH, shutil.get_terminal_size().columns) if sys.stdout.isatty() else WIDTH
    texts = {"table": lambda table: as_text(table, width), "latex": as_latex, "markdown": as_markdown}
    print(("\n" if form == "table" else "") + "\n\n".join(texts[form](table) for table in found))
