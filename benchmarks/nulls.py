"""How often pages make false statements if all conditions are equal, and the power that this costs.

`python -m benchmarks nulls` fills the conditions, metrics and claims of all shipped studies with made-up numbers. A
page is false if it calls a condition better or worse, or a claim supported or contradicted, although all conditions
are equal and every bound of a claim is exactly met.
"""

import numpy as np

from benchmarks import before, null_parts
from benchmarks.simulation import DRAWS, Draw, Floats, Shares, intervals, truth
from hw1_lightning.judgement.questions import Question, error_of_each, of_check, of_comparison
from hw1_lightning.shipped import shipped_studies
from hw1_lightning.statistics.intervals import LEVEL
from hw1_lightning.study.reading import read_study
from hw1_lightning.study.specification import Study

SEEDS = (5, 10, 20)
STUDIES = ("batch_size", "dropout", "l2", "learning_rate", "models", "momentum", "seeds")
Key = tuple[str, str, int | None]


def tables(_: object, rounds: int) -> list[Shares]:
    """Return the tables.

    Args:
        rounds: number of pages of each kind, in hundreds.
    """
    studies = {name: read_study(shipped_studies()[name]) for name in STUDIES}
    return [  # each with its own generator, so that no table depends on another
        _pages(np.random.default_rng(0), studies, 100 * rounds),
        null_parts.examples(np.random.default_rng(0), 100 * rounds),
        null_parts.coverage(np.random.default_rng(0), 1000 * rounds),
        null_parts.equivalence(np.random.default_rng(0), 1000 * rounds),
        _power(np.random.default_rng(0), studies["learning_rate"], 100 * rounds),
    ]


def _pages(rng: np.random.Generator, studies: dict[str, Study], pages: int) -> Shares:
    rows: list[list[str | float]] = []
    for kind, draw in DRAWS.items():
        for correlation in (0.0, 0.8):
            for seeds in SEEDS:
                found = [false_pages(rng, study, draw, correlation, seeds, pages) for study in studies.values()]
                old, new = (np.array(each) for each in zip(*found, strict=True))
                metrics = "correlated" if correlation else "independent"
                rows.append([kind, metrics, str(seeds), old.mean(), old.max(), new.mean(), new.max()])
    heads = ["values", "metrics", "seeds", "before", "worst study", "now", "worst study"]
    title = f"Pages with a false verdict, {len(studies)} studies, {pages} pages each"
    return Shares(title, heads, rows)


def false_pages(
    rng: np.random.Generator, study: Study, draw: Draw, correlation: float, seeds: int, pages: int
) -> tuple[float, float]:
    """Return the share of pages with a false verdict, by the former rule and by the present one.

    Args:
        rng: the generator.
        study: the study with the structure.
        draw: the distribution of every quantity over seeds.
        correlation: correlation of the quantities of one run.
        seeds: number of seeds.
        pages: number of pages.
    """
    values = _values(rng, study, draw, correlation, seeds, pages)
    mean, median = truth(draw)
    compared = _compared(study)
    checks = [of_check(check) for claim in study.claims for check in claim.checks]
    error, now = error_of_each(study), np.zeros(pages, dtype=np.bool_)
    for question in [each for group in (*compared, *checks) for each in group]:
        low, high = intervals(_difference(values, question, median), error)
        now |= (low > 0) | (high < 0)
    old = np.zeros(pages, dtype=np.bool_)
    for group in (*compared, *checks):
        of_group = [_difference(values, question, mean) for question in group]
        for page in np.flatnonzero(~old):
            old[page] = min(before.holm([before.sign_flip_p(each[page]) for each in of_group])) <= LEVEL
    return float(old.mean()), float(now.mean())


def _compared(study: Study) -> list[list[Question]]:
    others = [condition.name for condition in study.conditions if condition.name != study.baseline]
    return [[of_comparison(study, metric, name) for name in others] for metric in study.metrics]


def _key(question: Question) -> Key:
    return question.metric, question.take, question.last


def _values(
    rng: np.random.Generator, study: Study, draw: Draw, correlation: float, seeds: int, pages: int
) -> dict[tuple[str, Key], Floats]:
    """Return a number for each page and seed, by condition and quantity."""
    asked = [question for group in _compared(study) for question in group]
    asked += [question for claim in study.claims for check in claim.checks for question in of_check(check)]
    values = {}
    for condition in study.conditions:
        common = draw(rng, (pages, seeds))
        for key in dict.fromkeys(map(_key, asked)):
            shared = rng.random((pages, seeds)) < correlation  # a mixture preserves the distribution
            values[condition.name, key] = np.where(shared, common, draw(rng, (pages, seeds)))
    return values


def _difference(values: dict[tuple[str, Key], Floats], question: Question, bound: float) -> Floats:
    ours = values[question.of, _key(question)]
    return ours - (bound if question.than is None else values[question.than, _key(question)])


def _power(rng: np.random.Generator, study: Study, pages: int) -> Shares:
    """Return how often a true difference is found, in standard deviations of the paired difference."""
    rows: list[list[str | float]] = []
    error = error_of_each(study)
    for seeds in SEEDS:
        for effect in (1.0, 2.0, 3.0):
            pairs = effect + rng.standard_normal((pages, 2, seeds))  # two conditions against the baseline
            low, _ = intervals(pairs, error)
            old = [before.holm([before.sign_flip_p(each) for each in page]) for page in pairs]
            rows.append([str(seeds), f"{effect:g}", float(np.mean(np.array(old) <= LEVEL)), float((low > 0).mean())])
    title = "Power: true differences called better, learning_rate.yaml"
    return Shares(title, ["seeds", "difference, in standard deviations", "before", "now"], rows)
