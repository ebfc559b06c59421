"""Compares conditions with a baseline, paired by seed, with verdicts that the evidence supports."""

from dataclasses import dataclass

from hw1_lightning.judgement.answers import Answer, answer, conclude
from hw1_lightning.judgement.questions import error_of_each, of_comparison
from hw1_lightning.metrics import LOWER_IS_BETTER, NEITHER_IS_BETTER
from hw1_lightning.statistics.verdicts import KINDS, Verdict, describe_verdict
from hw1_lightning.study.results import StudyResults
from hw1_lightning.study.specification import Study


@dataclass(frozen=True)
class Comparison:
    """The comparison of a condition with the baseline by one metric.

    Args:
        answer: the difference, of the condition minus the baseline.
        verdict: the verdict on it, from ``verdicts.verdict_of``.
        scope: what the verdict is restricted to; may be empty.
        margin: differences within plus and minus this count as none; ``None`` if every difference counts.
        wins: the number of pairs in which the condition was better; a tie counts for neither.
    """

    answer: Answer
    verdict: Verdict
    scope: str
    margin: float | None
    wins: int

    @property
    def is_judged(self) -> bool:
        """Whether higher or lower values are better, so that the difference is judged."""
        return self.answer.question.metric not in NEITHER_IS_BETTER

    @property
    def kind(self) -> str:
        """The verdict's colour on a page."""
        return KINDS[self.verdict] if self.is_judged else "inconclusive"

    def describe(self, than: str = "") -> str:
        """Describe the verdict; ``than`` names the baseline where it is not clear from the context."""
        word, space, rest = describe_verdict(self.verdict, self.margin, self.scope, than).partition(" ")
        plain = {} if self.is_judged else {"better": "higher", "worse": "lower"}
        return plain.get(word, word) + space + rest


def margin_of(study: Study, metric: str) -> float | None:
    """Return the study's margin, which applies to accuracies only."""
    return study.margin if metric.endswith("/accuracy") else None


def comparisons(results: StudyResults, metric: str) -> dict[str, Comparison]:
    """Compare every other condition that has runs with the baseline, by one of the study's metrics."""
    study, made = results.study, {}
    for condition in study.conditions:
        if condition.name != study.baseline and results.of(condition.name):
            found = answer(results, of_comparison(study, metric, condition.name), error_of_each(study))
            higher_is_better, margin = metric not in LOWER_IS_BETTER, margin_of(study, metric)
            verdict, scope = conclude(found, margin, higher_is_better)
            wins = found.higher if higher_is_better else found.lower
            made[condition.name] = Comparison(found, verdict, scope, margin, wins)
    return made
