import weakref

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, TensorDataset

from hw1_lightning.data.arrays import Examples
from hw1_lightning.data.loader import EXAMPLES_PER_STACK, StackLoader, one_ahead
from hw1_lightning.data.order import TorchOrder


def examples(count: int) -> Examples:
    return Examples(torch.arange(count, dtype=torch.uint8)[:, None], torch.arange(count))


def minibatches(loader: StackLoader) -> list[list[int]]:
    return [minibatch.tolist() for _, targets in loader for minibatch in targets]


@given(count=st.integers(1, 60), batch_size=st.integers(1, 20), k=st.integers(1, 9), epochs=st.integers(1, 3))
def test_the_order_is_that_of_torchs_shuffled_dataloader(count: int, batch_size: int, k: int, epochs: int) -> None:
    data = examples(count)
    reference = DataLoader(
        TensorDataset(data.inputs, data.targets), batch_size, shuffle=True, generator=torch.Generator().manual_seed(7)
    )
    loader = StackLoader(data, batch_size, k, TorchOrder(7))
    for _ in range(epochs):
        assert minibatches(loader) == [targets.tolist() for _, targets in reference]


@given(count=st.integers(1, 60), batch_size=st.integers(1, 20), k=st.integers(1, 9))
def test_stacks_have_the_promised_shapes_and_number(count: int, batch_size: int, k: int) -> None:
    loader = StackLoader(examples(count), batch_size, k)
    stacks = list(loader)
    assert len(stacks) == len(loader)
    sizes = []
    for inputs, targets in stacks:
        assert inputs.shape == (*targets.shape, 1)
        assert inputs.dtype == torch.uint8
        assert targets.shape[0] <= k
        sizes += [targets.shape[1]] * targets.shape[0]
    ragged = [count % batch_size] if count % batch_size else []
    assert sizes == [batch_size] * (count // batch_size) + ragged


@given(count=st.integers(1, 60), batch_size=st.integers(1, 20), k=st.integers(1, 9), stop=st.integers(1, 9))
def test_copying_ahead_changes_neither_stacks_nor_checkpoints(count: int, batch_size: int, k: int, stop: int) -> None:
    data, seen = examples(count), []
    for ahead in (False, True):
        loader = StackLoader(data, batch_size, k, TorchOrder(7), ahead=ahead)
        epoch = iter(loader)
        begun = [next(epoch)[1].tolist() for _ in range(min(stop, len(loader)))]
        resumed = StackLoader(data, batch_size, k, TorchOrder(0), ahead=ahead)
        resumed.load_state_dict(loader.state_dict())
        seen.append([begun, [targets.tolist() for _, targets in epoch], minibatches(resumed), minibatches(loader)])
    assert seen[0] == seen[1]


def test_an_error_while_copying_ahead_reaches_the_caller() -> None:
    def halve(number: int) -> float:
        return 1 / (3 - number)

    results = one_ahead(halve, range(5))
    assert [next(results) for _ in range(3)] == [1 / 3, 1 / 2, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)


@pytest.mark.parametrize("ahead", [False, True])
def test_inputs_and_targets_stay_together(ahead: bool) -> None:
    loader = StackLoader(examples(50), 8, 3, TorchOrder(0), ahead=ahead)
    for inputs, targets in loader:
        assert torch.equal(inputs[..., 0].long(), targets)


def test_without_an_order_the_stored_order_is_a_view() -> None:
    data = examples(10)
    inputs, targets = next(iter(StackLoader(data, 5, 2)))
    assert targets.tolist() == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert inputs.data_ptr() == data.inputs.data_ptr()


@pytest.mark.parametrize(("batch_size", "k"), [(1, EXAMPLES_PER_STACK), (64, 32), (1024, 2), (5000, 1)])
def test_a_stack_has_about_2048_examples_by_default(batch_size: int, k: int) -> None:
    assert StackLoader(examples(1), batch_size).steps_per_execution == k


def test_a_stack_that_was_yielded_is_not_kept() -> None:
    """Two stacks in memory compete for the processor's caches, which costs up to a fifth of an epoch."""
    examples = Examples(torch.arange(12.0)[:, None], torch.arange(12))
    stacks = iter(StackLoader(examples, batch_size=2, steps_per_execution=2, order=TorchOrder(0)))
    first = weakref.ref(next(stacks)[0])
    assert first() is None
