"""Formatting numbers, cells and seeds."""

import math

import pytest

from hw1_lightning.statistics.intervals import wilson
from hw1_lightning.study.words import DASH, Cell, format_cell, format_seeds, number


def test_cells_hold_median_interval_and_mean() -> None:
    assert format_cell([]) == Cell(DASH)
    assert format_cell([0.5]) == Cell("0.5000")
    assert format_cell([0.5, math.nan, math.inf]) == Cell("diverged", further="2 of 3 runs")
    low, high = wilson(9, 20)
    assert format_cell([0.45], examples=20) == Cell("0.4500", f"{low:.4f} to {high:.4f}")
    assert format_cell([0.4, 0.6], examples=20).interval == format_cell([0.4, 0.6]).interval, "several seeds"
    assert format_cell([0.5, 0.51, 0.52, 0.53, 0.7]) == Cell("0.5200", "0.5000 to 0.7000, 93.7 %", "mean 0.5520")
    ten = format_cell([0.1, *(0.5 + seed / 100 for seed in range(9))])
    assert ten == Cell("0.5350", "0.5000 to 0.5700", "mean 0.4960; 0.1000 to 0.5800"), "the typical run"


@pytest.mark.parametrize(
    ("value", "text"), [(0.12345, "0.1235"), (123456.0, "1.235e+05"), (0.00001234, "1.234e-05"), (5.0, "5.0000")]
)
def test_numbers_have_four_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_consecutive_seeds_are_a_range() -> None:
    assert format_seeds([1, 3, 4, 6, 7, 8]) == "seeds 1, 3 and 4 and 6 to 8"
