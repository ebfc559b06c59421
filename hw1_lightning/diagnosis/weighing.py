"""Weighs the numbers of an experiment together: how likely a program gives all of them."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hw1_lightning.diagnosis.answers import How
from hw1_lightning.diagnosis.evidence import (
    DRAWS,
    REDEFINED,
    Program,
    Spread,
    Three,
    correct_program,
    log_likelihoods,
    log_unknown,
    tails,
)
from hw1_lightning.diagnosis.hypotheses import UNKNOWN
from hw1_lightning.diagnosis.outcome import Outcome
from hw1_lightning.diagnosis.reported import Experiment, Number
from hw1_lightning.diagnosis.shares import OTHER_EXAMPLES, come_from_others

# A correct program gives a number farther away than this one time in twenty.
RARE = 0.05
TESTS_OF_A_CURVE = 4
# An unknown mistake is like one that is known, within so many times the spread between seeds, or like none at all, and
# either is equally likely: many mistakes, such as those that slow training down, move all numbers together.
WIDE, LIKE_A_KNOWN_ONE = 5.0, 0.5


@dataclass(frozen=True)
class CorrectRuns:
    """The runs of the correct program.

    Args:
        base: with the report's seed.
        others: with the same seed, but rounded otherwise; with another order of the examples; with other seeds.
        examples: how many examples each split has.
    """

    base: Outcome
    others: tuple[Sequence[Outcome], Sequence[Outcome], Sequence[Outcome]]
    examples: dict[str, int]


@dataclass(frozen=True)
class Weighed:
    """How likely a program gives the numbers of an experiment: logs of ratios to a program of which nothing is known.

    Args:
        totals: that it has each kind of draws, and gives all numbers.
        each: of each number by itself, with the likeliest draws.
    """

    totals: Three
    each: Sequence[float]

    @property
    def total(self) -> float:
        """Return the log ratio of all numbers."""
        return log_sum(self.totals)

    @property
    def draws(self) -> int:
        """Return the likeliest draws: 0 for the same, 1 for another order, 2 for others."""
        return self.totals.index(max(self.totals))


@dataclass(frozen=True)
class Evidence:
    """What the correct runs say about the numbers of one experiment.

    Args:
        experiment: as reported.
        programs: what the correct program gives as each number.
        spreads: how far correct programs differ in each number.
        weights: how much each number counts.
        examples: how many examples each split has.
        unknown: how likely an unknown program is beforehand, against ``CORRECT`` and ``MISTAKEN`` of `hypotheses`.
    """

    experiment: Experiment
    programs: Sequence[Program]
    spreads: Sequence[Spread]
    weights: Sequence[float]
    examples: dict[str, int]
    unknown: float

    def weigh(self, programs: Sequence[Program]) -> Weighed:
        """Weigh all numbers together for a program.

        A loss or a norm may be defined in another way in the report; then its numbers say nothing.

        Args:
            programs: what the program gives as each number.
        """
        ratios = self._ratios(programs, self.spreads)
        same, order, seed = (
            math.log(prior) + self._total([each[which] for each in ratios]) for which, prior in enumerate(DRAWS)
        )
        weighed = Weighed((same, order, seed), [])
        return Weighed(weighed.totals, [each[weighed.draws] for each in ratios])

    def weigh_unknown(self, known: Sequence[Sequence[Program]]) -> float:
        """Return the log ratio of all numbers for an unknown mistake.

        Args:
            known: what mistaken programs give as each number.
        """
        wide = [replace(each, deviations=(0.0, 0.0, WIDE * each.deviations[2])) for each in self.spreads]
        totals = [self._total([each[2] for each in self._ratios(programs, wide)]) for programs in known]
        like_one = log_sum(totals) - math.log(len(totals)) if totals else 0.0
        return log_sum([math.log(1 - LIKE_A_KNOWN_ONE), math.log(LIKE_A_KNOWN_ONE) + like_one])

    def _ratios(self, programs: Sequence[Program], spreads: Sequence[Spread]) -> list[Three]:
        """Return the log ratio of each number for each kind of draws."""
        found = []
        for number, program, spread in zip(self.experiment.numbers, programs, spreads, strict=True):
            unknown = log_unknown(number, spread)
            same, order, seed = (each - unknown for each in log_likelihoods(number, program, spread))
            found.append((same, order, seed))
        return found

    def _total(self, ratios: Sequence[float]) -> float:
        """Return the log ratio of all numbers from those of each, weighted and by metric."""
        sums = defaultdict[str, float](float)
        for weight, number, ratio in zip(self.weights, self.experiment.numbers, ratios, strict=True):
            sums[number.metric] += weight * ratio
        exact = sum(ratio for metric, ratio in sums.items() if metric.endswith("/accuracy"))
        others = [ratio for metric, ratio in sums.items() if not metric.endswith("/accuracy")]
        return exact + sum(log_sum([math.log(1 - REDEFINED) + ratio, math.log(REDEFINED)]) for ratio in others)


def evidence_of(experiment: Experiment, runs: CorrectRuns) -> Evidence:
    """Measure how far correct programs differ in the numbers of an experiment."""
    programs, spreads = [], []
    for number in experiment.numbers:
        rounded, ordered, seeded = ([run.value(number) for run in found] for found in runs.others)
        examples = runs.examples[number.metric.partition("/")[0]] if number.metric.endswith("/accuracy") else 1
        program, spread = correct_program(number, runs.base.value(number), (rounded, ordered, seeded), examples)
        programs.append(program)
        spreads.append(spread)
    unknown = UNKNOWN * (OTHER_EXAMPLES if come_from_others(experiment.numbers, runs.examples) else 1)
    return Evidence(experiment, programs, spreads, _weights(experiment.numbers), runs.examples, unknown)


def _weights(numbers: Sequence[Number]) -> list[float]:
    """Return how much each number counts: a curve as one number, since what moves one epoch moves the next as well."""
    counts = Counter(number.metric for number in numbers)
    return [1 / counts[number.metric] for number in numbers]


def how_reproduced(evidence: Evidence) -> How | None:
    """Return how a program that draws the same random numbers gives all numbers of an experiment, or ``None``."""
    numbers = zip(evidence.experiment.numbers, evidence.programs, strict=True)
    if all(_is_same(number, program.values[0]) for number, program in numbers):
        return "digits"
    return "rounding" if not unusual_metrics(evidence, 0) else None


def unusual_metrics(evidence: Evidence, which: int) -> set[str]:
    """Return the metrics with numbers that correct programs give less than one time in twenty.

    All numbers count together, by Bonferroni's inequality; those of a curve as at most ``TESTS_OF_A_CURVE``.

    Args:
        evidence: of the experiment.
        which: 0 for programs with the same draws, 1 for those with another order, 2 for others.
    """
    found = defaultdict[str, list[float]](list)
    for triple in zip(evidence.experiment.numbers, evidence.programs, evidence.spreads, strict=True):
        found[triple[0].metric].append(tails(*triple)[which])
    tests = sum(min(len(each), TESTS_OF_A_CURVE) for each in found.values())
    return {metric for metric, each in found.items() if min(each) * tests < RARE}


def _is_same(number: Number, value: float) -> bool:
    """Return whether a program gives the reported digits; no more of them than float32 has."""
    return abs(number.value - value) <= max(number.resolution * 0.5001, 1e-6 * abs(value))


def log_sum(logs: Sequence[float]) -> float:
    """Return the log of the sum of numbers that are given by their logs."""
    top = max(logs)
    return top + math.log(sum(math.exp(each - top) for each in logs)) if math.isfinite(top) else top
