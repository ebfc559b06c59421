"""Finds runs with other options in a study's folder, which a new run would replace, and removes them."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from hw1_lightning.errors import InputError
from hw1_lightning.study.identity import differences
from hw1_lightning.study.jobs import Job
from hw1_lightning.study.words import listing

# More differences would make the line unreadable.
MAX_LISTED = 6


def replaced_by(jobs: Sequence[Job]) -> list[Job]:
    """Return the runs whose folders hold another run, finished or trained for some epochs."""
    return [job for job in jobs if job.replaces() is not None]


def describe_replaced(replaced: Sequence[Job]) -> str:
    """Describe which runs would be lost, and why.

    Args:
        replaced: from ``replaced_by``, at least one.

    Returns:
        A text such as ``4 finished runs with other options: model.dropout 0.25 -> 0.5``.
    """
    kinds = [job.replaces() for job in replaced]
    counts = [f"{kinds.count(kind)} {kind}" for kind in ("finished", "unfinished") if kind in kinds]
    conditions: dict[str, list[str]] = {}
    for job in replaced:
        for text in _differences(job):
            conditions.setdefault(text, []).append(job.condition)
    everywhere = {job.condition for job in replaced}
    where = ("" if {*names} == everywhere else f" ({', '.join(dict.fromkeys(names))})" for names in conditions.values())
    texts = [f"{text}{names}" for text, names in zip(conditions, where, strict=True)]
    if len(texts) > MAX_LISTED:
        texts[MAX_LISTED:] = [f"and {len(texts) - MAX_LISTED} more"]
    return f"{listing(counts)} run{'s' * (len(replaced) > 1)} with other options: {', '.join(texts)}"


def remove_runs(replaced: Sequence[Job]) -> None:
    """Remove the runs that are replaced, before the first new one starts, so that old and new never mix."""
    for job in replaced:
        shutil.rmtree(job.folder)


def check_no_links(folder: Path, jobs: Sequence[Job]) -> None:
    """Refuse links that point out of a study's folder, because runs would be written and removed there.

    Raises:
        InputError: naming the link.
    """
    inside = folder.resolve()
    for job in jobs:
        if not job.folder.resolve().is_relative_to(inside):
            raise InputError(f"{job.folder} is outside of {folder}: a link points there; remove it, or choose --name")


def _differences(job: Job) -> list[str]:
    try:
        texts = differences(job.recorded()["record"], job.record)
    except (KeyError, TypeError, AttributeError):  # written by another version, or damaged
        texts = []
    return texts or ["their options were not recorded"]
