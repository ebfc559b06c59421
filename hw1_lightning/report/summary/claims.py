"""The claims of a summary in sentences: the verdict on each, and its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from hw1_lightning.judgement.claims import JUDGED
from hw1_lightning.judgement.questions import enough_seeds
from hw1_lightning.metrics import METRICS
from hw1_lightning.report.summary.records import ClaimedDifference
from hw1_lightning.statistics.intervals import LEVEL, smallest_p
from hw1_lightning.statistics.verdicts import KINDS
from hw1_lightning.study.quantities import LEVELS
from hw1_lightning.study.words import listing

VERDICTS = {"supported": "holds", "contradicted": "does not hold", "undecided": "undecided"}
QUANTITIES = {metric.name: metric.title[0].lower() + metric.title[1:] for metric in METRICS if metric.title} | {
    "weights/zero_fraction": "share of weights that are zero",
    "test/accuracy": "test accuracy",
    "test/loss": "test loss",
    "seconds_per_epoch": "seconds per epoch",
}
COLOURS = {str(verdict): kind for verdict, kind in KINDS.items()}
TAKES = {
    "final": "{}",
    "min": "minimum of the {}",
    "max": "maximum of the {}",
    "mean": "mean of the {}",
    "slope": "slope per epoch of the {}",
    "roughness": "mean absolute change per epoch of the {}",
}


@dataclass(frozen=True)
class JudgedClaim:
    """A claim on the page.

    Args:
        study, id, question, says, verdict, scope: the claim and its verdict.
        evidence: one sentence.
        rows: its differences.
    """

    study: str
    id: str
    question: str
    says: str
    verdict: str
    scope: str
    evidence: str
    rows: tuple[ClaimedDifference, ...]


def judged_claims(differences: Sequence[ClaimedDifference]) -> list[JudgedClaim]:
    """Return all claims: first those of the report by its questions, then hw1's own."""
    family = number_of_intervals(differences)
    claims = []
    for _, group in groupby(differences, key=lambda row: (row.study, row.claim)):
        rows = tuple(group)
        one = rows[0]
        named = (one.study, one.claim, one.question, one.says, one.verdict, one.scope)
        claims.append(JudgedClaim(*named, evidence(rows, family), rows))
    return sorted(claims, key=lambda claim: (not claim.question, claim.question))


def number_of_intervals(differences: Sequence[ClaimedDifference]) -> int:
    """Return the number of different intervals, the same for a and b as for b and a, and for all bounds."""
    keys = {(row.study, row.metric, row.take, row.last, frozenset((row.of, row.than))) for row in differences}
    return max(1, len(keys))


def headline(claims: Sequence[JudgedClaim]) -> str:
    """Return how many claims hold, as a title: of the report's claims, or of all if none is the report's.

    If none holds, the title says whether any is decided, because an undecided claim may be true.
    """
    of_report = [claim for claim in claims if claim.question]
    counted, whose = (of_report, " of the report") if of_report else (claims, "")
    if not counted:
        return "Summary of studies"
    number = sum(claim.verdict == "supported" for claim in counted)
    if not number and all(claim.verdict == "undecided" for claim in counted):
        return f"None of {len(counted)} claims{whose} is decided"
    return f"{number or 'None'} of {len(counted)} claims{whose} hold{'s' * (number < 2)}"


def counts(claims: Sequence[JudgedClaim]) -> str:
    """Return how many claims have each verdict, as part of a sentence."""
    named = {"supported": ("holds", "hold"), "contradicted": ("does not hold", "do not hold")}
    parts: list[str] = []
    for verdict in VERDICTS:
        number = sum(claim.verdict == verdict for claim in claims)
        words = named.get(verdict, ("is undecided", "are undecided"))
        parts += [f"{number} {words[number != 1]}"] if number else []
    return listing(parts)


def evidence(rows: Sequence[ClaimedDifference], family: int) -> str:
    """Return the evidence for a claim in one sentence.

    Args:
        rows: its differences.
        family: number of intervals on the page.
    """
    parts: list[str] = []
    for (what, _), group in groupby(rows, key=lambda row: (quantity(row), row.than == "")):
        parts.append(f"{what[0].upper() if not parts else what[0]}{what[1:]}: {'; '.join(map(_compared, group))}")
    reasons = dict.fromkeys(reason for row in rows if (reason := why_undecided(row, family, len(rows) > 1)))
    return f"{'; '.join(parts)}." + "".join(f" {reason[0].upper()}{reason[1:]}." for reason in reasons)


def quantity(row: ClaimedDifference) -> str:
    """Return the quantity of a difference in words, such as ``slope per epoch of the validation loss, last 30 epochs``.

    Example:
        >>> QUANTITIES["val/loss"], TAKES["slope"]
        ('validation loss', 'slope per epoch of the {}')
    """
    text = TAKES[row.take].format(QUANTITIES.get(row.metric, row.metric))
    return f"{text}, last {row.last} epochs" if row.last else text


def decisive(row: ClaimedDifference) -> tuple[float | None, float | None]:
    """Return the interval that a verdict follows from: that over seeds and examples if it decides, else over seeds."""
    general = row.examples_low is not None and row.outcome != "inconclusive" and not row.outcome_scope
    return (row.examples_low, row.examples_high) if general else (row.low, row.high)


def why_undecided(row: ClaimedDifference, family: int, named: bool) -> str:
    """Return why a difference neither supports nor contradicts its claim; empty if it does.

    Args:
        row: the difference.
        family: number of intervals on the page.
        named: whether to name the other condition, which is not clear from the context.
    """
    kind = COLOURS[row.outcome]
    if kind in JUDGED:
        return ""
    if row.problem:
        return f"no test of {row.of}{f' against {row.than}' if row.than else ''}: {row.problem}"
    if row.outcome == "identical":
        return f"the runs of {row.of} and {row.than} have the same numbers, so nothing is tested"
    if smallest_p(row.n) > LEVEL / family * (1 + 1e-9):
        return f"{row.n} seed{'s' * (row.n != 1)} cannot decide one of {family} differences; {enough_seeds(family)} can"
    if kind == "equivalent":
        return f"the difference{f' from {row.than}' if named else ''} is within ±{row.margin:g}, which counts as none"
    return f"the interval{f' for {row.than or row.of}' if named else ''} contains {row.bound or 0:g}"


def _compared(row: ClaimedDifference) -> str:
    start = f"{row.of} minus {row.than}" if row.than else row.of
    if row.median is None:
        return f"{start}, unknown"
    shift, sign = (0.0, "+") if row.than else (row.bound or 0.0, "")
    form = f"{sign}.3f" if row.metric.endswith("/accuracy") and row.take in LEVELS else f"{sign}.3g"
    ends = [f"{end + shift:{form}}" for end in decisive(row) if end is not None]
    claimed = "" if row.than else f", claimed {'above' if row.higher else 'below'} {row.bound:g}"
    return f"{start}, {row.median + shift:{form}}{f' [{ends[0]} to {ends[1]}]' if ends else ''}{claimed}"
