"""Errors and warnings in one line."""

import warnings

import pytest

from hw1_lightning.errors import InputError, plain_warnings


def test_a_message_is_one_line_whatever_it_contains() -> None:
    assert str(InputError("no file a\nb\t\udcff é  山.npz")) == "no file a\\nb\\t\\udcff é  山.npz"


@pytest.mark.filterwarnings("always")
def test_warnings_are_one_line_inside_the_block_only() -> None:
    with plain_warnings():
        assert warnings.formatwarning("left out", UserWarning, "x.py", 3) == "hw1: warning: left out\n"
    assert "x.py:3" in warnings.formatwarning("left out", UserWarning, "x.py", 3)
