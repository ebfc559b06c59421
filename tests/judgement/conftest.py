"""The study that tests of claims judge."""

from tests.study.conftest import results as results
