"""Made-up numbers with a known truth, and tables of shares in percent."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from hw1_lightning.statistics.intervals import interval_rank

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
# The share of collapsed runs, and how far below the others they are, in standard deviations of those.
COLLAPSE, DEPTH = 0.1, 30.0


@dataclass(frozen=True)
class Shares:
    """A table of texts and of shares, which are printed in percent."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str | float]]

    def __str__(self) -> str:
        cells = [list(self.heads), *([_cell(each) for each in row] for row in self.rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.heads))]
        lines = [
            "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"
            for row in cells
        ]
        rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
        return "\n".join([f"{self.title}", "", lines[0], rule, *lines[1:]])

    def as_dict(self) -> dict[str, object]:
        """Return the table for JSON."""
        return asdict(self)


def _cell(value: str | float) -> str:
    return value if isinstance(value, str) else f"{100 * value:.1f} %"


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Draw standard normal numbers."""
    return rng.standard_normal(shape)


def skewed(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Draw log-normal numbers of sigma 1, shifted to mean 0; times and slopes are so skewed."""
    values: Floats = np.exp(rng.standard_normal(shape)) - np.exp(0.5)
    return values


def collapsing(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Draw standard normal numbers, of which one in ten is far below."""
    return rng.standard_normal(shape) - DEPTH * (rng.random(shape) < COLLAPSE)


Draw = Callable[[np.random.Generator, tuple[int, ...]], Floats]
DRAWS: dict[str, Draw] = {"normal": normal, "skewed": skewed, "10 % collapse": collapsing}


def truth(draw: Draw) -> tuple[float, float]:
    """Estimate mean and median of a distribution from four million draws."""
    values = draw(np.random.default_rng(12345), (4_000_000,))
    return float(values.mean()), float(np.median(values))


def intervals(values: Floats, error: float) -> tuple[Floats, Floats]:
    """Return ``median_interval`` along the last axis; infinite with too few values for this error."""
    n, k = values.shape[-1], interval_rank(values.shape[-1], error)
    if k == 0:
        infinite = np.full(values.shape[:-1], np.inf)
        return -infinite, infinite
    ordered = np.sort(values, -1)
    return ordered[..., k - 1], ordered[..., n - k]


def rights(
    rng: np.random.Generator, runs: tuple[int, int, int], examples: int, by_example: float, by_seed: float = 0.1
) -> Bools:
    """Draw which examples are correct, for conditions that are equal over all possible examples.

    Args:
        rng: the generator.
        runs: numbers of data sets, conditions and seeds.
        examples: number of examples of each data set.
        by_example: how much conditions differ on single examples, in units of the noise; 0: they are equal on each.
        by_seed: how much seeds differ over all examples.

    Returns:
        Shape ``(data sets, conditions, seeds, examples)``.
    """
    sets, conditions, seeds = runs
    hardness = 0.3 + 1.5 * rng.standard_normal((sets, 1, 1, examples))
    own = by_example * rng.standard_normal((sets, conditions, 1, examples))
    seed = by_seed * rng.standard_normal((sets, conditions, seeds, 1))
    noise = 0.3 * rng.standard_normal((sets, conditions, seeds, examples), dtype=np.float32)
    right: Bools = hardness + own + seed + noise > 0
    return right
