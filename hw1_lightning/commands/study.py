"""`hw1 study run | plan | report`: many runs of one comparison, and what they show."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hw1_lightning.commands.parser.plain_parser import PlainParser
from hw1_lightning.errors import InputError, nearest
from hw1_lightning.runs.folder import check_folder_name

COMMANDS = {
    "run": "do the runs that are missing, several at a time, and write the report",
    "plan": "print the runs, the time they will take and what so many seeds can show",
    "report": "write report.html, report.md and results.csv of studies that were run",
}
EPILOG = """Options that are not listed belong to `hw1 fit` and hold for every run, for example
  hw1 study run configs/studies/dropout.yaml --config configs/data/landscapes.yaml --data.source.path FILE
A study that was interrupted is resumed when it is started again. Finished runs with other options are not replaced:
--name makes another folder, --force replaces them."""


def run(args: Sequence[str]) -> int:
    """Run a subcommand of `hw1 study`.

    Args:
        args: ``study``, the subcommand and its options.

    Returns:
        The exit status: 0; 1 if a run failed, or a required claim is not supported; 130 or 143 if interrupted.

    Raises:
        InputError: if the study, its options or the data cannot work.
    """
    options, further = _parser().parse_known_args(args[1:])
    if options.command == "run":
        from hw1_lightning.commands.studies.run import run

        return run(options, further)
    if options.command == "plan":
        from hw1_lightning.commands.studies.plan import plan

        return plan(options, further)
    if further:
        raise InputError(
            f"hw1 study report has no option '{further[0]}'{nearest(further[0], ['--check', '--runs_dir'])}"
        )
    return _report(options)


def _parser() -> argparse.ArgumentParser:
    parser = PlainParser(
        "hw1 study", description="Run a comparison with many seeds, and see what it shows.", allow_abbrev=False
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="run | plan | report")
    made = {
        name: commands.add_parser(
            name,
            help=text,
            description=text.capitalize() + ".",
            epilog=None if name == "report" else EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        for name, text in COMMANDS.items()
    }
    for name in ("run", "plan"):
        _add_common_options(made[name])
    _add_run_options(made["run"])
    made["report"].add_argument("names", nargs="+", metavar="NAME", help="a study that was run")
    made["report"].add_argument("--check", action="store_true", help="exit with 1 if a required claim is not supported")
    for each in made.values():
        each.add_argument("--runs_dir", type=Path, default=Path("runs"), help="folder of all runs (default: runs)")
    return parser


def _add_common_options(parser: argparse.ArgumentParser) -> None:
    add, cores = parser.add_argument, os.cpu_count() or 1
    shipped = "study files, or the names of those that hw1 ships (`hw1 configs`)"
    add("files", nargs="+", type=Path, metavar="FILE", help=shipped)
    add("--seeds", type=_positive, help="how many seeds (default: what each file says)")
    add("--workers", type=_positive, default=cores, help=f"runs at a time (default: one a core, {cores})")
    add("--name", help="name of the study's folder (default: that of the file)")


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--force", action="store_true", help="replace runs that were made with other options, data or version")
    add("--executor", choices=["local", "ray"], default="local", help="where runs execute (default: local)")
    add("--address", help="address of a Ray cluster (default: one is started on this machine)")


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"it is '{text}', but must be a whole number of at least 1")
    return number


def _report(options: Any) -> int:
    from hw1_lightning.report.findings import describe_judgement, identical_conditions, not_counted
    from hw1_lightning.report.page import judgements, write_report
    from hw1_lightning.study.reading import read_study
    from hw1_lightning.study.results import read_runs

    status = 0
    folders = [_folder_of(name, options.runs_dir) for name in options.names]
    for name, folder in zip(options.names, folders, strict=True):
        results = read_runs(read_study(folder / "study.yaml", name), folder)
        for line in (*not_counted(results), *identical_conditions(results)):
            print(f"hw1: {line}", file=sys.stderr)
        print(f"report         {write_report(results)}")
        for judgement in judgements(results):
            print(describe_judgement(judgement))
            if options.check and judgement.claim.required and judgement.verdict != "supported":
                status = 1
    return status


def _folder_of(name: str, runs_dir: Path) -> Path:
    """The folder of a study that was run."""
    check_folder_name(name, f"give NAME as it is in {runs_dir}; --runs_dir chooses another folder of runs")
    if not (runs_dir / name / "study.yaml").is_file():
        known = [path.parent.name for path in runs_dir.glob("*/study.yaml")]
        there = f"there are {', '.join(sorted(known))}" if known else "there is none yet; see hw1 study run --help"
        raise InputError(f"{runs_dir} holds no study '{name}'; {there}{nearest(name, known)}")
    return runs_dir / name
