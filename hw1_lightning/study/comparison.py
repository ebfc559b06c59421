"""Conditions against a baseline, paired by seed, with a verdict that says no more than the evidence does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hw1_lightning.study.statistics import LEVEL, Summary, holm, sign_flip_p, summarize

Verdict = Literal["better", "worse", "equivalent", "inconclusive"]


@dataclass(frozen=True)
class Comparison:
    """A condition against the baseline, paired by seed.

    Args:
        difference: of the condition minus the baseline.
        p: of the exact sign-flip test, two-sided.
        p_holm: the same after Holm's correction for the number of conditions compared.
        wins: in how many seeds the condition was better; ties count for neither.
        verdict: ``better``, ``worse``, ``equivalent`` (within the margin) or ``inconclusive``.
    """

    difference: Summary
    p: float
    p_holm: float
    wins: int
    verdict: Verdict


def compare(
    values: Mapping[str, Mapping[int, float]], baseline: str, higher_is_better: bool, margin: float | None = None
) -> dict[str, Comparison]:
    """Compare conditions with the baseline, paired by seed.

    Args:
        values: for each condition the number of each seed; only seeds that both have are compared.
        baseline: the condition that the others are compared with.
        higher_is_better: or lower.
        margin: differences within plus and minus this count as none.

    Returns:
        A comparison for each other condition that has a pair. A pair with a value that is not finite leaves nothing
        to compute: p is 1, the difference NaN, the verdict inconclusive.
    """
    pairs = {
        name: [(of_seed[seed], values[baseline][seed]) for seed in of_seed if seed in values[baseline]]
        for name, of_seed in values.items()
        if name != baseline
    }
    differences = {name: [ours - theirs for ours, theirs in both] for name, both in pairs.items() if both}
    p_values = [sign_flip_p(each) if np.isfinite(each).all() else 1.0 for each in differences.values()]
    found = {}
    for (name, each), p, p_holm in zip(differences.items(), p_values, holm(p_values), strict=True):
        wins = sum(one > 0 if higher_is_better else one < 0 for one in each)  # a NaN is neither
        verdict = _verdict(each, p_holm, higher_is_better, margin)
        found[name] = Comparison(summarize(each), p, p_holm, wins, verdict)
    return found


def _verdict(differences: Sequence[float], p_holm: float, higher_is_better: bool, margin: float | None) -> Verdict:
    mean = summarize(differences).mean
    if p_holm <= LEVEL and mean != 0:
        return "better" if (mean > 0) == higher_is_better else "worse"
    if margin is not None and len(differences) > 1:
        # Two one-sided t tests at the level: the 90 % interval lies within the margin (Schuirmann, Journal of
        # Pharmacokinetics and Biopharmaceutics 15, 1987). NaN lies nowhere.
        within = summarize(differences, confidence=1 - 2 * LEVEL)
        if -margin < within.low and within.high < margin:
            return "equivalent"
    return "inconclusive"
