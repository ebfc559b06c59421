"""The findings of a diagnosis: each mistake is named once, with all experiments that it explains."""

from collections.abc import Mapping, Sequence

from hw1_lightning.diagnosis.answers import ExperimentAnswer, Finding
from hw1_lightning.diagnosis.catalogue.entry import Mistake


def findings(answers: Sequence[ExperimentAnswer], catalogue: Mapping[str, Mistake]) -> list[Finding]:
    """Collect the mistakes that explain experiments, the strongest first.

    Args:
        answers: of a report's experiments.
        catalogue: entries by name.
    """
    explained: dict[tuple[str, ...], list[ExperimentAnswer]] = {}
    for answer in answers:
        if answer.verdict == "explained":
            explained.setdefault(answer.candidates[0].mistakes, []).append(answer)
    found = [_finding(mistakes, which, catalogue) for mistakes, which in explained.items()]
    return sorted(found, key=lambda finding: -finding.log10_ratio)


def _finding(
    mistakes: tuple[str, ...], answers: Sequence[ExperimentAnswer], catalogue: Mapping[str, Mistake]
) -> Finding:
    entries = [catalogue[name] for name in mistakes]
    first = [answer.candidates[0] for answer in answers]
    return Finding(
        mistakes,
        tuple(answer.experiment.name for answer in answers),
        sum(candidate.log10_ratio for candidate in first),
        sum(candidate.speaking for candidate in first),
        " ".join(entry.advice for entry in entries),
        " ".join(entry.said for entry in entries if entry.said),
    )
