"""The orders of NumPy's scripts, in every epoch, also after a checkpoint or in another process."""

import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.data.order import DRAWN_AT_ONCE, NumpyOrder, TorchOrder
from hw1_lightning.data.sources import Digits
from hw1_lightning.errors import InputError
from tests.numpy_loop import orders


def drawn(order: NumpyOrder | TorchOrder, count: int, epochs: int) -> list[list[int]]:
    found = []
    for _ in range(epochs):
        found.append(order.draw(count).tolist())
        order.end_epoch(count)
    return found


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 40), draws=st.integers(0, 9), epochs=st.integers(1, 4))
def test_permutations_are_composed_and_follow_the_weights(seed: int, count: int, draws: int, epochs: int) -> None:
    generator = np.random.RandomState(seed)
    generator.normal(0.1, 0.1, draws)
    expected = [order.tolist() for _, order in zip(range(epochs), orders(generator, count), strict=False)]
    order = NumpyOrder(seed)
    order.restart(draws)
    assert drawn(order, count, epochs) == expected


@pytest.mark.parametrize("draws", [DRAWN_AT_ONCE - 1, DRAWN_AT_ONCE, DRAWN_AT_ONCE + 1, 2 * DRAWN_AT_ONCE + 3])
def test_many_draws_are_skipped_in_pieces(draws: int) -> None:
    generator = np.random.RandomState(3)
    for shape in ((draws - 7, 1), (7,)):
        generator.normal(0.1, 0.1, shape)
    order = NumpyOrder(3)
    order.restart(draws)
    assert order.draw(50).tolist() == generator.permutation(50).tolist()


@pytest.mark.parametrize("kind", [NumpyOrder, TorchOrder])
def test_an_order_continues_from_its_state_and_in_another_process(kind: type[NumpyOrder] | type[TorchOrder]) -> None:
    order, other = kind(5), kind(6)
    order.restart(11)
    drawn(order, 20, 2)
    state = order.state()
    moved = pickle.loads(pickle.dumps(order))
    expected = drawn(order, 20, 3)
    other.restore(state)
    assert drawn(other, 20, 3) == expected
    assert drawn(moved, 20, 3) == expected
    order.restart(11)
    assert drawn(order, 20, 5)[2:] == expected


def test_a_state_holds_for_another_number_of_examples() -> None:
    order, other = NumpyOrder(5), NumpyOrder(5)
    drawn(order, 20, 2)
    other.restore(order.state())
    assert drawn(other, 30, 1)[0] == drawn(NumpyOrder(5), 30, 3)[2]


def test_a_seed_of_more_than_32_bits_is_reduced() -> None:
    assert drawn(NumpyOrder(2**40 + 7), 20, 1) == drawn(NumpyOrder(7), 20, 1)
    assert drawn(NumpyOrder(-1), 20, 1) == drawn(NumpyOrder(2**32 - 1), 20, 1)


def test_the_state_of_the_other_kind_is_refused() -> None:
    with pytest.raises(InputError, match=r"--data\.order is numpy, but the checkpoint continues an order of torch"):
        NumpyOrder(1).restore(TorchOrder(1).state())
    with pytest.raises(InputError, match=r"give --data\.order numpy, or start without a checkpoint"):
        TorchOrder(1).restore(NumpyOrder(1).state())


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InputError, match="order is fortran; it must be torch or numpy"):
        ArrayDataModule(Digits(), order="fortran")  # type: ignore[arg-type]


@pytest.mark.parametrize(("batch_size", "k"), [(1, 1000), (7, 3), (64, None)])
def test_minibatches_and_stacks_follow_the_order(batch_size: int, k: int | None) -> None:
    data = ArrayDataModule(Digits(), batch_size, k, seed=9, split_seed=2, order="numpy")
    loader, targets = data.train_dataloader(), data.arrays.train.targets
    for _, order in zip(range(2), orders(np.random.RandomState(9), len(targets)), strict=False):
        visited = torch.cat([stack[1].flatten() for stack in loader])
        assert torch.equal(visited, targets[torch.from_numpy(order)])
