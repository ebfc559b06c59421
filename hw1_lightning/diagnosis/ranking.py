"""Ranks hypotheses by how well their runs explain the numbers of an experiment."""

import math
import statistics
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hw1_lightning.diagnosis.answers import Candidate
from hw1_lightning.diagnosis.evidence import Program
from hw1_lightning.diagnosis.hypotheses import CORRECT, REPEATED, Hypothesis
from hw1_lightning.diagnosis.outcome import Outcome
from hw1_lightning.diagnosis.weighing import Evidence, log_sum


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
    """Return what a mistaken program gives as each number.

    With other draws, a mistake is taken to change the mean of the correct program by as much as it does here.
    """
    found, spreads = [], _own_spreads(tried, evidence)
    for number, correct in zip(evidence.experiment.numbers, evidence.programs, strict=True):
        value = tried.outcome.value(number, tried.hypothesis.change.readings)
        order, seed = (value + mean - correct.values[0] for mean in correct.values[1:])
        found.append(Program((value, order, seed), correct.runs, spreads[number.metric]))
    return found


def _own_spreads(tried: Tried, evidence: Evidence) -> dict[str, float]:
    """Return by metric how far the mistaken program differs from itself: over all epochs, the root mean square."""
    readings, apart = tried.hypothesis.change.readings, defaultdict[str, list[float]](list)
    for number in evidence.experiment.numbers:
        value, own = tried.outcome.value(number, readings), 0.0
        if "test by chance" in readings and number.metric == "test/accuracy":
            # The share of examples that are right by chance, in two programs.
            own = math.sqrt(2 * value * (1 - value) / evidence.examples["test"])
        elif tried.rounded is not None:
            own = abs(tried.rounded.value(number, readings) - value)
        apart[number.metric].append(own if math.isfinite(own) else 0.0)
    return {metric: math.sqrt(statistics.fmean(each * each for each in found)) for metric, found in apart.items()}


def rank(evidence: Evidence, tried: Sequence[Tried], named: Collection[str] = ()) -> list[tuple[Tried, Candidate]]:
    """Rank hypotheses by their probability, the likeliest first.

    A hypothesis whose run gives the numbers of the correct program explains nothing, and is left out.

    Args:
        evidence: of the experiment.
        tried: hypotheses with the outcomes of their runs.
        named: mistakes that other experiments of the report have.
    """
    correct, found, known = evidence.weigh(evidence.programs), [], []
    for one in tried:
        programs = programs_of(one, evidence)
        if all(_equal(a.values[0], b.values[0]) for a, b in zip(programs, evidence.programs, strict=True)):
            continue
        prior = one.hypothesis.prior * math.prod(REPEATED for name in one.hypothesis.mistakes if name in named)
        known.append(programs)
        weighed = evidence.weigh(programs)
        speaking = sum(mistaken > right for mistaken, right in zip(weighed.each, correct.each, strict=True))
        found.append((one, weighed.total - correct.total, prior, speaking))
    unknown = evidence.weigh_unknown(known)
    others = [math.log(CORRECT), math.log(evidence.unknown) + unknown - correct.total]
    whole = log_sum([*others, *(math.log(prior) + ratio for _, ratio, prior, _ in found)])
    ranked = [(one, _candidate(one, ratio, math.log(prior) + ratio - whole, n)) for one, ratio, prior, n in found]
    return sorted(ranked, key=lambda pair: -pair[1].probability)


def _candidate(tried: Tried, ratio: float, log_probability: float, speaking: int) -> Candidate:
    hypothesis = tried.hypothesis
    change, log10 = hypothesis.change.text, ratio / math.log(10)
    return Candidate(hypothesis.mistakes, change, log10, math.exp(log_probability), speaking)


def _equal(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))
