import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw1_lightning.data.splitting import stratified_split
from hw1_lightning.errors import InputError


@given(counts=st.lists(st.integers(3, 40), min_size=1, max_size=5), seed=st.integers(0, 1000))
def test_parts_are_disjoint_complete_and_have_their_share_of_each_class(counts: list[int], seed: int) -> None:
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    names = [str(label) for label in range(len(counts))]
    train, val, test = stratified_split(labels, (0.1, 0.2), seed, names)
    assert sorted([*train, *val, *test]) == list(range(len(labels)))
    assert all(np.array_equal(part, np.sort(part)) for part in (train, val, test))
    for label, count in enumerate(counts):
        for part, share in ((val, 0.1), (test, 0.2)):
            assert np.sum(labels[part] == label) == max(1, round(share * count))


def test_seed_decides_and_a_class_is_divided_whatever_the_others_are() -> None:
    labels = np.repeat([0, 1], 50)
    first, again, other = (stratified_split(labels, (0.1,), seed, "ab")[1].tolist() for seed in (0, 0, 1))
    assert first == again != other
    longer = stratified_split(np.repeat([0, 1], [50, 90]), (0.1,), 0, "ab")[1]
    assert [place for place in longer if place < 50] == [place for place in first if place < 50]


def test_too_small_class_is_named() -> None:
    with pytest.raises(InputError, match="class 'b' has 2 pictures to divide into 3 splits"):
        stratified_split(np.array([0, 0, 0, 1, 1]), (0.1, 0.2), 0, "ab")
