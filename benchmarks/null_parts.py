"""The tables of `python -m benchmarks nulls` about single differences: examples, coverage, equivalence."""

import numpy as np

from benchmarks import before
from benchmarks.simulation import DRAWS, Floats, Shares, intervals, rights, truth
from hw1_lightning.statistics.intervals import LEVEL, median_interval, upper_bound_of_share
from hw1_lightning.statistics.new_examples import example_half_width, widened_interval

CASES = (
    ("alike on each example", 0.0, 0.1, 10, 180),
    ("alike, seeds differ more", 0.0, 0.5, 10, 1800),
    ("differ on examples", 0.3, 0.1, 10, 180),
    ("differ more", 1.0, 0.1, 10, 180),
    ("differ more", 1.0, 0.1, 20, 180),
    ("differ more", 1.0, 0.1, 10, 1800),
)
RESAMPLES = 400
LOST = 0.3  # the share of collapsed runs, for their bound


def examples(rng: np.random.Generator, sets: int) -> Shares:
    """Return how often two conditions that are equal over all examples are called different, at 5 %."""
    rows: list[list[str | float]] = []
    for name, by_example, by_seed, seeds, number in CASES:
        counts = np.zeros(5)
        for _ in range(sets):
            one, other = rights(rng, (1, 2, seeds), number, by_example, by_seed)[0].astype(np.float64)
            counts += _called(rng, one - other)
        rows.append([name, str(seeds), str(number), *(counts / sets)])
    heads = ["equal conditions", "seeds", "examples", "sign-flip, before", "sign test, these examples"]
    heads += ["pigeonhole bootstrap", "two-way t", "now, new examples"]
    return Shares(f"Called different though equal over all examples, {sets} data sets", heads, rows)


def _called(rng: np.random.Generator, pairs: Floats) -> Floats:
    """Return which rules call the differences, ``(seeds, examples)``, non-zero."""
    by_seed, by_example = pairs.mean(1), pairs.mean(0)
    seeds = median_interval(list(by_seed))
    both = widened_interval(list(by_seed), example_half_width(by_example), LEVEL)
    ends = [(seeds.low, seeds.high), pigeonhole(rng, pairs), two_way(pairs), (both.low, both.high)]
    return np.array([before.sign_flip_p(by_seed) <= LEVEL, *(low > 0 or high < 0 for low, high in ends)], dtype=float)


def pigeonhole(rng: np.random.Generator, pairs: Floats) -> tuple[float, float]:
    """Return Owen's percentile interval of the mean: seeds and examples are resampled independently."""
    seeds, number = pairs.shape
    drawn = rng.multinomial(seeds, np.full(seeds, 1 / seeds), RESAMPLES) / seeds
    of_examples = rng.multinomial(number, np.full(number, 1 / number), RESAMPLES) / number
    low, high = np.quantile(((drawn @ pairs) * of_examples).sum(1), [LEVEL / 2, 1 - LEVEL / 2])
    return float(low), float(high)


def two_way(pairs: Floats) -> tuple[float, float]:
    """Return Student's interval of the mean with the sum of the variances over seeds and over examples."""
    from scipy.special import stdtrit

    parts = [pairs.mean(axis).var(ddof=1) / pairs.shape[1 - axis] for axis in (0, 1)]
    total = sum(parts)
    degrees = total**2 / sum(part**2 / (pairs.shape[1 - axis] - 1) for axis, part in enumerate(parts))
    half = float(stdtrit(degrees, 1 - LEVEL / 2) * np.sqrt(total))
    return float(pairs.mean()) - half, float(pairs.mean()) + half


def coverage(rng: np.random.Generator, samples: int) -> Shares:
    """Return how often a condition's interval covers the truth, for accuracies of 0.9 with a spread of 0.02."""
    rows: list[list[str | float]] = []
    for kind, draw in DRAWS.items():
        mean, median = truth(draw)
        for seeds in (5, 10, 20):
            values = draw(rng, (samples, seeds))
            low, high = before.t_interval(values)
            outside = (0.9 + 0.02 * high > 1) | (0.9 + 0.02 * low < 0)
            interval = median_interval(list(values[0]))
            ends = intervals(values, (1 - interval.confidence) * 1.0000001)
            covered = np.mean((ends[0] <= median) & (median <= ends[1]))
            lost = rng.binomial(seeds, LOST, samples)
            bounds = np.array([upper_bound_of_share(count, seeds) for count in range(seeds + 1)])[lost]
            row = [np.mean((low <= mean) & (mean <= high)), outside.mean(), covered, interval.confidence]
            rows.append([kind, str(seeds), *map(float, row), float((bounds >= LOST).mean())])
    heads = ["values", "seeds", "t of the mean, before", "outside 0 to 1", "median, now", "its confidence"]
    return Shares(
        f"Coverage of 95 % intervals, {samples} samples", [*heads, f"share of {100 * LOST:.0f} % below its bound"], rows
    )


def equivalence(rng: np.random.Generator, samples: int) -> Shares:
    """Return how often a difference equal to the margin is called equivalent, on the worse of both sides.

    The margin is three standard deviations, by which collapsed runs move the mean, too.
    """
    rows: list[list[str | float]] = []
    margin = 3.0
    for kind, draw in DRAWS.items():
        mean, median = truth(draw)
        for seeds in (5, 10, 20):
            values = draw(rng, (samples, seeds))
            old = [before.is_equivalent(values - mean + side, margin).mean() for side in (-margin, margin)]
            ends = [intervals(values - median + side, LEVEL) for side in (-margin, margin)]
            new = [((-margin < low) & (high < margin)).mean() for low, high in ends]
            rows.append([kind, str(seeds), float(max(old)), float(max(new))])
    title = f"Called equivalent at the margin's edge (before: of means; now: of medians), {samples} samples"
    return Shares(title, ["differences", "seeds", "before", "now"], rows)
