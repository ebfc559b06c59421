"""A few damaged inputs for each reader of `python -m benchmarks.fuzz`, which tries many more."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.fuzz import FINE, attempt
from benchmarks.fuzz_inputs import READERS


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_every_outcome_is_success_or_one_clear_error(name: str, seed: int) -> None:
    outcome, text = attempt(READERS[name], Random(f"{name} {seed}"))
    assert outcome in FINE, text
    assert "\n" not in text
