"""The file of a report, and how it is read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hw1_lightning.diagnosis.reading import read_report
from hw1_lightning.diagnosis.reported import Report

GOOD = """\
title: Group K
seed: 7
experiments:
  perceptron:
    config: perceptron
    options: {trainer.max_epochs: 20}
    reported:
      test/accuracy: 0.4750
      val/accuracy: {10: 0.31, 20: '0.4180'}
      train/loss: [2.1, 1.90, 1e-1]
  slow:
    config: [logistic_regression, own.yaml]
    curves: curves.csv
"""
CURVES = "epoch,val/loss,val/accuracy\n1,2.25,0.10\n2,,0.2\n\n3.0,1.5,\n"
Read = Callable[..., Report]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a report's file with its curves, and read it."""

    def read(text: str = GOOD, curves: str | bytes = CURVES) -> Report:
        (tmp_path / "own.yaml").write_text("trainer:\n  max_epochs: 5\n")
        (tmp_path / "curves.csv").write_bytes(curves.encode() if isinstance(curves, str) else curves)
        (tmp_path / "report.yaml").write_text(text)
        return read_report(tmp_path / "report.yaml")

    return read
