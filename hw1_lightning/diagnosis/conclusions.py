"""Conclusions from the evidence: the verdict on an experiment and on each of its numbers."""

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

from hw1_lightning.diagnosis.answers import Candidate, ExperimentAnswer, How, NumberAnswer, Verdict
from hw1_lightning.diagnosis.evidence import Program, log_likelihoods, log_unknown, tails
from hw1_lightning.diagnosis.hypotheses import CORRECT
from hw1_lightning.diagnosis.ranking import Tried, programs_of
from hw1_lightning.diagnosis.weighing import RARE, Evidence, how_reproduced, unusual_metrics

# A mistake is named if it is at least so probable.
NAMED = 0.95
SHOWN = 5  # candidates
Ranked = Sequence[tuple[Tried, Candidate]]


def conclude(evidence: Evidence, ranked: Ranked) -> ExperimentAnswer:
    """Decide which mistakes explain the numbers of an experiment.

    A mistake is never named on the strength of a single number that a correct program gives one time in twenty.

    Args:
        evidence: of the experiment.
        ranked: hypotheses, the likeliest first.
    """
    how = how_reproduced(evidence)
    if how is not None:
        return _answer(evidence, "reproduced", how, [])
    candidates = [candidate for _, candidate in ranked]
    total = sum(candidate.probability for candidate in candidates)
    correct = evidence.weigh(evidence.programs)
    if candidates and total >= NAMED and _is_strong(evidence, programs_of(ranked[0][0], evidence)):
        first = sum(each.probability for each in candidates if each.mistakes == candidates[0].mistakes)
        return _answer(evidence, "explained" if first >= NAMED * total else "several", None, ranked)
    draws = correct.draws
    unusual = unusual_metrics(evidence, draws)
    likelier = math.log(CORRECT) + correct.total > math.log(evidence.unknown)
    if likelier and 2 * len(unusual) < len({number.metric for number in evidence.experiment.numbers}):
        return _answer(evidence, "reproduced", "random numbers" if draws else "rounding", ranked, unusual)
    return _answer(evidence, "unexplained", None, ranked)


def _is_strong(evidence: Evidence, mistaken: Sequence[Program]) -> bool:
    """Return whether more than one metric speaks for a mistake, or a number that correct programs rarely give."""
    correct = evidence.weigh(evidence.programs)
    triples = list(zip(evidence.experiment.numbers, evidence.programs, evidence.spreads, strict=True))
    pairs = zip(evidence.weigh(mistaken).each, correct.each, strict=True)
    speaking = {number.metric for (number, _, _), (one, other) in zip(triples, pairs, strict=True) if one > other}
    return len(speaking) > 1 or any(tails(*triple)[correct.draws] < RARE for triple in triples)


def _answer(
    evidence: Evidence, verdict: Verdict, how: How | None, ranked: Ranked, unusual: Collection[str] = ()
) -> ExperimentAnswer:
    is_named = verdict in ("explained", "several")
    first = programs_of(ranked[0][0], evidence) if is_named else None
    nearest, change = _nearest(evidence, ranked)
    numbers = []
    for i, number in enumerate(evidence.experiment.numbers):
        own: Verdict = "unexplained" if number.metric in unusual else verdict
        answer = _number_answer(evidence, i, own, first[i] if first else None)
        if answer.verdict == "unexplained":
            answer = replace(answer, nearest=nearest[i].values[0], nearest_change=change)
        numbers.append(answer)
    shown = tuple(candidate for _, candidate in ranked[:SHOWN]) if is_named else ()
    return ExperimentAnswer(evidence.experiment, verdict, how, shown, tuple(numbers))


def _number_answer(evidence: Evidence, i: int, verdict: Verdict, first: Program | None) -> NumberAnswer:
    """Return the answer for one number of an experiment with a verdict; ``first`` is the best explanation."""
    number, program, spread = evidence.experiment.numbers[i], evidence.programs[i], evidence.spreads[i]
    fits = first is not None and max(log_likelihoods(number, first, spread)) > log_unknown(number, spread)
    if verdict == "reproduced" or tails(number, program, spread)[0] >= RARE:
        verdict = "reproduced"
    elif not fits:
        verdict = "unexplained"
    return NumberAnswer(
        number,
        verdict,
        program.values[0],
        rounding_spread=spread.deviations[0],
        seed_spread=spread.deviations[2],
        seed_mean=program.values[2],
        explained=None if first is None else first.values[0],
    )


def _nearest(evidence: Evidence, ranked: Ranked) -> tuple[Sequence[Program], str]:
    """Return the program, correct or not, whose numbers are nearest to all of an experiment, and what it changes."""
    texts = [one.hypothesis.change.text or " and ".join(one.hypothesis.mistakes) for one, _ in ranked]
    mistaken = ((programs_of(one, evidence), text) for (one, _), text in zip(ranked, texts, strict=True))
    return min([(evidence.programs, ""), *mistaken], key=lambda pair: _distance(evidence, pair[0]))


def _distance(evidence: Evidence, programs: Sequence[Program]) -> float:
    """Return how many standard deviations between seeds the numbers are away; a curve counts as one number."""
    apart = 0.0
    for i, number in enumerate(evidence.experiment.numbers):
        spread = evidence.spreads[i]
        away = abs(programs[i].values[0] - number.value) / math.hypot(spread.deviations[2], spread.unit)
        apart += evidence.weights[i] * (away if math.isfinite(away) else math.inf)
    return apart
