"""Judges claims: each is supported, contradicted or undecided, with its numbers."""

from dataclasses import dataclass
from typing import Literal

from hw1_lightning.judgement.answers import Answer, answer, conclude
from hw1_lightning.judgement.comparison import margin_of
from hw1_lightning.judgement.questions import error_of_each, of_check
from hw1_lightning.statistics.intervals import Interval
from hw1_lightning.statistics.verdicts import KINDS, Verdict
from hw1_lightning.study.quantities import LEVELS
from hw1_lightning.study.results import StudyResults
from hw1_lightning.study.specification import Check, Claim

Judged = Literal["supported", "contradicted", "undecided"]
JUDGED: dict[str, Judged] = {"better": "supported", "worse": "contradicted"}  # "better" means: as claimed


@dataclass(frozen=True)
class Difference:
    """One of the differences that a claim depends on.

    Args:
        check: the check that asks for it.
        answer: its intervals.
        verdict: the verdict on it; "better" means: as claimed.
        scope: what the verdict is restricted to; may be empty.
        margin: differences within plus and minus this count as none; ``None`` if every difference counts.
    """

    check: Check
    answer: Answer
    verdict: Verdict
    scope: str
    margin: float | None


@dataclass(frozen=True)
class Judgement:
    """The verdict on a claim.

    Args:
        claim: the claim.
        verdict: contradicted if one of its checks is, supported if all are.
        scope: what the verdict is restricted to, such as ``for these validation examples``; may be empty.
        numbers: one line for each comparison.
        differences: the comparisons.
    """

    claim: Claim
    verdict: Judged
    scope: str
    numbers: tuple[str, ...]
    differences: tuple[Difference, ...] = ()


def judge(results: StudyResults, claim: Claim, error: float | None = None) -> Judgement:
    """Judge a claim of a study by its finished runs.

    A check asks one question for each condition that it names, or one about its bound. As for comparisons with the
    baseline, the interval of the difference answers it. A claim is supported if every difference is better, in the
    claimed direction, and contradicted if one of them is worse. A difference that counts as no difference does neither.

    Args:
        results: the study.
        claim: one of its claims.
        error: the probability with which each interval may miss; ``None`` for that of the study's own page.
    """
    error = error_of_each(results.study) if error is None else error
    differences: list[Difference] = []
    for check in claim.checks:
        margin = margin_of(results.study, check.metric) if check.than and check.take in LEVELS else None
        for question in of_check(check):
            given = answer(results, question, error)
            differences.append(Difference(check, given, *conclude(given, margin, check.higher), margin))
    verdict, scope = _together([(judged_as(each.verdict), each.scope) for each in differences])
    numbers = tuple(_sentence(results, each) for each in differences)
    return Judgement(claim, verdict, scope, numbers, tuple(differences))


def judged_as(verdict: Verdict) -> Judged:
    """Return what the verdict on one difference means for its claim."""
    return JUDGED.get(KINDS[verdict], "undecided")


def _together(found: list[tuple[Judged, str]]) -> tuple[Judged, str]:
    """Return the verdict on a claim and its scope, from those on its differences."""
    against = [scope for judged, scope in found if judged == "contradicted"]
    if against:
        return "contradicted", "" if "" in against else against[0]
    if any(judged != "supported" for judged, _ in found):
        return "undecided", ""
    return "supported", " and ".join(dict.fromkeys(scope for _, scope in found if scope))


def quantity(check: Check, epochs: tuple[int, ...] = ()) -> str:
    """Describe the quantity of a check, such as ``slope of val/loss over the last 30 epochs``.

    Args:
        check: the check.
        epochs: the numbers of epochs of the runs, if known: the last 30 of 20 epochs are the last 20.
    """
    what = {"final": "final ", "slope": "slope of ", "min": "minimum ", "max": "maximum ", "mean": "mean "}
    text = f"{what.get(check.take, check.take + ' of ')}{check.metric}"
    if not check.last or check.take == "final":
        return text
    taken = sorted({min(check.last, each) for each in epochs}) or [check.last]
    several = f"{taken[0]} to {taken[-1]}" if len(taken) > 1 else f"{taken[0]}"
    return f"{text} over the last {several} epoch{'' if taken == [1] else 's'}"


def _sentence(results: StudyResults, found: Difference) -> str:
    check, given, verdict, margin = found.check, found.answer, found.verdict, found.margin
    runs = (run for name in given.question.conditions for run in results.of(name))
    epochs = tuple({len(run.curve(check.metric)) or 1 for run in runs})
    against = given.question.than if given.question.than is not None else f"{check.bound:g}"
    start = f"{quantity(check, epochs)}: {check.of} minus {against}"
    if given.difference is None:
        return f"{start}: {given.problem}, so nothing is tested"
    if verdict == "identical":
        return f"{start}: the runs of both have the same numbers, so nothing is tested"
    difference = given.difference
    text = f"{start}: median {difference.median:+.4g}{_ends(difference.interval)}, p = {given.p:.3g} over seeds"
    if given.examples is not None:
        text += f",{_ends(given.examples)}, p = {given.p_examples:.3g} over seeds and examples"
    text += f" (n = {difference.n})"
    if not difference.interval.reaches(given.error):
        return f"{text}; too few seeds to decide"
    judged = {"better": "as claimed", "worse": "the opposite"}.get(verdict.partition(" ")[0], "")
    if KINDS[verdict] == "equivalent" and margin is not None:
        judged = f"within ±{margin:g}, which counts as no difference"
    return f"{text}; {judged} {found.scope}".rstrip() if judged else text


def _ends(interval: Interval) -> str:
    return "" if interval.low != interval.low else f" [{interval.low:+.4g}, {interval.high:+.4g}]"
