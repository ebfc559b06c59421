"""The study of the tests of pages and tables."""

from tests.study.conftest import results as results
