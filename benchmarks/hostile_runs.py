"""Made-up runs for `python -m benchmarks hostile`: three conditions, ten seeds, 180 validation examples."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Literal

import numpy as np

from benchmarks.made_up import Bits, MadeUp, classifier
from benchmarks.simulation import rights

Runs = dict[str, list[MadeUp]]
Make = Callable[[np.random.Generator], Runs]
NAMES = ("base", "a", "b")
SEEDS, EXAMPLES, MARGIN, SLOPE = 10, 180, 0.05, -1.0  # the margin is nine examples
STUDY = f"""
title: Made-up runs
seeds: {SEEDS}
metrics: [val/accuracy, val/loss]
margin: {MARGIN}
baseline: base
conditions: {{base: {{}}, a: {{}}, b: {{}}}}
claims:
  - id: a_best
    says: a has the best accuracy
    checks: [{{metric: val/accuracy, of: a, higher_than: [base, b]}}]
  - id: slope
    says: the training loss of a falls by more than 1 an epoch
    checks: [{{metric: train/loss, take: slope, of: a, below: {SLOPE}}}]
"""


def _runs(rng: np.random.Generator, right: Bits, correlated: bool = False) -> Runs:
    """Return runs with these correct examples, ``(conditions, seeds, examples)``; half are of the test split."""
    made: Runs = {}
    for name, of_seeds in zip(NAMES, right, strict=True):
        made[name] = []
        for of_run in of_seeds:
            val, test = of_run[:EXAMPLES], of_run[EXAMPLES:]
            loss = 3 - 2 * val.mean() if correlated else 1.0
            run = classifier(val, test, loss + 0.05 * rng.standard_normal())
            slope = np.array([2.0, 1.0, 0.0]) * (1 + 0.05 * rng.standard_normal())
            made[name].append(replace(run, curves={**run.curves, "train/loss": slope}))
    return made


def _right(rng: np.random.Generator, by_example: float = 0.0) -> Bits:
    right: Bits = rights(rng, (1, len(NAMES), SEEDS), 2 * EXAMPLES, by_example)[0]
    return right


def alike(correlated: bool = False, by_example: float = 0.0) -> Make:
    """Make conditions that are equal over all examples."""
    return lambda rng: _runs(rng, _right(rng, by_example), correlated)


def collapse(base: float, a: float) -> Make:
    """Make equal conditions of which a share of runs is at chance: ``base`` of the baseline and b, ``a`` of a."""

    def make(rng: np.random.Generator) -> Runs:
        right = _right(rng)
        for condition, share in enumerate((base, a, base)):
            lost = rng.random(SEEDS) < share
            right[condition, lost] = rng.random((int(lost.sum()), right.shape[-1])) < 1 / 6
        return _runs(rng, right)

    return make


def skewed_slopes() -> Make:
    """Make training losses with log-normal slopes, whose median is the claim's bound."""

    def make(rng: np.random.Generator) -> Runs:
        runs = alike()(rng)
        for name in NAMES:
            slopes = SLOPE * np.exp(rng.standard_normal(SEEDS))
            curves = [np.array([-2.0, -1.0, 0.0]) * slope for slope in slopes]
            runs[name] = [
                replace(run, curves={**run.curves, "train/loss": curve})
                for run, curve in zip(runs[name], curves, strict=True)
            ]
        return runs

    return make


def copies(times: int, names: Collection[str] = NAMES) -> Make:
    """Make equal conditions that repeat each run; with ten repeats, conditions differ by chance.

    Args:
        times: number of repeats.
        names: the conditions with repeats.
    """

    def make(rng: np.random.Generator) -> Runs:
        runs = alike()(rng)
        return runs | {name: [run for run in runs[name] for _ in range(times)][:SEEDS] for name in names}

    return make


def shifted(difference: float) -> Make:
    """Make a condition a whose validation accuracy is higher by ``difference``, in mean and median over seeds."""

    def make(rng: np.random.Generator) -> Runs:
        mastered = rng.random(2 * EXAMPLES) < 0.6  # by all runs, up to a few examples
        right = mastered ^ (rng.random((len(NAMES), SEEDS, 2 * EXAMPLES)) < 0.02)
        wrong = 1 - (0.98 * mastered[:EXAMPLES] + 0.02 * ~mastered[:EXAMPLES]).mean()
        right[1] |= rng.random((SEEDS, 2 * EXAMPLES)) < difference / wrong
        return _runs(rng, right)

    return make


def spoiled(how: Literal["diverged", "stale", "damaged"]) -> Make:
    """Make equal conditions, with runs of a that are much better but do not count.

    Args:
        how: two runs of a have diverged weights, whose accuracy is finite; nine runs are of other options; or nine
            lack their last epoch.
    """

    def make(rng: np.random.Generator) -> Runs:
        runs, better = alike()(rng), shifted(3 * MARGIN)(rng)["a"]
        if how == "diverged":
            runs["a"] = [*(replace(run, diverged=True) for run in better[:2]), *better[2:]]
        elif how == "stale":
            runs["a"][1:] = [replace(run, identity="other options") for run in better[1:]]
        else:
            runs["a"][1:] = [replace(run, lost_rows=1) for run in better[1:]]
        return runs

    return make
