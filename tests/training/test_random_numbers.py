"""Bernoulli draws are bit-identical to torch's, and so is the state of the generator afterwards."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hw1_lightning.training import random_numbers
from hw1_lightning.training.random_numbers import draw_bernoulli

DTYPES = [torch.float32, torch.float64]


@settings(max_examples=50)
@given(
    shape=st.tuples(st.integers(1, 70), st.integers(1, 70)),
    probability=st.floats(0, 1),
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 2**40),
)
def test_draws_are_torchs(shape: tuple[int, int], probability: float, dtype: torch.dtype, seed: int) -> None:
    ours, theirs = (torch.Generator().manual_seed(seed) for _ in range(2))
    for _ in range(2):
        expected = torch.empty(shape, dtype=dtype).bernoulli_(probability, generator=theirs)
        drawn = draw_bernoulli(shape, probability, dtype, ours)
        assert drawn.dtype == dtype
        assert torch.equal(drawn, expected)
    assert torch.equal(ours.get_state(), theirs.get_state())


def test_torchs_kernel_is_used_where_it_draws_differently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random_numbers, "_uniform_numbers_are_the_same", lambda: False)
    test_draws_are_torchs()
