"""Looks up numbers in the data of a summary, and counts a run that two studies share once."""

import math
from collections.abc import Iterator
from functools import cached_property

from hw1_lightning.report.summary.records import OURS, REPORTED, Evidence, Value

Key = tuple[str, str]  # a study and one of its conditions
DONE = ("finished", "copy", "diverged")


class Lookup:
    """The numbers of a summary by study, condition and metric.

    Args:
        evidence: the data.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self._values: dict[tuple[str, str, str], list[Value]] = {}
        for value in evidence.values:
            if value.take in ("final", ""):
                self._values.setdefault((value.study, value.condition, value.metric), []).append(value)

    @cached_property
    def conditions(self) -> list[Key]:
        """All conditions in the order of the page."""
        return [(study["name"], name) for study in self.evidence.about["studies"] for name in study["conditions"]]

    @cached_property
    def first(self) -> dict[Key, Key]:
        """For each condition the first one that has the same runs, which may be itself."""
        by_runs: dict[frozenset[tuple[int | None, str]], Key] = {}
        found = {}
        for key in self.conditions:
            runs = frozenset((run.seed, run.run) for run in self.runs(key) if run.run)
            found[key] = by_runs.setdefault(runs, key) if runs else key
        return found

    def experiments(self) -> list[Key]:
        """Return the conditions without those whose runs another condition has too."""
        return [key for key in self.conditions if self.first[key] == key]

    def alike(self, key: Key) -> list[Key]:
        """Return a condition and those that have the same runs."""
        return [other for other in self.conditions if self.first[other] == self.first[key]]

    def runs(self, key: Key) -> list[Value]:
        """Return one row for each run of a condition that is done: its seconds."""
        return [value for value in self._of(key, "seconds") if value.source == OURS and value.status in DONE]

    def planned(self, key: Key) -> int:
        """Return how many runs of a condition are planned."""
        return next(int(study["seeds"]) for study in self.evidence.about["studies"] if study["name"] == key[0])

    def ours(self, key: Key, metric: str) -> list[float]:
        """Return a metric of each run by seed, without copies; NaN for a run that diverged or has no finite value."""
        rows = [value for value in self._of(key, metric) if value.source == OURS and value.status != "copy"]
        return [math.nan if row.value is None else row.value for row in sorted(rows, key=lambda row: row.seed or 0)]

    def reported(self, key: Key, metric: str) -> float | None:
        """Return what the report gives for a condition, or for one with the same runs."""
        return next((value for source, value in self._others(key, metric) if source == REPORTED), None)

    def groups(self, key: Key, metric: str) -> dict[str, float]:
        """Return what other groups give for a condition, or for one with the same runs."""
        return {source: value for source, value in self._others(key, metric) if source != REPORTED}

    def mistakes(self, key: Key) -> dict[str, list[str]]:
        """Return the groups whose programs do something differently in a condition, with what it is."""
        found: dict[str, list[str]] = {}
        for mistake in self.evidence.about["mistakes"]:
            if any(condition in mistake["conditions"].get(study, ()) for study, condition in self.alike(key)):
                found.setdefault(mistake["group"], []).append(mistake["says"])
        return found

    def notes(self, key: Key) -> list[str]:
        """Return notes on what other groups give for a condition."""
        return [
            each["note"]
            for each in self.evidence.about["notes"]
            if (each["study"], each["condition"]) in self.alike(key)
        ]

    def different_runs(self) -> list[dict[str, float]]:
        """Return seconds, epochs and, if known, threads of each run; one that two studies share is counted once."""
        found: dict[tuple[object, ...], dict[str, float]] = {}
        for value in self.evidence.values:
            if value.source == OURS and value.metric in ("seconds", "epochs", "threads") and value.value is not None:
                own = (value.run,) if value.run else (value.study, value.condition, value.seed)
                found.setdefault(own, {})[value.metric] = value.value
        return list(found.values())

    def _others(self, key: Key, metric: str) -> Iterator[tuple[str, float]]:
        for other in self.alike(key):
            for row in self._of(other, metric):
                if row.source != OURS and row.value is not None:
                    yield row.source, row.value

    def _of(self, key: Key, metric: str) -> list[Value]:
        return self._values.get((*key, metric), [])
