"""The answers of a diagnosis: for each number, each experiment, and the whole report."""

from dataclasses import dataclass
from typing import Literal

from hw1_lightning.diagnosis.reported import Experiment, Number, Report

# - reproduced: a correct program gives this number.
# - explained: one mistake explains it, and nothing else does.
# - several: several mistakes explain it about as well.
# - unexplained: neither a correct program nor a mistake of the catalogue gives it.
Verdict = Literal["reproduced", "explained", "several", "unexplained"]
# How a correct program gives the numbers of an experiment: to the last digit that the report gives; within what other
# machines round; or within what other random numbers (another seed, another order of draws) change.
How = Literal["digits", "rounding", "random numbers"]


@dataclass(frozen=True)
class Candidate:
    """A possible explanation of an experiment's numbers.

    Args:
        mistakes: names of one or two entries of the catalogue.
        change: what they change in this experiment, in words: ``learning rate 0.1 instead of 0.001``.
        log10_ratio: likelihood ratio of the numbers against "correct, on another machine", as a power of ten.
        probability: of this explanation among all that were tried, "correct" and "none of them" included, 0 to 1.
        speaking: how many of the numbers speak for it, each with a likelihood ratio above 1.
    """

    mistakes: tuple[str, ...]
    change: str
    log10_ratio: float
    probability: float
    speaking: int


@dataclass(frozen=True)
class NumberAnswer:
    """The answer for one number.

    Args:
        number: as reported.
        verdict: see ``Verdict``.
        correct: what the correct program gives with the report's seed; NaN if it diverged.
        rounding_spread: standard deviation of the correct program's number between machines.
        seed_spread: standard deviation of the correct program's number between seeds.
        explained: what the experiment's first explanation gives; ``None`` if there is no explanation.
        nearest: for an unexplained number, what the program gives that is nearest to the whole experiment.
        nearest_change: what that program changes, in words; ``""`` for the correct program.
        seed_mean: mean of the correct program's number over other seeds; ``None`` if it is not known.
    """

    number: Number
    verdict: Verdict
    correct: float
    rounding_spread: float
    seed_spread: float
    explained: float | None = None
    nearest: float | None = None
    nearest_change: str = ""
    seed_mean: float | None = None


@dataclass(frozen=True)
class ExperimentAnswer:
    """The answer for one experiment.

    Args:
        experiment: as reported.
        verdict: of its numbers together.
        how: how a correct program gives them, if they are reproduced; otherwise ``None``.
        candidates: possible explanations, the best first; empty if the numbers are reproduced.
        numbers: the answer for each number.
    """

    experiment: Experiment
    verdict: Verdict
    how: How | None
    candidates: tuple[Candidate, ...]
    numbers: tuple[NumberAnswer, ...]


@dataclass(frozen=True)
class Finding:
    """A mistake that explains numbers of one or more experiments; each is named once.

    Args:
        mistakes: names of one or two entries of the catalogue.
        experiments: names of the experiments that it explains.
        log10_ratio: likelihood ratio of all their numbers together against "correct, on another machine".
        speaking: how many numbers speak for it.
        advice: where to look in the code; one or more sentences.
        said: what the report may have said instead; a sentence, or ``""``.
    """

    mistakes: tuple[str, ...]
    experiments: tuple[str, ...]
    log10_ratio: float
    speaking: int
    advice: str
    said: str


@dataclass(frozen=True)
class Diagnosis:
    """The answer for a whole report.

    Args:
        report: as read.
        experiments: in the order of the report.
        findings: the strongest first; empty if no mistake is named.
        data: the name of the data set and the first digits of its SHA-256.
        runs: how many runs the answer rests on.
        executed: how many of them were executed now; the others came from the cache.
        seconds: the time it took.
    """

    report: Report
    experiments: tuple[ExperimentAnswer, ...]
    findings: tuple[Finding, ...]
    data: str
    runs: int
    executed: int
    seconds: float
