"""All differences that a page judges, as one family, so that all its verdicts hold together.

If each of m intervals misses its difference with a probability of at most 0.05 / m, all of them cover theirs with a
probability of at least 0.95 (Bonferroni; Dunn, Journal of the American Statistical Association 56, 1961), whatever the
correlation of the metrics. Then every verdict of the page holds, because each follows from its interval alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hw1_lightning.statistics.intervals import LEVEL, smallest_p
from hw1_lightning.study.specification import Check, Study


@dataclass(frozen=True)
class Question:
    """The question by how much a condition exceeds another condition, or a number.

    Args:
        metric: the metric.
        of: the condition.
        than: the other condition; ``None`` if there is a bound.
        bound: the number.
        take: how the curve is reduced, a name of ``quantities.TAKES``.
        last: how many epochs at the end count; ``None`` for all.
    """

    metric: str
    of: str
    than: str | None = None
    bound: float | None = None
    take: str = "final"
    last: int | None = None

    @property
    def conditions(self) -> list[str]:
        """Its conditions, one or two."""
        return [self.of] if self.than is None else [self.of, self.than]

    @property
    def interval(self) -> tuple[str, str, int | None, frozenset[str | None]]:
        """The key of its interval, which is the same for a and b as for b and a, and for all bounds."""
        return self.metric, self.take, self.last, frozenset((self.of, self.than))


def of_comparison(study: Study, metric: str, condition: str) -> Question:
    """Return the question that compares a condition with the baseline."""
    return Question(metric, condition, study.baseline)


def of_check(check: Check) -> list[Question]:
    """Return the questions of a check: one for each condition that it names, or one about its bound."""
    last = None if check.take == "final" else check.last
    if check.bound is not None:
        return [Question(check.metric, check.of, None, check.bound, check.take, last)]
    return [Question(check.metric, check.of, name, None, check.take, last) for name in check.than]


def number_of_differences(study: Study) -> int:
    """Return the number of different intervals on a page, which depends on the study file alone."""
    others = [condition.name for condition in study.conditions if condition.name != study.baseline]
    asked = [of_comparison(study, metric, name) for metric in study.metrics for name in others]
    asked += [question for claim in study.claims for check in claim.checks for question in of_check(check)]
    return max(1, len({question.interval for question in asked}))


def number_of_claimed_differences(studies: Sequence[Study]) -> int:
    """Return the number of different intervals that the claims of several studies depend on."""
    asked = [
        (place, question.interval)
        for place, study in enumerate(studies)
        for claim in study.claims
        for check in claim.checks
        for question in of_check(check)
    ]
    return max(1, len(set(asked)))


def error_of_each(study: Study) -> float:
    """Return the probability with which each interval of a page may miss, so that all hold with 95 %."""
    return LEVEL / number_of_differences(study)


def enough_seeds(differences: int) -> int:
    """Return how many paired seeds are needed to decide one of a number of differences."""
    return math.ceil(1 + math.log2(differences / LEVEL) - 1e-9)


def what_seeds_can_show(seeds: int, differences: int) -> str:
    """Describe what a number of paired seeds can show on a page with a number of differences."""
    least, enough = smallest_p(seeds), enough_seeds(differences)
    own = f"{seeds} seed{'s' * (seeds != 1)}"
    text = f"{own.replace(' ', ' paired ')}: the smallest possible p is {least:.3g}"
    if differences > 1:
        text += f", {min(1.0, least * differences):.3g} after correcting for the {differences} differences judged"
    if seeds < enough:
        return f"{text}, so {own} cannot reach {LEVEL}; {enough} seeds could"
    return f"{text}, so a difference with the same sign in all seeds can reach {LEVEL}"
