"""Conclusions from the evidence: the verdict on an experiment and on each of its numbers."""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hw1_lightning.diagnosis.answers import Candidate, ExperimentAnswer, How, NumberAnswer, Verdict
from hw1_lightning.diagnosis.evidence import (
    NUMBERS_OF_A_CURVE,
    SAME_DRAWS,
    Program,
    Spread,
    log_likelihoods,
    log_unknown,
    spread_of,
    tails,
)
from hw1_lightning.diagnosis.hypotheses import CORRECT, REPEATED, UNKNOWN, Hypothesis
from hw1_lightning.diagnosis.outcome import Outcome
from hw1_lightning.diagnosis.reported import Experiment, Number

# A mistake is named if it is at least so probable.
NAMED = 0.95
# A correct program gives a number farther away than this one time in twenty.
RARE = 0.05
SHOWN = 5  # candidates


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
class Evidence:
    """What the correct runs say about the numbers of one experiment."""

    experiment: Experiment
    programs: Sequence[Program]
    spreads: Sequence[Spread]
    weights: tuple[Sequence[float], Sequence[float]]

    @property
    def unknown(self) -> float:
        """Return the log probability of the numbers if nothing is known about the program."""
        pairs = zip(self.weights[0], self.experiment.numbers, self.spreads, strict=True)
        return sum(weight * log_unknown(number, spread) for weight, number, spread in pairs)

    def each(self, programs: Sequence[Program]) -> list[tuple[float, float]]:
        """Return the log probabilities of each number for a program."""
        triples = zip(self.experiment.numbers, programs, self.spreads, strict=True)
        return [log_likelihoods(*triple) for triple in triples]

    def both(self, programs: Sequence[Program]) -> tuple[float, float]:
        """Return the log probabilities that a program has the same draws and gives all numbers, or other draws."""
        found = self.each(programs)
        same, other = (sum(w * one[i] for w, one in zip(self.weights[i], found, strict=True)) for i in (0, 1))
        return math.log(SAME_DRAWS) + same, math.log(1 - SAME_DRAWS) + other

    def total(self, programs: Sequence[Program]) -> float:
        """Return the log probability of all numbers for a program."""
        return _log_sum(self.both(programs))

    def draws(self, programs: Sequence[Program]) -> int:
        """Return which is likelier for a program that gives these numbers: 0, the same draws, or 1, others."""
        same, other = self.both(programs)
        return 0 if same >= other else 1


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
    """Return how a program that draws the same random numbers gives the numbers of an experiment, or ``None``."""
    numbers = zip(evidence.experiment.numbers, evidence.programs, strict=True)
    if all(_is_same(number, program.same) for number, program in numbers):
        return "digits"
    return "rounding" if _joint_tail(evidence, 0) >= RARE else None


def _is_same(number: Number, value: float) -> bool:
    """Return whether a program gives the reported digits; no more of them than float32 has."""
    return abs(number.value - value) <= max(number.resolution * 0.5001, 1e-6 * abs(value))


def _joint_tail(evidence: Evidence, which: int) -> float:
    """Return the probability that some number is as far away as the farthest one, by Bonferroni's inequality."""
    triples = zip(evidence.experiment.numbers, evidence.programs, evidence.spreads, strict=True)
    return min(tails(*triple)[which] for triple in triples) * sum(evidence.weights[which])


@dataclass(frozen=True)
class Tried:
    """A hypothesis with the outcome of its run.

    Args:
        hypothesis: which.
        outcome: with the report's seed.
        rounded: the same, but rounded otherwise, if that was tried.
    """

    hypothesis: Hypothesis
    outcome: Outcome
    rounded: Outcome | None = None


def programs_of(tried: Tried, evidence: Evidence) -> list[Program]:
    """Return what a mistaken program gives as each number."""
    readings, found = tried.hypothesis.change.readings, []
    for number, spread in zip(evidence.experiment.numbers, evidence.spreads, strict=True):
        value, own = tried.outcome.value(number, readings), 0.0
        if "test by chance" in readings and number.metric == "test/accuracy":
            # The share of n examples that are right by chance, in two programs; the unit is 1 / n.
            own = math.sqrt(2 * value * (1 - value) * spread.unit)
        elif tried.rounded is not None:
            own = abs(tried.rounded.value(number, readings) - value)
        found.append(Program(value, value, 1, own if math.isfinite(own) else 0.0))
    return found


def rank(evidence: Evidence, tried: Sequence[Tried], named: Collection[str] = ()) -> list[tuple[Tried, Candidate]]:
    """Rank hypotheses by their probability, the likeliest first.

    A hypothesis whose run gives the numbers of the correct program explains nothing, and is left out.

    Args:
        evidence: of the experiment.
        tried: hypotheses with the outcomes of their runs.
        named: mistakes that other experiments of the report have.
    """
    correct = evidence.total(evidence.programs)
    each_correct = [one[evidence.draws(evidence.programs)] for one in evidence.each(evidence.programs)]
    found = []
    for one in tried:
        programs = programs_of(one, evidence)
        if all(_equal(a.same, b.same) for a, b in zip(programs, evidence.programs, strict=True)):
            continue
        prior = one.hypothesis.prior * math.prod(REPEATED for name in one.hypothesis.mistakes if name in named)
        ratio = evidence.total(programs) - correct
        each = [one[evidence.draws(programs)] for one in evidence.each(programs)]
        speaking = sum(mistaken > right for mistaken, right in zip(each, each_correct, strict=True))
        found.append((one, ratio, math.log(prior) + ratio, speaking))
    others = [math.log(CORRECT), math.log(UNKNOWN) + evidence.unknown - correct]
    whole = _log_sum([*others, *(posterior for _, _, posterior, _ in found)])
    candidates = [
        (
            one,
            Candidate(
                one.hypothesis.mistakes, one.hypothesis.change.text, ratio / math.log(10), math.exp(p - whole), n
            ),
        )
        for one, ratio, p, n in found
    ]
    return sorted(candidates, key=lambda pair: -pair[1].probability)


def conclude(evidence: Evidence, ranked: Sequence[tuple[Tried, Candidate]]) -> ExperimentAnswer:
    """Decide which mistakes explain the numbers of an experiment.

    A mistake is never named on the strength of a single number that a correct program gives one time in twenty.
    """
    how = how_reproduced(evidence)
    if how is not None:
        return _answer(evidence, "reproduced", how, [])
    candidates = [candidate for _, candidate in ranked]
    total = sum(candidate.probability for candidate in candidates)
    triples = zip(evidence.experiment.numbers, evidence.programs, evidence.spreads, strict=True)
    rare = any(tails(*triple)[evidence.draws(evidence.programs)] < RARE for triple in triples)
    if candidates and total >= NAMED and (rare or candidates[0].speaking > 1):
        first = sum(each.probability for each in candidates if each.mistakes == candidates[0].mistakes)
        return _answer(evidence, "explained" if first >= NAMED * total else "several", None, ranked)
    if _joint_tail(evidence, 1) >= RARE:
        return _answer(evidence, "reproduced", "random numbers", [])
    return _answer(evidence, "unexplained", None, ranked)


def _answer(
    evidence: Evidence, verdict: Verdict, how: How | None, ranked: Sequence[tuple[Tried, Candidate]]
) -> ExperimentAnswer:
    numbers = tuple(_number_answer(evidence, i, verdict, ranked) for i in range(len(evidence.experiment.numbers)))
    shown = tuple(candidate for _, candidate in ranked[:SHOWN]) if verdict in ("explained", "several") else ()
    return ExperimentAnswer(evidence.experiment, verdict, how, shown, numbers)


def _number_answer(
    evidence: Evidence, i: int, verdict: Verdict, ranked: Sequence[tuple[Tried, Candidate]]
) -> NumberAnswer:
    """Return the answer for one number of an experiment with a verdict."""
    number, program, spread = evidence.experiment.numbers[i], evidence.programs[i], evidence.spreads[i]
    known = number, program.same, spread.rounding, spread.seeds
    given = {candidate: programs_of(tried, evidence)[i] for tried, candidate in ranked}
    explained = given[ranked[0][1]].same if verdict in ("explained", "several") else None
    usual = tails(number, program, spread)
    if verdict == "reproduced" or usual[0] >= RARE:
        return NumberAnswer(*known[:1], "reproduced", *known[1:], explained=explained)
    if explained is not None and max(log_likelihoods(number, given[ranked[0][1]], spread)) > log_unknown(
        number, spread
    ):
        return NumberAnswer(*known[:1], verdict, *known[1:], explained=explained)
    finite = [
        (abs(each.same - number.value), each.same, one.change)
        for one, each in given.items()
        if math.isfinite(each.same)
    ]
    _, nearest, change = min([*finite, (abs(program.same - number.value), program.same, "")])
    return NumberAnswer(*known[:1], "unexplained", *known[1:], explained, nearest, change)


def _log_sum(logs: Sequence[float]) -> float:
    top = max(logs)
    return top + math.log(sum(math.exp(each - top) for each in logs)) if math.isfinite(top) else top


def _equal(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))
