"""The study that tests of pages and tables show."""

from tests.study.conftest import results as results
