"""Reading the runs of a study."""

import math

import pytest

from hw1_lightning.study.results import StudyResults
from tests.study.conftest import EPOCHS


def test_finished_failed_and_missing_runs_are_read(results: StudyResults) -> None:
    assert [run.seed for run in results.of("a")] == list(range(1, 8))
    assert results.failures == (("c", 2, "MemoryError: too <b>big</b>"),)
    assert results.missing == tuple(("c", seed) for seed in range(3, 8))
    run = results.of("a")[1]
    assert run.quantity("val/accuracy") == pytest.approx(0.52)
    assert (run.quantity("seconds_per_epoch"), run.quantity("val/r2")) == (4.0 / EPOCHS, None)
    assert math.isnan(results.of("c")[0].quantity("test/accuracy") or 0.0)
    assert results.values("a", "test/accuracy")[7] == pytest.approx(0.56)
