"""Studies of made-up runs with a known truth, and how often their pages make a false statement.

`python -m benchmarks hostile` writes each study into a temporary folder, reads it as `hw1 study report` does, and takes
the verdicts of its page. CASES says for each kind of study which verdicts are false.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.hostile_runs import MARGIN, STUDY, Runs, alike, collapse, copies, shifted, skewed_slopes, spoiled
from benchmarks.made_up import write_study
from benchmarks.simulation import Shares
from hw1_lightning.judgement.comparison import comparisons
from hw1_lightning.report.findings import selected_condition
from hw1_lightning.report.page import judgements, write_report
from hw1_lightning.study.results import StudyResults

Statements = frozenset[str]


@dataclass(frozen=True)
class Case:
    """A kind of study.

    Args:
        make: makes the runs of the conditions ``base``, ``a`` and ``b``.
        is_false: whether one of the statements of a page is false.
        truth: the truth in words.
        false: false statements in words.
    """

    make: Callable[[np.random.Generator], Runs]
    is_false: Callable[[Statements], bool]
    truth: str
    false: str


def statements_of(results: StudyResults) -> Statements:
    """Return the statements of a page, such as ``metric:condition:verdict``, with ``*`` if unqualified."""
    found = {f"selected:{selected_condition(results)}"}
    for metric in results.study.metrics:
        for name, one in comparisons(results, metric).items():
            found.add(f"{metric}:{name}:{one.verdict}{'' if one.scope else '*'}")
    for judgement in judgements(results):
        found.add(f"claim:{judgement.claim.id}:{judgement.verdict}{'' if judgement.scope else '*'}")
    return frozenset(found)


def decided(words: Statements) -> bool:
    """Return whether anything is better, worse, supported or contradicted, even with qualification."""
    return any(word in each for each in words for word in ("better", "worse", "supported", "contradicted"))


def decided_generally(words: Statements) -> bool:
    """Return the same for unqualified statements about accuracies."""
    return any(decided(frozenset([each])) and each.endswith("*") for each in words if "loss" not in each)


def _says(*parts: str) -> Callable[[Statements], bool]:
    return lambda words: any(each.startswith(part) for each in words for part in parts)


def _anything(words: Statements) -> bool:
    return decided(words) or _says("val/accuracy:a:equivalent", "val/loss:a:equivalent")(words)


CASES: Mapping[str, Case] = {
    "nothing": Case(alike(), decided, "all conditions are equal", "any difference"),
    "nothing, metrics correlated": Case(alike(correlated=True), decided, "all conditions are equal", "any difference"),
    "other examples": Case(
        alike(by_example=1.0), decided_generally, "equal over all examples", "a difference in general"
    ),
    "collapses": Case(collapse(base=0.1, a=0.1), decided, "equal, one run in ten collapses", "any difference"),
    "one collapses": Case(collapse(base=0.0, a=0.3), decided, "typical runs are equal", "any difference"),
    "skewed": Case(skewed_slopes(), _says("claim:slope:s", "claim:slope:c"), "median slope is the bound", "a verdict"),
    "copies": Case(copies(10), _anything, "ten identical runs each", "anything, also equivalence"),
    "copies of five": Case(copies(2), decided, "each run is there twice", "any difference"),
    "copies of one": Case(copies(10, "a"), decided, "ten identical runs of a only", "any difference"),
    "diverged": Case(
        spoiled("diverged"),
        _says("selected:a", "val/accuracy:a:better", "val/accuracy:a:equi", "claim:a_best:s"),
        "a diverged in two runs",
        "a is selected, better, supported",
    ),
    "stale": Case(spoiled("stale"), decided, "equal; nine better runs with other options", "any difference"),
    "damaged": Case(spoiled("damaged"), decided, "equal; nine better runs without all epochs", "any difference"),
    "within the margin": Case(
        shifted(0.3 * MARGIN),
        _says("val/accuracy:a:better by more", "val/accuracy:a:worse", "claim:a_best:c"),
        "a is better, by less than the margin",
        "better by more, worse",
    ),
    "at the margin": Case(
        shifted(MARGIN),
        _says("val/accuracy:a:equi", "val/accuracy:a:better by", "val/accuracy:a:worse", "claim:a_best:c"),
        "a is better by the margin",
        "equivalent, by less, by more, worse",
    ),
    "beyond the margin": Case(
        shifted(3 * MARGIN),
        _says("val/accuracy:a:equi", "val/accuracy:a:better by less", "val/accuracy:a:worse", "claim:a_best:c"),
        "a is better, by three margins",
        "equivalent, by less, worse",
    ),
}


def tables(_: object, rounds: int) -> list[Shares]:
    """Return the table.

    Args:
        rounds: number of studies for each case, in twenties.
    """
    rng = np.random.default_rng(0)
    rows: list[Sequence[str | float]] = []
    for name, case in CASES.items():
        found = [read_case(rng, case, whole=number == 0) for number in range(20 * rounds)]
        false = float(np.mean([case.is_false(words) for words in found]))
        rows.append([name, case.truth, case.false, false, float(np.mean([decided(words) for words in found]))])
    heads = ["studies of", "truth", "false is", "pages with something false", "pages with a verdict"]
    return [Shares(f"What a page says of made-up runs, {20 * rounds} studies a row", heads, rows)]


def read_case(rng: np.random.Generator, case: Case, whole: bool = False) -> Statements:
    """Write and read a study of a case, and return its statements; with ``whole``, write its page too."""
    with tempfile.TemporaryDirectory(prefix="hw1-hostile-") as folder:
        results = write_study(Path(folder), STUDY, case.make(rng))
        words = statements_of(results)
        if whole:
            write_report(results)
    return words
