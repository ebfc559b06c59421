"""The summary that `hw1 study run` writes after several studies."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hw1_lightning.commands.studies.files import PlannedStudy, folder_of_all
from hw1_lightning.errors import InputError
from hw1_lightning.report.summary.folder import check_folder
from hw1_lightning.report.summary.page import write_summary
from hw1_lightning.report.summary.replications import replications_for
from hw1_lightning.shipped import REPLICATIONS, folder_of_studies
from hw1_lightning.study.results import StudyResults


def check_summary(studies: Sequence[PlannedStudy], options: argparse.Namespace) -> None:
    """Check that a summary of several studies can be written, before their first run starts.

    Raises:
        InputError: if its folder holds other files, or the replications next to the study files match none of them.
    """
    if len(studies) > 1:
        check_folder(folder_of_all(options))
        replications_for([one.study for one in studies], _replications(options))


def summarize_studies(results: Sequence[StudyResults | None], options: argparse.Namespace) -> int:
    """Write the summary of several studies, without those that could not begin; return 2 if that fails, otherwise 0."""
    found = [each for each in results if each is not None]
    if len(results) > 1 and found:
        try:
            print(f"\nsummary        {write_summary(found, folder_of_all(options), _replications(options))}")
        except InputError as error:
            print(f"hw1: error: {error}", file=sys.stderr)
            return 2
    return 0


def _replications(options: argparse.Namespace) -> Path | None:
    """Return the file of replications in the folder of study files that was given; ``None`` takes the shipped one."""
    folder = folder_of_studies(options.files[0]) if len(options.files) == 1 else None
    return folder / REPLICATIONS if folder and (folder / REPLICATIONS).is_file() else None
