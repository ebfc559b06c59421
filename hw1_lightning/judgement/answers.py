"""The answer to a question about a study: a difference with its intervals, from the runs there are."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from hw1_lightning.judgement.questions import Question
from hw1_lightning.statistics.intervals import Interval, Summary, sign_p, summarize
from hw1_lightning.statistics.new_examples import (
    HalfWidth,
    half_width_by_examples,
    half_width_by_splits,
    widened_interval,
    widened_p,
)
from hw1_lightning.statistics.verdicts import Verdict, verdict_of
from hw1_lightning.study.quantities import LEVELS
from hw1_lightning.study.results import Run, StudyResults

Split = Literal["validation", "test"]
SPLITS: Mapping[str, Split] = {"val": "validation", "test": "test"}


@dataclass(frozen=True)
class Answer:
    """What the runs say of a question.

    Args:
        question: what was asked.
        error: how often each interval may miss.
        problem: why there is no answer; empty if there is one, and then the rest is known.
        difference: summary over independent pairs of runs, with the interval over seeds.
        p: of the sign test, over seeds.
        higher, lower: in how many pairs the condition was higher, or lower.
        sampled: ``validation examples`` or ``test examples`` if the quantity is measured on examples that others could
            stand for, ``data`` if seeds divide these anew, ``runs, whose data differ`` if there is no one set of them.
        examples: the interval over seeds and examples; ``None`` if it is not known, or the quantity needs none.
        p_examples: its p.
        identical: whether the runs of both conditions are the same, which is not evidence of equivalence.
    """

    question: Question
    error: float
    problem: str = ""
    difference: Summary | None = None
    p: float = 1.0
    higher: int = 0
    lower: int = 0
    sampled: str = ""
    examples: Interval | None = None
    p_examples: float | None = None
    identical: bool = False


def answer(results: StudyResults, question: Question, error: float) -> Answer:
    """Answer a question.

    Args:
        results: the study.
        question: about what.
        error: how often the interval may miss; ``questions.error_of_each`` for a verdict on a page.

    Returns:
        The answer. Runs that are copies of each other are one observation. With a run that diverged, or one without
        the value, there is no answer at all: leaving it out would compare the survivors only.
    """
    names = question.conditions
    values = {name: results.values(name, question.metric, question.take, question.last) for name in names}
    if problem := _problem(results, question, values):
        return Answer(question, error, problem)
    seeds = independent_seeds(results, names, sorted(set.intersection(*(set(one) for one in values.values()))))
    theirs = values[question.than] if question.than is not None else dict.fromkeys(seeds, question.bound or 0.0)
    differences = [_difference(question, values[question.of][seed], theirs[seed]) for seed in seeds]
    split = SPLITS.get(question.metric.partition("/")[0])
    half = _half_width(results, question, split, seeds, differences) if split else None
    divided = True in results.divided(names) and split == "validation"
    return Answer(
        question,
        error,
        difference=summarize(differences, error),
        p=sign_p(differences),
        higher=sum(one > 0 for one in differences),
        lower=sum(one < 0 for one in differences),
        sampled=_sampled(results, names, split, "data" if divided else f"{split} examples") if split else "",
        examples=widened_interval(differences, half, error) if half else None,
        p_examples=widened_p(differences, half) if half else None,
        identical=len(names) == 2 and not any(differences) and results.identical(*names),
    )


def conclude(given: Answer, margin: float | None, higher_is_better: bool) -> tuple[Verdict, str]:
    """The verdict of an answer, and what it is restricted to.

    Args:
        given: the answer.
        margin: differences within this count as none; ``None`` if each counts.
        higher_is_better: or lower.

    Returns:
        ``identical`` for runs with the same numbers. Else the verdict that holds for new examples too, with no
        restriction, if there is one. Else that over seeds alone, with its restriction in words such as ``for these
        validation examples``.
    """
    if given.identical:
        return "identical", ""
    if given.difference is None or not given.difference.interval.reaches(given.error):
        return "inconclusive", ""
    if given.examples is not None:
        general = verdict_of(given.examples.low, given.examples.high, margin, higher_is_better)
        if general != "inconclusive":
            return general, ""
    seeds = given.difference.interval
    verdict = verdict_of(seeds.low, seeds.high, margin, higher_is_better)
    if not given.sampled or verdict == "inconclusive":
        return verdict, ""
    return verdict, f"for these {given.sampled}"


def independent_seeds(results: StudyResults, conditions: list[str], seeds: list[int]) -> list[int]:
    """Seeds whose runs, or pairs of runs, have no run in common: differences from the same run are not independent."""
    first_of = {(name, seed): group[0] for name, group in results.copies for seed in group}
    used: set[tuple[str, int]] = set()
    independent = []
    for seed in seeds:
        runs = {(name, first_of.get((name, seed), seed)) for name in conditions}
        if not runs & used:
            independent.append(seed)
        used |= runs
    return independent


def independent_runs(results: StudyResults, condition: str) -> list[Run]:
    """The finished runs of a condition without copies of others."""
    seeds = [run.seed for run in results.of(condition)]
    different = set(independent_seeds(results, [condition], seeds))
    return [run for run in results.of(condition) if run.seed in different]


def _problem(results: StudyResults, question: Question, values: Mapping[str, Mapping[int, float]]) -> str:
    for name in values:
        runs = results.of(name)
        if diverged := sum(run.diverged for run in runs):
            return f"{diverged} of {len(runs)} runs of {name} diverged"
    if not set.intersection(*(set(one) for one in values.values())):
        return "no seed that both have" if all(values.values()) else "no finished runs to compare"
    if not all(math.isfinite(value) for one in values.values() for value in one.values()):
        return f"the {question.take} of {question.metric} is undefined in a run"
    return ""


def _difference(question: Question, value: float, other: float) -> float:
    """A difference; of accuracies without their rounding in float32, which makes 0.6 greater than 0.6."""
    difference = value - other
    return round(difference, 6) if question.metric.endswith("/accuracy") and question.take in LEVELS else difference


def _half_width(
    results: StudyResults, question: Question, split: Split, seeds: list[int], differences: list[float]
) -> HalfWidth | None:
    """What the draw of examples adds; ``None`` if unknown or none."""
    if len(seeds) < 2:
        return None
    divided = results.divided(question.conditions)
    if True in divided:  # where only one of two varies the split, chance of neither kind is known
        by_splits = divided == {True} and split == "validation"
        return half_width_by_splits(differences, results.share_validation) if by_splits else None
    if not question.metric.endswith("/accuracy") or question.take != "final":
        return None
    names = question.conditions
    if len(_divisions(results, names)) != 1:
        return None  # then examples are not paired
    right = [_right(results, name, split, seeds, question.metric) for name in names]
    found = [each for each in right if each is not None]
    if len(found) < len(names):
        return None
    return half_width_by_examples(found[0] - (found[1] if len(found) == 2 else question.bound or 0.0))


def _divisions(results: StudyResults, names: Sequence[str]) -> set[tuple[str, int | None]]:
    """The data's SHA-256 and the seed of their division into training and validation, of all runs of conditions."""
    runs = [run for name in names for run in results.of(name)]
    return {(run.result["data"]["sha256"], run.result.get("split_seed")) for run in runs}


def _sampled(results: StudyResults, names: Sequence[str], split: str, alike: str) -> str:
    """What a verdict over seeds alone is restricted to: ``alike``, unless the runs have no examples in common."""
    divisions = _divisions(results, names)
    if len({sha256 for sha256, _ in divisions}) > 1:
        return "runs, whose data differ"
    other = split == "validation" and len(divisions) > 1 and True not in results.divided(names)
    return f"runs, whose {alike} differ" if other else alike


def _right(
    results: StudyResults, condition: str, split: Split, seeds: list[int], metric: str
) -> npt.NDArray[np.float64] | None:
    """Share of seeds that had each example right; ``None`` if a run does not say, or says it of other weights."""
    found = []
    for run in results.of(condition):
        if run.seed in seeds:
            right = run.correct(split)
            if right is None or not math.isclose(right.mean(), run.quantity(metric) or 0.0, abs_tol=1e-4):
                return None
            found.append(right)
    return np.mean(found, 0, dtype=np.float64) if len(found[0]) > 1 else None
