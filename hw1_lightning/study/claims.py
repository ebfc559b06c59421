"""Claims as tests: each is supported, contradicted or undecided, with its numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hw1_lightning.study.specification import Check, Claim
from hw1_lightning.study.statistics import LEVEL, MAX_PAIRS, holm, sign_flip_p, smallest_p, summarize

Judged = Literal["supported", "contradicted", "undecided"]
# Values of a condition by seed: (condition, metric, take, last) -> {seed: value}.
Values = Callable[[str, str, str, int | None], Mapping[int, float]]


@dataclass(frozen=True)
class Judgement:
    """What the runs say of a claim.

    Args:
        claim: the claim.
        verdict: contradicted if one of its checks is, supported if all are.
        numbers: a line for each comparison behind it.
    """

    claim: Claim
    verdict: Judged
    numbers: tuple[str, ...]


def judge(claim: Claim, values: Values) -> Judgement:
    """Judge a claim.

    A check is the paired difference to every condition it names, or the distance to its bound; it is supported if all
    of them have the claimed sign and an exact sign-flip p of at most 5 %, by Holm's correction for the check's
    comparisons; contradicted if one has the opposite sign with such a p.

    Args:
        claim: what is claimed.
        values: gives the numbers of finished runs.

    Returns:
        The judgement.
    """
    verdicts: list[Judged] = []
    numbers: list[str] = []
    for check in claim.checks:
        verdict, lines = _judge_check(check, values)
        verdicts.append(verdict)
        numbers += lines
    if "contradicted" in verdicts:
        return Judgement(claim, "contradicted", tuple(numbers))
    return Judgement(claim, "supported" if set(verdicts) == {"supported"} else "undecided", tuple(numbers))


def _judge_check(check: Check, values: Values) -> tuple[Judged, list[str]]:
    ours = values(check.of, check.metric, check.take, check.last)
    differences: dict[str, list[float]] = {}
    if check.bound is not None:
        differences[f"{check.bound:g}"] = [value - check.bound for value in ours.values()]
    for name in check.than:
        theirs = values(name, check.metric, check.take, check.last)
        differences[name] = [ours[seed] - theirs[seed] for seed in ours if seed in theirs]
    testable = {name: each for name, each in differences.items() if _can_test(each)}
    p_values = dict(zip(testable, holm([sign_flip_p(each) for each in testable.values()]), strict=True))
    signs = [_sign(each, p_values.get(name, 1.0)) for name, each in differences.items()]
    claimed = 1 if check.higher else -1
    lines = [_sentence(check, name, each, p_values.get(name)) for name, each in differences.items()]
    if -claimed in signs:
        return "contradicted", lines
    return "supported" if set(signs) == {claimed} else "undecided", lines


def _can_test(differences: list[float]) -> bool:
    return 1 <= len(differences) <= MAX_PAIRS and bool(np.isfinite(differences).all())


def _sign(differences: list[float], p: float) -> int:
    """1 or -1 if the differences are that way beyond chance, else 0."""
    return int(np.sign(summarize(differences).mean)) if p <= LEVEL else 0


def quantity(check: Check) -> str:
    """What a check looks at, in words, such as ``slope of val/loss over the last 30 epochs``."""
    what = {"final": "final ", "slope": "slope of ", "min": "least ", "max": "greatest ", "mean": "mean "}
    over = f" over the last {check.last} epochs" if check.last and check.take != "final" else ""
    return f"{what.get(check.take, check.take + ' of ')}{check.metric}{over}"


def _sentence(check: Check, against: str, differences: list[float], p: float | None) -> str:
    start = f"{quantity(check)}: {check.of} minus {against}"
    if not differences:
        return f"{start}: no finished runs to compare"
    if p is None:
        return f"{start}: a run's value is not finite, or there are more than {MAX_PAIRS} pairs; nothing is tested"
    summary = summarize(differences)
    text = f"{start} = {summary.mean:+.4g}"
    if summary.n > 1:
        text += f" [{summary.low:+.4g}, {summary.high:+.4g}]"
    text += f", p = {p:.3g} (n = {summary.n})"
    if smallest_p(summary.n) * max(1, len(check.than)) > LEVEL:
        text += f"; so few seeds cannot reach {LEVEL}"
    return text
