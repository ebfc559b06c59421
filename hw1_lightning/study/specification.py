"""A study in dataclasses: its conditions, metrics and claims."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

# The kinds of randomness that can follow the seed, and those that do by default.
RANDOMNESS = ("init", "order", "dropout", "split")
DEFAULT_VARY = RANDOMNESS[:3]
_SEEDS = "a study uses the seeds 1, 2, ...; --seeds sets how many, and `vary` in its file what the seed changes"
# Options of `hw1 fit` that neither a study file nor a command line can set, and why.
SET_BY_STUDY = {
    **dict.fromkeys(("seed_everything", "data.seed", "dropout_seed"), _SEEDS),
    "name": "a run's folder is named after its condition and seed",
    "runs_dir": "runs are in the study's folder; --runs_dir of `hw1 study` sets its place",
    "ckpt_path": "each run resumes from its own last checkpoint",
    "trainer.fast_dev_run": "it leaves no results to compare",
}
# Names of files in a study's folder.
OWN_FILES = ("study.yaml", "runs.json", "report.html", "report.md", "results.csv", "error.log")


@dataclass(frozen=True)
class Condition:
    """One of the conditions that a study compares.

    Args:
        name: its name.
        options: options of `hw1 fit` by their dotted names.
        configs: config files after those of the study.
        vary: which randomness follows the seed; the rest has seed 0, and the source divides the splits.
        reference: numbers that others have reported, by metric.
    """

    name: str
    options: Mapping[str, Any]
    configs: tuple[Path, ...] = ()
    vary: tuple[str, ...] = DEFAULT_VARY
    reference: Mapping[str, float] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """The name of its folder."""
        return re.sub(r"[^\w.=+-]+", "_", self.name).strip("._") or "_"


@dataclass(frozen=True)
class Check:
    """A comparison of one condition with others, or with a number.

    Args:
        metric: its metric.
        of: the condition.
        take: how the curve is reduced, a name of ``quantities.TAKES``.
        last: how many epochs at the end count; ``None`` for all.
        than: the conditions that it is compared with.
        bound: the number that it is compared with, if there are no conditions.
        higher: whether the claim says higher, or lower.
    """

    metric: str
    of: str
    take: str = "final"
    last: int | None = None
    than: tuple[str, ...] = ()
    bound: float | None = None
    higher: bool = True


@dataclass(frozen=True)
class Claim:
    """A sentence that holds if all its checks do.

    Args:
        id: a short name.
        says: the sentence.
        checks: at least one.
        required: whether `hw1 study report --check` fails unless it is supported.
        question: number of the question that it answers in the report that the study repeats; empty if it is hw1's own.
    """

    id: str
    says: str
    checks: tuple[Check, ...]
    required: bool = False
    question: str = ""


@dataclass(frozen=True)
class Study:
    """A comparison of conditions over seeds.

    Args:
        name: the name of its folder.
        path: the study file.
        title: its question.
        configs: config files of `hw1 fit` that all conditions share; later ones take precedence.
        seeds: number of seeds; they are 1, 2, 3, ...
        metrics: conditions are compared by these; the first one selects.
        baseline: the condition that the others are compared with.
        conditions: two or more.
        claims: sentences to judge.
        margin: differences of accuracy within plus and minus this count as none; ``None`` for no margin.
        lines: lines in the file: of each option at ``(condition, option)``, of what a condition varies at
            ``("vary", condition)``, and of each claim at ``("claims", id)``.
    """

    name: str
    path: Path
    title: str
    configs: tuple[Path, ...]
    seeds: int
    metrics: tuple[str, ...]
    baseline: str
    conditions: tuple[Condition, ...]
    claims: tuple[Claim, ...] = ()
    margin: float | None = None
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict, compare=False)

    def condition(self, name: str) -> Condition:
        """Return the condition of that name."""
        return next(condition for condition in self.conditions if condition.name == name)

    def each_run(self) -> Iterator[tuple[Condition, int]]:
        """Yield each condition with each seed, in the order of the page."""
        return product(self.conditions, range(1, self.seeds + 1))

    def as_dict(self) -> dict[str, Any]:
        """Return the content of a study file for this study, with absolute paths."""
        conditions = {}
        for condition in self.conditions:
            vary = {} if condition.vary == DEFAULT_VARY else {"vary": list(condition.vary)}
            configs = {"config": [str(path.resolve()) for path in condition.configs]} if condition.configs else {}
            conditions[condition.name] = {**vary, **configs, **condition.options}
        return {
            "title": self.title,
            "config": [str(path.resolve()) for path in self.configs],
            "seeds": self.seeds,
            "metrics": list(self.metrics),
            **({} if self.margin is None else {"margin": self.margin}),
            "baseline": self.baseline,
            "conditions": conditions,
            "reference": {one.name: dict(one.reference) for one in self.conditions if one.reference},
            "claims": [_claim_as_dict(claim) for claim in self.claims],
        }


def _claim_as_dict(claim: Claim) -> dict[str, Any]:
    checks = []
    for check in claim.checks:
        last = {} if check.last is None else {"last": check.last}
        against = {"higher_than" if check.higher else "lower_than": list(check.than)}
        bound = {"above" if check.higher else "below": check.bound}
        than = against if check.bound is None else bound
        checks.append({"metric": check.metric, "of": check.of, "take": check.take, **last, **than})
    question = {"question": claim.question} if claim.question else {}
    return {"id": claim.id, **question, "says": claim.says, "required": claim.required, "checks": checks}
