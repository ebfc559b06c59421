"""`hw1 study run | plan | report`: compares conditions over many seeds."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from hw1_lightning.commands.parser.plain_parser import PlainParser, positive
from hw1_lightning.errors import InputError, nearest

DESCRIPTION = "Compare conditions over many seeds, and report what the evidence supports."
COMMANDS = {
    "run": "execute the missing runs of all studies, several in parallel, and write their reports",
    "plan": "print the runs, how long they take and what that number of seeds can show",
    "report": "write report.html, report.md and results.csv of studies, and a summary of several",
}
EPILOG = """All other options are those of `hw1 fit` and apply to every run, for example
  hw1 study run configs/studies/dropout.yaml --config configs/data/landscapes.yaml --data.source.path FILE
A folder stands for all study files in it, and the studies of a command are one plan: runs that several of them share
are executed once. The same command resumes it after an interruption. Finished runs with other options are kept: --name
or --runs_dir chooses another folder, --force replaces them."""


def run(args: Sequence[str]) -> int:
    """Run a subcommand of `hw1 study`; the status is 1 if a run failed or a required claim is not supported."""
    options, further = _parser().parse_known_args(args[1:])
    if options.command == "run":
        from hw1_lightning.commands.studies.run import run

        return run(options, further)
    if options.command == "plan":
        from hw1_lightning.commands.studies.plan import plan

        return plan(options, further)
    if further:
        hint = nearest(further[0], ["--check", "--runs_dir", "--summary", "--replications"])
        raise InputError(f"unknown option '{further[0]}' of hw1 study report{hint}")
    from hw1_lightning.commands.studies.report import report

    return report(options)


def _parser() -> argparse.ArgumentParser:
    parser, raw = PlainParser("hw1 study", description=DESCRIPTION), argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    made = {
        name: commands.add_parser(name, help=text, description=f"{text.capitalize()}.", formatter_class=raw)
        for name, text in COMMANDS.items()
    }
    for name in ("run", "plan"):
        made[name].epilog = EPILOG
        _add_common_options(made[name])
    add = made["run"].add_argument
    add("--force", action="store_true", help="replace runs with other options, data or version")
    add("--executor", choices=["local", "ray"], default="local", help="where to execute runs (default: local)")
    add("--address", help="address of a Ray cluster (default: one is started on this machine)")
    _add_report_options(made["report"])
    for each in made.values():
        each.add_argument("--runs_dir", type=Path, default=Path("runs"), help="folder of all runs (default: runs)")
    return parser


def _add_common_options(parser: argparse.ArgumentParser) -> None:
    add, cores = parser.add_argument, os.cpu_count() or 1
    shipped = "study files, folders of them, or the names of those that hw1 ships (`hw1 configs`)"
    add("files", nargs="+", type=Path, metavar="FILE", help=shipped)
    add("--seeds", type=positive, help="number of seeds (default: that of each file)")
    add("--workers", type=positive, default=cores, help=f"runs in parallel (default: one for each core, {cores})")
    add("--name", help="name of the study's folder, for one study (default: that of the file)")


def _add_report_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("names", nargs="+", metavar="NAME", help="a study in the folder of all runs, or a folder of study files")
    add("--check", action="store_true", help="exit with 1 if a required claim is not supported")
    add("--summary", type=Path, metavar="FOLDER", help="also write one page of all studies: which claims hold")
    published = "what others published, for the summary (default: the shipped file, as far as it matches)"
    add("--replications", type=Path, metavar="FILE", help=published)
