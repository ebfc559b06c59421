"""Describes studies, data and machines for a summary: everything in it that is not a number of a run."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hw1_lightning.quadratic.identities import check_identities
from hw1_lightning.report.findings import warnings
from hw1_lightning.report.summary.replications import Replications
from hw1_lightning.study.results import StudyResults


def describe(results: Sequence[StudyResults], folder: Path, replications: Replications | None) -> dict[str, Any]:
    """Return the texts of the page, and the identities of question 3, as JSON stores them."""
    studies = [each.study for each in results]
    return {
        "studies": [_study(each, folder) for each in results],
        "data": _data(results),
        "reported_sizes": dict(replications.sizes) if replications else {},
        "notes": [
            {"study": each.study, "condition": each.condition, "note": each.note}
            for each in (replications.of(studies) if replications else [])
            if each.note
        ],
        "mistakes": [asdict(each) for each in (replications.mistakes if replications else [])],
        "not_shown": replications.without_study(studies) if replications else [],
        "machines": _machines(results),
        "versions": _versions(results),
        "identities": [asdict(each) for each in check_identities()],
    }


def _study(results: StudyResults, folder: Path) -> dict[str, Any]:
    study = results.study
    return {
        "name": study.name,
        "title": study.title,
        "link": _link(results, folder),
        "seeds": study.seeds,
        "conditions": [condition.name for condition in study.conditions],
        "warnings": warnings(results),
    }


def _link(results: StudyResults, folder: Path) -> str:
    """Return the link to the study's page; empty unless both are in the folder of all runs, which may be moved."""
    runs_dir = results.folder.resolve().parent
    if not folder.resolve().is_relative_to(runs_dir):
        return ""
    page = os.path.relpath(results.folder.resolve() / "report.html", folder.resolve())
    return quote(os.fsencode(Path(page).as_posix()), safe="/=+")


def _data(results: Sequence[StudyResults]) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for each in results:
        for run in each.runs:
            data = run.result["data"]
            sizes = {split: data["sizes"][split] for split in ("train", "val", "test")}
            known = found.setdefault(
                (data["sha256"], repr(sizes)),
                {"source": data["source"], "sha256": data["sha256"], "sizes": sizes, "studies": []},
            )
            known["studies"] += [] if each.study.name in known["studies"] else [each.study.name]
    return list(found.values())


def _machines(results: Sequence[StudyResults]) -> list[str]:
    """Return each machine, without the numbers of threads, which are in the values."""
    parts = ("processor", "instructions", "matrix_library", "device")
    recorded = [run.result.get("machine") for each in results for run in each.runs]
    texts = [", ".join(str(one[part]) for part in parts if one.get(part)) for one in recorded if isinstance(one, dict)]
    return list(dict.fromkeys(filter(None, texts)))


def _versions(results: Sequence[StudyResults]) -> list[str]:
    given = (run.result["versions"] for each in results for run in each.runs)
    return list(dict.fromkeys(", ".join(f"{name} {version}" for name, version in one.items()) for one in given))
