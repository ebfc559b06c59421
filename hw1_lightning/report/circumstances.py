"""Describes in which data, versions, machines and thread counts runs differ."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from hw1_lightning.study.results import Run
from hw1_lightning.study.words import format_seeds, listing

# Parts of result.json with the circumstances of a run.
PARTS = ("versions", "machine")


def describe_differences(runs: Sequence[Run]) -> list[str]:
    """Describe the circumstances in which runs differ.

    Args:
        runs: those of one or several conditions.

    Returns:
        One line for each circumstance that differs between the runs that have recorded it, with the runs of each value;
        data first.
    """
    by_name: dict[str, dict[str, list[Run]]] = {}
    for run in runs:
        for name, value in circumstances(run.result).items():
            by_name.setdefault(name, {}).setdefault(value, []).append(run)
    lines = []
    for name, of_value in by_name.items():
        if len(of_value) > 1:
            parts = [f"{value} ({_runs(those, runs)})" for value, those in of_value.items()]
            lines.append(f"Runs differ in their {name}: {'; '.join(parts)}. Their numbers may therefore differ.")
    return lines


def circumstances(result: Mapping[str, Any]) -> dict[str, str]:
    """Return the data, versions and machine from a run's result.json as texts by name."""
    data = f"{result['data']['source']} {result['data']['sha256'][:12]}"
    recorded = [part for part in map(result.get, PARTS) if isinstance(part, dict)]
    return {"data": data} | {name.replace("_", " "): str(value) for part in recorded for name, value in part.items()}


def _runs(those: Iterable[Run], runs: Sequence[Run]) -> str:
    """Name runs; the name of a condition alone means all its runs."""
    texts = []
    for name, found in groupby(those, key=lambda run: run.condition):
        seeds = sorted(run.seed for run in found)
        whole = len(seeds) == sum(run.condition == name for run in runs)
        texts.append(name if whole else f"{name}, {format_seeds(seeds)}")
    return listing(texts)
