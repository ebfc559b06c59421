"""Answers a question about a study: a difference with its intervals, from the finished runs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from hw1_lightning.judgement.questions import Question
from hw1_lightning.statistics import new_examples
from hw1_lightning.statistics.intervals import Interval, Summary, sign_p, summarize
from hw1_lightning.statistics.verdicts import Verdict, verdict_of
from hw1_lightning.study.quantities import LEVELS
from hw1_lightning.study.results import Run, StudyResults

Floats = npt.NDArray[np.float64]
Split = Literal["validation", "test"]
SPLITS: Mapping[str, Split] = {"val": "validation", "test": "test"}


@dataclass(frozen=True)
class Answer:
    """The answer of the runs to a question.

    Args:
        question: the question.
        error: the probability with which each interval may miss.
        problem: why there is no answer; empty if there is one, and only then the rest is set.
        difference: summary over independent pairs of runs, with the interval over seeds.
        p: p of the sign test over seeds.
        higher, lower: numbers of pairs in which the condition was higher, or lower.
        sampled: what the quantity is measured on: ``validation examples``, ``test examples``, ``data`` if seeds divide
            them anew, or ``runs, whose data differ``; empty for other quantities.
        examples: the interval over seeds and examples; ``None`` if it is unknown or does not apply.
        p_examples: p for the interval over seeds and examples.
        identical: whether both conditions have bit-identical runs, which is not evidence of equivalence.
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

    Copies of a run are one observation. If a run diverged or has no value there is no answer: leaving it out would
    compare only the survivors.

    Args:
        results: the study.
        question: the question.
        error: the probability with which the interval may miss; ``questions.error_of_each`` for a verdict on a page.
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
        examples=new_examples.widened_interval(differences, half, error) if half else None,
        p_examples=new_examples.widened_p(differences, half) if half else None,
        identical=len(names) == 2 and not any(differences) and results.identical(*names),
    )


def conclude(given: Answer, margin: float | None, higher_is_better: bool) -> tuple[Verdict, str]:
    """Return the verdict of an answer, and what it is restricted to.

    Args:
        given: the answer.
        margin: differences within this count as none; ``None`` if every difference counts.
        higher_is_better: whether higher values are better, or lower ones.

    Returns:
        ``identical`` for bit-identical runs; else the verdict for new examples, without restriction; else that over
        seeds alone, with its restriction, such as ``for these validation examples``.
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
    return verdict, f"for these {given.sampled}" if given.sampled and verdict != "inconclusive" else ""


def independent_seeds(results: StudyResults, conditions: list[str], seeds: list[int]) -> list[int]:
    """Return seeds whose runs, or pairs of runs, share no run, since differences from one run are not independent."""
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
    """Return the finished runs of a condition without copies."""
    different = set(independent_seeds(results, [condition], [run.seed for run in results.of(condition)]))
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
    """Return a difference; of accuracies without the float32 rounding errors that make equal ones differ."""
    is_level = question.metric.endswith("/accuracy") and question.take in LEVELS
    return round(value - other, 6) if is_level else value - other


def _half_width(
    results: StudyResults, question: Question, split: Split, seeds: list[int], differences: list[float]
) -> new_examples.HalfWidth | None:
    """Return what the draw of examples adds to the interval; ``None`` if that is unknown or nothing."""
    if len(seeds) < 2:
        return None
    divided = results.divided(question.conditions)
    if True in divided:  # where only one of two conditions varies the split, neither rule applies
        by_splits = divided == {True} and split == "validation"
        return new_examples.split_half_width(differences, results.share_validation) if by_splits else None
    names, is_accuracy = question.conditions, question.metric.endswith("/accuracy") and question.take == "final"
    if not is_accuracy or len(_divisions(results, names)) != 1:  # without a common split, examples are not paired
        return None
    ours, *theirs = (_right(results, name, split, seeds, question.metric) for name in names)
    other = theirs[0] if theirs else question.bound
    return None if ours is None or other is None else new_examples.example_half_width(ours - other)


def _divisions(results: StudyResults, names: Sequence[str]) -> set[tuple[str, int | None]]:
    """Return the SHA-256 of the data and the seed of their split, for all runs of the conditions."""
    runs = [run for name in names for run in results.of(name)]
    return {(run.result["data"]["sha256"], run.result.get("split_seed")) for run in runs}


def _sampled(results: StudyResults, names: Sequence[str], split: str, alike: str) -> str:
    """Return what a verdict over seeds is restricted to: ``alike``, unless the runs have no common examples."""
    divisions = _divisions(results, names)
    if len({sha256 for sha256, _ in divisions}) > 1:
        return "runs, whose data differ"
    other = split == "validation" and len(divisions) > 1 and True not in results.divided(names)
    return f"runs, whose {alike} differ" if other else alike


def _right(results: StudyResults, condition: str, split: Split, seeds: list[int], metric: str) -> Floats | None:
    """Return the share of seeds that classify each example correctly; ``None`` if it is unknown for a run."""
    found = []
    for run in results.of(condition):
        if run.seed in seeds:
            right = run.correct(split)
            if right is None or not math.isclose(right.mean(), run.quantity(metric) or 0.0, abs_tol=1e-4):
                return None
            found.append(right)
    return np.mean(found, 0, dtype=np.float64) if len(found[0]) > 1 else None
