"""Studies of two conditions whose runs classify given examples correctly."""

from pathlib import Path

import numpy as np

from benchmarks.made_up import Bits, MadeUp, classifier, write_study
from hw1_lightning.judgement.comparison import Comparison, comparisons
from hw1_lightning.study.results import StudyResults

STUDY = """
title: t
seeds: 10
metrics: [val/accuracy, val/loss]
margin: 0.05
baseline: a
conditions: {a: {}, b: {}}
claims:
  - {id: one, says: b is better, required: true, checks: [{metric: val/accuracy, of: b, higher_than: [a]}]}
"""


def right(share: float, seed: int, examples: int = 200, offset: int = 0) -> Bits:
    """Return which examples are correct: the first ones, about this share."""
    return (np.arange(examples) + offset) % examples < round(share * examples) + seed % 3


def condition(
    share: float, seeds: int = 10, loss: float = 1.0, examples: int = 200, offset: int = 0, epochs: int = 3
) -> list[MadeUp]:
    """Return the runs of one condition; each seed has another loss."""
    return [
        classifier(right(share, seed, examples, offset), right(share, seed), loss + seed / 1000, epochs)
        for seed in range(1, seeds + 1)
    ]


def study_of(folder: Path, a: list[MadeUp], b: list[MadeUp], text: str = STUDY) -> StudyResults:
    """Write and read a study of the conditions a, the baseline, and b."""
    return write_study(folder, text, {"a": a, "b": b})


def compared(results: StudyResults, metric: str = "val/accuracy") -> Comparison:
    """The comparison of b with a, the baseline."""
    return comparisons(results, metric)["b"]
