"""A few of the made-up studies of `python -m benchmarks nulls` and `hostile`."""

import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks.hostile import CASES, decided, read_case
from benchmarks.null_parts import equivalence
from benchmarks.nulls import false_pages
from benchmarks.simulation import DRAWS
from hw1_lightning.study.reading import read_study

READERS = {"stale", "damaged"}  # tests/study/test_finished.py covers these


@pytest.mark.parametrize("kind", DRAWS)
@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_at_most_5_percent_of_pages_make_a_false_statement(kind: str, correlation: float) -> None:
    study, pages = read_study(Path("configs/studies/learning_rate.yaml")), 300
    before, now = false_pages(np.random.default_rng(0), study, DRAWS[kind], correlation, 10, pages)
    assert now <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / pages)
    assert before > now


def test_equivalence_errs_at_most_5_percent_at_the_margins_edge() -> None:
    table = equivalence(np.random.default_rng(0), 4000)
    assert max(float(row[3]) for row in table.rows) <= 0.05
    assert max(float(row[2]) for row in table.rows) > 0.3, "with Student's t and collapsing runs"


@pytest.mark.parametrize("name", [name for name in CASES if name not in READERS])
def test_pages_of_made_up_runs_make_no_false_statement(name: str) -> None:
    rng = np.random.default_rng(5)
    assert not any(CASES[name].is_false(read_case(rng, CASES[name])) for _ in range(2))


def test_a_true_difference_is_found() -> None:
    assert decided(read_case(np.random.default_rng(0), CASES["beyond the margin"], whole=True))
