"""The figures of a study: bands, axes, colours and descriptions."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from hw1_lightning.report.drawing import COLOURS, Line, draw, is_logarithmic, line_style
from hw1_lightning.report.figures import band, figures
from hw1_lightning.statistics.intervals import summarize
from hw1_lightning.study.results import StudyResults
from tests.study.conftest import study_in, write_run

TEXTS = {"title": "A <b>", "desc": "B"}


def line(values: list[float], half: float = 0.0, index: int = 0) -> Line:
    mean = np.array(values)
    return Line(index, np.arange(1.0, len(values) + 1), mean, mean - half, mean + half)


def tick_labels(svg: str) -> set[float]:
    return {float(text) for text in re.findall(r"<text[^>]*>(-?[\d.e+-]+)</text>", svg)}


def test_a_band_is_the_interval_of_the_median_at_each_epoch() -> None:
    middle, low, high = band([[1.0, 2.0, 3.0], [3.0, 4.0], [8.0, math.nan]])
    assert middle.tolist() == [3.0, 3.0, 3.0]
    assert (low.tolist(), high.tolist()) == ([1.0, 2.0, 3.0], [8.0, 4.0, 3.0])
    many = np.random.default_rng(0).normal(size=(20, 3))
    many[:3, 2] = math.nan
    middle, low, high = band(many.tolist())
    for place, known in enumerate((many[:, 0], many[:, 1], many[3:, 2])):
        summary = summarize(list(known))
        expected = (summary.median, summary.interval.low, summary.interval.high)
        assert (middle[place], low[place], high[place]) == pytest.approx(expected)


def test_figures_have_descriptions(results: StudyResults) -> None:
    made = {figure.metric: figure for figure in figures(results)}
    assert list(made) == ["train/loss", "val/loss", "val/accuracy", "weights/l2_norm"]
    words = made["val/loss"].svg
    assert ("Line chart of validation loss by epoch: after each epoch; diverged runs of c") in words
    assert "a: 2 after epoch 1, minimum 0.504 after epoch 4, 0.504 after epoch 4." in words
    assert "c: 2 after epoch 1, minimum 0.668 after epoch 3, 0.668 after epoch 3." in words
    assert "maximum" in made["val/accuracy"].svg
    for figure in made.values():
        assert "b &lt;i&gt;: " in figure.svg, "names are escaped"


def test_a_condition_has_the_same_colour_in_every_figure(tmp_path: Path) -> None:
    text = "title: t\nseeds: 1\nbaseline: a\nconditions: {a: {}, b: {}}\n"
    write_run(tmp_path / "b" / "seed=01", 0.5, 1)
    (loss, *_) = figures(study_in(tmp_path, text))  # a has no run yet
    assert "var(--series-1)" in loss.svg
    assert "var(--series-0)" not in loss.svg


def test_lines_of_32_conditions_all_look_different() -> None:
    assert len({line_style(index) for index in range(32)}) == 32


def test_charts_use_the_colours_of_the_page_and_unique_ids() -> None:
    svg = draw([line([1.0, 2.0, 3.0], 0.5, index) for index in range(9)], False, "name", TEXTS)
    assert not re.search("|".join(COLOURS), svg, re.IGNORECASE)
    assert {f"var(--series-{index})" for index in range(8)} <= set(re.findall(r"var\([\w-]+\)", svg))
    other = draw([line([1.0, 2.0, 3.0], 0.5)], False, "other", TEXTS)
    ids = re.findall(r' id="([^"]+)"', svg + other)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"#([\w-]+)", svg + other)) <= set(ids)
    assert 'aria-labelledby="name-title name-desc"' in svg
    assert "A &lt;b&gt;" in svg
    assert draw([line([1.0, 2.0])], False, "n", TEXTS) == draw([line([1.0, 2.0])], False, "n", TEXTS)


def test_ticks_keep_their_digits() -> None:
    ticks = tick_labels(draw([line([0.51, 0.53, 0.55])], False, "n", TEXTS))
    assert {1, 2, 3} <= ticks, "epochs are whole numbers"
    assert {0.51, 0.52, 0.53, 0.54, 0.55} <= ticks


def test_a_scale_is_logarithmic_only_where_values_span_a_decade() -> None:
    assert is_logarithmic([np.array([1.0, np.nan]), np.array([11.0])])
    assert not is_logarithmic([np.array([1.0, 9.0])])
    assert not is_logarithmic([np.array([-1.0, 100.0])])
    ticks = tick_labels(draw([line([20.0, 10.0, 1.0], half=5.0)], True, "n", TEXTS))
    assert {1, 2, 5, 10, 20} <= ticks, "although the band reaches below zero"


def test_one_epoch_and_gaps_can_be_drawn() -> None:
    assert draw([line([1.0])], False, "n", TEXTS).count("<path") > 1
    assert "nan" not in draw([line([1.0, math.nan, 2.0], half=0.1)], False, "n", TEXTS)
