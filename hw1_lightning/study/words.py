"""Numbers as a page shows them."""

import math

from hw1_lightning.study.statistics import Summary, summarize


def in_words(values: list[float]) -> dict[str, str]:
    """A cell of a table: mean, interval and range, as texts."""
    if not values:
        return {"mean": "\N{EN DASH}", "interval": "", "range": ""}
    summary = summarize(values)
    if math.isnan(summary.mean):
        return {"mean": "diverged", "interval": "", "range": ""}
    return {"mean": number(summary.mean), "interval": interval(summary), "range": _range(summary)}


def number(value: float) -> str:
    """A number with four significant digits, without needless zeros of an exponent."""
    return f"{value:.4f}" if 0.001 <= abs(value) < 10 else f"{value:.4g}"


def interval(summary: Summary) -> str:
    """Both ends, or nothing for a single value."""
    return "" if math.isnan(summary.low) else f"{number(summary.low)} to {number(summary.high)}"


def _range(summary: Summary) -> str:
    return f"{number(summary.least)} to {number(summary.most)}" if summary.n > 1 else ""
