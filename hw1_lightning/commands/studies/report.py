"""`hw1 study report`: writes the pages of studies again, and a summary of several."""

import argparse
from pathlib import Path

from hw1_lightning.commands.studies.pages import write_page
from hw1_lightning.errors import InputError, nearest
from hw1_lightning.report.summary.folder import check_folder
from hw1_lightning.report.summary.replications import replications_for
from hw1_lightning.runs.folder import check_folder_name
from hw1_lightning.shipped import folder_of_studies, study_files
from hw1_lightning.study.reading import read_study
from hw1_lightning.study.results import StudyResults, read_runs
from hw1_lightning.study.specification import Study


def report(options: argparse.Namespace) -> int:
    """Write the pages of studies and, with ``--summary``, one page of all of them.

    Everything is checked before the first page is written. The exit status is 1 if a required claim is not supported
    and ``--check`` is given.
    """
    if options.replications and not options.summary:
        raise InputError(f"--replications is {options.replications}, but only a summary shows it; add --summary FOLDER")
    names = [name for given in options.names for name in _names_in(given, options.runs_dir)]
    folders = [_folder_of(name, options.runs_dir) for name in names]
    studies = [read_study(folder / "study.yaml", folder.name) for folder in folders]
    if options.summary:
        _check_summary(options, studies)
    status = 0
    found = [read_runs(study, folder) for study, folder in zip(studies, folders, strict=True)]
    for results in found:
        judged = write_page(results)
        if options.check and any(each.claim.required and each.verdict != "supported" for each in judged):
            status = 1
    if options.summary:
        _write_summary(found, options)
    return status


def _check_summary(options: argparse.Namespace, studies: list[Study]) -> None:
    names = [study.name for study in studies]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InputError(f"the study '{twice}' is given twice; a summary has each study once")
    check_folder(options.summary)
    replications_for(studies, options.replications)


def _write_summary(found: list[StudyResults], options: argparse.Namespace) -> None:
    from hw1_lightning.report.summary.page import write_summary  # imported late, because it imports torch

    print(f"summary        {write_summary(found, options.summary, options.replications)}")


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
