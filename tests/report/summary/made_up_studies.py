"""Two studies of made-up runs that share the runs of one condition, and what others published for them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.made_up import MadeUp, classifier
from hw1_lightning.study.jobs import folder_of
from hw1_lightning.study.planned_runs import write_planned
from hw1_lightning.study.reading import read_study
from hw1_lightning.study.results import StudyResults, read_runs

FIRST = """
title: Does b help <b>
seeds: 10
metrics: [val/accuracy, val/loss]
margin: 0.01
baseline: a
conditions: {a: {}, b: {}, c: {}}
reference:
  a: {val/accuracy: 0.5, test/accuracy: 0.51, seconds: 12}
  b: {test/accuracy: 0.62}
claims:
  - id: better
    question: 2.10
    says: b has a better accuracy than a and c
    checks: [{metric: val/accuracy, of: b, higher_than: [a, c]}, {metric: test/accuracy, of: b, higher_than: [a]}]
  - id: falls
    question: 1.2b
    says: the loss of a rises
    checks: [{metric: val/loss, take: slope, last: 3, of: a, above: 0}]
"""
SECOND = """
title: Is a like d
seeds: 10
metrics: [val/accuracy]
margin: 0.01
baseline: same as a
conditions: {same as a: {}, d: {}}
claims:
  - {id: own, says: d is no better, checks: [{metric: val/accuracy, of: d, lower_than: [same as a]}]}
"""
REPLICATIONS = """
data: {train: 1258, val: 180, test: 359}
experiments:
  - study: first
    condition: a
    note: rounding matters
    test/accuracy: {A: 0.5, B: 0.53, C: 0.9}
  - study: elsewhere
    condition: x
    test/accuracy: {A: 0.1}
mistakes:
  - {group: C, says: trained on the test split, conditions: {first: [a]}}
  - {group: B, says: has a slip that changes nothing}
"""


def run_of(share: float, seed: int, epochs: int = 5) -> MadeUp:
    """Return a run that classifies about this share of 400 examples correctly, never twice the same."""
    rng = np.random.default_rng([seed, round(1000 * share)])
    right, tested = rng.random(400) < share, rng.random(500) < share
    return classifier(right, tested, 1 + rng.normal() / 100, epochs)


def write_study(folder: Path, text: str, runs: Mapping[str, Sequence[MadeUp | None]]) -> StudyResults:
    """Write a study, with the runs of each condition by seed; ``None`` is a missing run."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(text)
    study = read_study(folder / "study.yaml", folder.name)
    planned = {}
    for condition, seed in study.each_run():
        place = folder_of(folder, condition, seed)
        # Runs of the same condition, or of "same as" it, have the same identity in both studies.
        planned[condition.name, seed] = identity = f"{condition.name.removeprefix('same as ')}-{seed}"
        run = runs[condition.name][seed - 1] if seed <= len(runs.get(condition.name, [])) else None
        if run is not None:
            replace(run, identity=identity).write(place)
    write_planned(folder, planned)
    return read_runs(study, folder)


def two_studies(runs_dir: Path) -> list[StudyResults]:
    """Write both studies: b is better than a and c, d is worse than a."""
    shares = {"a": 0.5, "b": 0.65, "c": 0.52, "same as a": 0.5, "d": 0.35}
    runs: dict[str, list[MadeUp | None]] = {
        name: [run_of(share, seed) for seed in range(1, 11)] for name, share in shares.items()
    }
    return [write_study(runs_dir / name, text, runs) for name, text in (("first", FIRST), ("second", SECOND))]
