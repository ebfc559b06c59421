"""`hw1 study run | plan | report`: compares conditions over many seeds."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hw1_lightning.commands.parser.plain_parser import PlainParser, positive
from hw1_lightning.errors import InputError, nearest
from hw1_lightning.runs.folder import check_folder_name
from hw1_lightning.shipped import folder_of_studies, study_files

DESCRIPTION = "Compare conditions over many seeds, and report what the evidence supports."
COMMANDS = {
    "run": "execute the missing runs of all studies, several in parallel, and write their reports",
    "plan": "print the runs, how long they take and what that number of seeds can show",
    "report": "write report.html, report.md and results.csv of studies",
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
        hint = nearest(further[0], ["--check", "--runs_dir"])
        raise InputError(f"unknown option '{further[0]}' of hw1 study report{hint}")
    return _report(options)


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
    made["report"].add_argument(
        "names", nargs="+", metavar="NAME", help="a study in the folder of all runs, or a folder of study files"
    )
    made["report"].add_argument("--check", action="store_true", help="exit with 1 if a required claim is not supported")
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


def _report(options: Any) -> int:
    from hw1_lightning.commands.studies.pages import write_page
    from hw1_lightning.study.reading import read_study
    from hw1_lightning.study.results import read_runs

    status = 0
    names = [name for given in options.names for name in _names_in(given, options.runs_dir)]
    folders = [_folder_of(name, options.runs_dir) for name in names]
    for name, folder in zip(names, folders, strict=True):
        for judgement in write_page(read_runs(read_study(folder / "study.yaml", name), folder)):
            if options.check and judgement.claim.required and judgement.verdict != "supported":
                status = 1
    return status


def _names_in(given: str, runs_dir: Path) -> list[str]:
    """Return the names of the studies whose files are in a folder, or what was given, if that is not such a folder."""
    if (runs_dir / given / "study.yaml").is_file() or (folder := folder_of_studies(Path(given))) is None:
        return [given]
    return [path.stem for path in study_files(folder)]


def _folder_of(name: str, runs_dir: Path) -> Path:
    check_folder_name(name, f"give NAME as it is in {runs_dir}; --runs_dir chooses another folder of runs")
    if not (runs_dir / name / "study.yaml").is_file():
        known = [path.parent.name for path in runs_dir.glob("*/study.yaml")]
        there = f"it holds {', '.join(sorted(known))}" if known else "it holds none yet; see `hw1 study run --help`"
        raise InputError(f"{runs_dir} holds no study '{name}'; {there}{nearest(name, known)}")
    return runs_dir / name
