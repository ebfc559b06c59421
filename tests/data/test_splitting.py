"""Only the name of an example and the seed decide its split."""

import hashlib
import unicodedata
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw1_lightning.data.splitting import check_splits, split_by_name, uniform_number
from hw1_lightning.errors import InputError

SHARES = (0.1, 0.2)
NAMES = st.lists(st.text(st.characters(categories=None), max_size=8), max_size=40, unique=True)


def by_name(names: list[str], seed: int) -> dict[str, int]:
    """Return the part of each name."""
    parts = split_by_name(names, SHARES, seed)
    return {names[index]: part for part, indices in enumerate(parts) for index in indices}


@given(names=NAMES, more=NAMES, seed=st.integers(0, 10**6), data=st.data())
def test_added_examples_and_their_order_move_no_other_example(
    names: list[str], more: list[str], seed: int, data: st.DataObject
) -> None:
    before = by_name(names, seed)
    assert len(before) == len(names), "each is in one part"
    after = by_name(data.draw(st.permutations(sorted({*names, *more}))), seed)
    assert {name: after[name] for name in names} == before


def test_indices_are_ascending() -> None:
    parts = split_by_name([str(number) for number in range(500)], SHARES, 3)
    assert all(np.array_equal(part, np.sort(part)) for part in parts)
    assert sorted(np.concatenate(parts).tolist()) == list(range(500))


@pytest.mark.parametrize("seed", range(5))
def test_shares_are_as_requested_within_four_standard_deviations(seed: int) -> None:
    count = 20_000
    _, val, test = split_by_name([f"{number}.jpg" for number in range(count)], SHARES, seed)
    for part, share in ((val, 0.1), (test, 0.2)):
        assert abs(len(part) - share * count) < 4 * (count * share * (1 - share)) ** 0.5


def test_another_seed_is_an_independent_division() -> None:
    names = [f"{number}.jpg" for number in range(10_000)]
    first, second = (set(split_by_name(names, SHARES, seed)[2].tolist()) for seed in (0, 1))
    assert 0.15 < len(first & second) / len(first) < 0.25, "a fifth of the first test split by chance"


def test_the_number_of_a_name_is_its_sha256() -> None:
    """A later version must not move an image either."""
    digest = hashlib.sha256(b"7\nsea/1.jpg").hexdigest()
    assert uniform_number("sea/1.jpg", 7) == int(digest[:16], 16) / 2**64
    assert split_by_name(["20057.jpg", "1.jpg", "2.jpg", "3.jpg"], (0.5,), 0)[1].tolist() == [0, 3]


def test_both_spellings_of_an_accent_are_one_name() -> None:
    assert uniform_number(unicodedata.normalize("NFD", "é.jpg"), 0) == uniform_number("\u00e9.jpg", 0)


def test_splits_that_cannot_be_trained_or_evaluated_are_refused() -> None:
    some, none, both = np.array([0, 0]), np.array([], dtype=np.int64), np.array([0, 1])
    with pytest.raises(InputError, match=r"photos: split_seed 4 puts none of 4 images into validation; add images, or"):
        check_splits({"train": both, "val": none, "test": both}, "ab", 4, "photos")
    with pytest.raises(InputError, match=r"photos: split_seed 4 leaves class 'b' without training images; add"):
        check_splits({"train": some, "val": both, "test": both}, "ab", 4, "photos")
    with pytest.warns(UserWarning, match=r"photos: split_seed 4 puts no image of 'b', 'c' into test; add images"):
        check_splits({"train": np.array([0, 1, 2]), "val": np.array([0, 1, 2]), "test": some}, "abc", 4, "photos")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_splits(dict.fromkeys(("train", "val", "test"), both), "ab", 4, "photos")
