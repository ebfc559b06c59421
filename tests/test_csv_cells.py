"""Cells of CSV files are never formulas, and any text can be read back."""

import csv
import io
import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hw1_lightning.csv_cells import MARKED, as_cell, from_cell

# Surrogates included, by which Python represents bytes that are not UTF-8.
TEXTS = st.text(st.characters(categories=None, exclude_characters="\0"), max_size=12)
AWKWARD = st.text(st.sampled_from("'=\\udcf8 \ud800\udcff"), max_size=12)


@given(text=TEXTS | AWKWARD)
@example("'=1")
@example("''")
@example("\\udcff")
@example("\\\\udcff\udcff")
@example("=\udcff")
@example("-1")
def test_any_text_is_read_back_from_a_file_in_utf8(text: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerow(["a", as_cell(text)])
    (row,) = csv.reader(io.StringIO(file.getvalue().encode("utf-8").decode("utf-8"), newline=""))
    assert from_cell(row[1]) == text


@given(start=st.sampled_from(MARKED[:-1]), rest=TEXTS)
def test_no_cell_starts_like_a_formula(start: str, rest: str) -> None:
    assert as_cell(start + rest).startswith(f"'{start}")


@given(first=TEXTS | AWKWARD, second=TEXTS | AWKWARD)
def test_different_texts_are_different_cells(first: str, second: str) -> None:
    assert (as_cell(first) == as_cell(second)) == (first == second)


@pytest.mark.parametrize("text", ["sea.jpg", "inner/a b é.webp", "100%.jpg", "a=1", "C:\\users", "2-1", "山"])
def test_ordinary_text_is_unchanged(text: str) -> None:
    assert as_cell(text) == text


def test_bytes_that_are_not_utf8_are_written_as_python_does() -> None:
    assert as_cell(os.fsdecode(b"a\xff.jpg")) == r"a\udcff.jpg"
    assert os.fsencode(from_cell(r"a\udcff.jpg")) == b"a\xff.jpg"
