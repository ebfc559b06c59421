"""Weighs the numbers of an experiment together: how likely a program gives all of them."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from hw1_lightning.diagnosis.answers import How
from hw1_lightning.diagnosis.evidence import (
    NUMBERS_OF_A_CURVE,
    REDEFINED,
    SAME_DRAWS,
    Program,
    Spread,
    log_likelihoods,
    log_unknown,
    spread_of,
    tails,
)
from hw1_lightning.diagnosis.outcome import Outcome
from hw1_lightning.diagnosis.reported import Experiment, Number

# A correct program gives a number farther away than this one time in twenty.
RARE = 0.05


@dataclass(frozen=True)
class CorrectRuns:
    """The runs of the correct program.

    Args:
        base: with the report's seed.
        rounded: with the same seed, but rounded otherwise.
        seeded: with other seeds.
        examples: how many examples each split has.
    """

    base: Outcome
    rounded: Sequence[Outcome]
    seeded: Sequence[Outcome]
    examples: dict[str, int]


@dataclass(frozen=True)
class Weighed:
    """How likely a program gives the numbers of an experiment: logs of ratios to a program of which nothing is known.

    Args:
        same: that it draws as the assignment's scripts do, and gives all numbers.
        other: that it draws otherwise, and gives all numbers.
        each: of each number by itself, with the likelier of the two draws.
    """

    same: float
    other: float
    each: Sequence[float]

    @property
    def total(self) -> float:
        """Return the log ratio of all numbers."""
        return log_sum([self.same, self.other])

    @property
    def draws(self) -> int:
        """Return the likelier draws: 0 for the same, 1 for others."""
        return 0 if self.same >= self.other else 1


@dataclass(frozen=True)
class Evidence:
    """What the correct runs say about the numbers of one experiment.

    Args:
        experiment: as reported.
        programs: what the correct program gives as each number.
        spreads: how far correct programs differ in each number.
        weights: how much each number counts for a program with the same draws, and for one with others.
    """

    experiment: Experiment
    programs: Sequence[Program]
    spreads: Sequence[Spread]
    weights: tuple[Sequence[float], Sequence[float]]

    def weigh(self, programs: Sequence[Program]) -> Weighed:
        """Weigh all numbers together for a program.

        A loss or a norm may be defined in another way in the report; then its numbers say nothing.

        Args:
            programs: what the program gives as each number.
        """
        triples = list(zip(self.experiment.numbers, programs, self.spreads, strict=True))
        unknown = [log_unknown(number, spread) for number, _, spread in triples]
        ratios = [[one - unknown[i] for one in log_likelihoods(*triple)] for i, triple in enumerate(triples)]
        same, other = (self._total([each[which] for each in ratios], which) for which in (0, 1))
        same, other = math.log(SAME_DRAWS) + same, math.log(1 - SAME_DRAWS) + other
        return Weighed(same, other, [each[0 if same >= other else 1] for each in ratios])

    def _total(self, ratios: Sequence[float], which: int) -> float:
        """Return the log ratio of all numbers from those of each, weighted and by metric."""
        sums = defaultdict[str, float](float)
        for weight, number, ratio in zip(self.weights[which], self.experiment.numbers, ratios, strict=True):
            sums[number.metric] += weight * ratio
        exact = sum(ratio for metric, ratio in sums.items() if metric.endswith("/accuracy"))
        others = [ratio for metric, ratio in sums.items() if not metric.endswith("/accuracy")]
        return exact + sum(log_sum([math.log(1 - REDEFINED) + ratio, math.log(REDEFINED)]) for ratio in others)


def evidence_of(experiment: Experiment, runs: CorrectRuns) -> Evidence:
    """Measure how far correct programs differ in the numbers of an experiment."""
    programs, spreads = [], []
    for number in experiment.numbers:
        base = runs.base.value(number)
        seeded = [run.value(number) for run in runs.seeded]
        rounded = [run.value(number) for run in runs.rounded]
        examples = runs.examples[number.metric.partition("/")[0]] if number.metric.endswith("/accuracy") else 1
        spread = spread_of(number, base, rounded, seeded, examples)
        finite = [each for each in seeded if math.isfinite(each)]
        programs.append(Program(base, sum(finite) / len(finite) if finite else base, max(len(finite), 1)))
        spreads.append(spread)
    return Evidence(experiment, programs, spreads, _weights(experiment.numbers))


def _weights(numbers: Sequence[Number]) -> tuple[list[float], list[float]]:
    """Return how much each number counts, with the same and with other draws: those of a long curve less."""
    counts = Counter(number.metric for number in numbers)
    same, other = ([min(1.0, limit / counts[number.metric]) for number in numbers] for limit in NUMBERS_OF_A_CURVE)
    return same, other


def how_reproduced(evidence: Evidence) -> How | None:
    """Return how a program that draws the same random numbers gives all numbers of an experiment, or ``None``."""
    numbers = zip(evidence.experiment.numbers, evidence.programs, strict=True)
    if all(_is_same(number, program.same) for number, program in numbers):
        return "digits"
    return "rounding" if not unusual_metrics(evidence, 0) else None


def unusual_metrics(evidence: Evidence, which: int) -> set[str]:
    """Return the metrics with numbers that correct programs give less than one time in twenty.

    The numbers of a metric count together, by Bonferroni's inequality.

    Args:
        evidence: of the experiment.
        which: 0 for programs with the same draws, 1 for others.
    """
    least, count = dict[str, float](), defaultdict[str, float](float)
    triples = zip(evidence.experiment.numbers, evidence.programs, evidence.spreads, strict=True)
    for weight, triple in zip(evidence.weights[which], triples, strict=True):
        metric = triple[0].metric
        least[metric] = min(least.get(metric, 1.0), tails(*triple)[which])
        count[metric] += weight
    return {metric for metric in least if least[metric] * count[metric] * len(least) < RARE}


def _is_same(number: Number, value: float) -> bool:
    """Return whether a program gives the reported digits; no more of them than float32 has."""
    return abs(number.value - value) <= max(number.resolution * 0.5001, 1e-6 * abs(value))


def log_sum(logs: Sequence[float]) -> float:
    """Return the log of the sum of numbers that are given by their logs."""
    top = max(logs)
    return top + math.log(sum(math.exp(each - top) for each in logs)) if math.isfinite(top) else top
