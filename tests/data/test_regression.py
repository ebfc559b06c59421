"""Data for regression: the bundled set, the teacher, and what is refused."""

import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from hw1_lightning.data.arrays import ArrayData, Examples
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.data.generated import CHUNK
from hw1_lightning.data.loader import ShardLoader
from hw1_lightning.data.sources import Diabetes, Digits, Teacher
from hw1_lightning.errors import InputError


def examples(count: int) -> Examples:
    return Examples(
        torch.arange(count, dtype=torch.float32)[:, None], torch.arange(count, dtype=torch.float32)[:, None]
    )


def test_diabetes_is_standardised_with_the_training_split_alone() -> None:
    data = Diabetes().load()
    assert {name: len(split) for name, split in data.splits.items()} == {"train": 310, "val": 66, "test": 66}
    ours = {name: torch.cat([s.inputs, s.targets], dim=1).double().numpy() for name, s in data.splits.items()}
    raw = np.column_stack(load_diabetes(return_X_y=True, scaled=False))
    # The scaling must be that of scikit-learn's scaler, fitted to the training split.
    order = np.random.default_rng(0).permutation(442)
    train, val, test = np.split(raw[order], [310, 376])
    scaler = StandardScaler().fit(train)
    for name, part in (("train", train), ("val", val), ("test", test)):
        assert ours[name] == pytest.approx(scaler.transform(part), rel=1e-5, abs=1e-6)
    assert abs(ours["val"].mean(0)).max() > 0.05, "held-out splits keep their own means"
    assert np.unique(order).size == 442


def test_regression_data_has_outputs_and_no_classes() -> None:
    data = ArrayDataModule(Diabetes())
    assert (data.input_shape, data.num_outputs, data.class_names) == ((10,), 1, ())
    assert ArrayDataModule(Digits()).num_outputs == 0


TEACHER = Teacher(n_inputs=3, n_examples=2 * CHUNK + 100, seed=4).load()


@given(start=st.integers(0, 2 * CHUNK + 100), length=st.integers(0, CHUNK + 50))
def test_the_teacher_gives_the_same_rows_in_slices_of_any_size(start: int, length: int) -> None:
    inputs, targets = TEACHER.train.take(slice(start, start + length))
    assert torch.equal(inputs, ALL_INPUTS[start : start + length])
    assert torch.equal(targets, ALL_TARGETS[start : start + length])


ALL_INPUTS, ALL_TARGETS = TEACHER.train.inputs, TEACHER.train.targets


def test_the_teacher_gives_rows_at_indices() -> None:
    indices = torch.tensor([CHUNK + 3, 5, CHUNK - 1])
    inputs, targets = TEACHER.train.take(indices)
    assert torch.equal(inputs, ALL_INPUTS[indices])
    assert torch.equal(targets, ALL_TARGETS[indices])


def test_the_teacher_is_a_quadratic_function_plus_noise_of_the_given_size() -> None:
    data = Teacher(n_inputs=5, n_examples=20_000, noise=0.25, seed=1).load()
    design = PolynomialFeatures(2).fit_transform(data.train.inputs.double().numpy())
    targets = data.train.targets.double().numpy()
    c = np.linalg.lstsq(design, targets, rcond=None)[0]
    residuals = targets - design @ c
    assert residuals.std() == pytest.approx(0.25, rel=0.03)
    assert targets.std() > 0.5
    held_out = PolynomialFeatures(2).fit_transform(data.test.inputs.double().numpy()) @ c - data.test.targets.numpy()
    assert held_out.std() == pytest.approx(0.25, rel=0.08), "all splits have one teacher"


def test_the_rows_of_the_teacher_are_new_in_every_chunk_split_and_seed() -> None:
    first = [TEACHER.train.inputs[0], TEACHER.train.inputs[CHUNK], TEACHER.val.inputs[0], TEACHER.test.inputs[0]]
    first.append(Teacher(n_inputs=3, seed=5).load().train.inputs[0])
    assert len({tuple(row.tolist()) for row in first}) == len(first)
    assert TEACHER.sha256 == Teacher(n_inputs=3, n_examples=2 * CHUNK + 100, seed=4).load().sha256
    others = [
        Teacher(3, 2 * CHUNK + 99, seed=4),
        Teacher(3, 2 * CHUNK + 100, seed=5),
        Teacher(3, 2 * CHUNK + 100, 0.2, 4),
    ]
    assert TEACHER.sha256 not in {other.load().sha256 for other in others}


def test_a_pass_over_the_teacher_keeps_one_chunk_in_memory() -> None:
    loader = ArrayDataModule(Teacher(n_inputs=30, n_examples=40 * CHUNK), batch_size=64).train_dataloader()
    tracemalloc.start()  # sees NumPy's memory, which is what chunks are made of
    count = sum(targets.numel() for _, targets in loader)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 40 * CHUNK
    assert peak < 4 * CHUNK * 31 * 4 < 40 * CHUNK * 31 * 4 / 8


def test_the_teacher_keeps_its_order_in_training() -> None:
    loader = ArrayDataModule(Teacher(n_inputs=3, n_examples=2 * CHUNK + 100, seed=4), batch_size=50).train_dataloader()
    assert torch.equal(torch.cat([inputs.flatten(0, 1) for inputs, _ in loader]), ALL_INPUTS)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"n_inputs": 0}, "n_inputs is 0; it must be at least 1"),
        ({"n_examples": 1}, "n_examples is 1; it must be at least 2"),
        ({"seed": -1}, "seed is -1; it must be at least 0"),
        ({"noise": -0.1}, "noise is -0.1; it must be a finite number of at least 0"),
        ({"noise": float("nan")}, "noise is nan"),
    ],
)
def test_the_teacher_refuses_numbers_out_of_range(options: dict[str, int], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Teacher(**options)


def spoiled(row: int, column: int, value: float) -> Examples:
    part = Examples(torch.zeros(5, 3), torch.zeros(5, 1))
    (part.targets if column == 3 else part.inputs)[row, column % 3] = value
    return part


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (spoiled(4, 2, float("nan")), "val inputs: column 2 is nan in example 4"),
        (spoiled(1, 3, float("-inf")), "val targets: column 0 is -inf in example 1"),
        (Examples(torch.zeros(5, 3), torch.zeros(5)), r"val targets are torch.float32 of shape \(5,\)"),
        (Examples(torch.zeros(5, 3), torch.zeros(5, 1).long()), "val targets are torch.int64"),
        (Examples(torch.zeros(5, 3), torch.zeros(4, 1)), "val: 5 inputs but 4 targets"),
        (
            Examples(torch.zeros(5, 2), torch.zeros(5, 1)),
            r"val inputs have shape \(2,\) but train inputs have shape \(3,\)",
        ),
        (Examples(torch.zeros(5, 3), torch.zeros(5, 2)), "val has 2 outputs but train has 1"),
        (Examples(torch.zeros(1, 3), torch.zeros(1, 1)), "the val split has one example"),
        (Examples(torch.zeros(0, 3), torch.zeros(0, 1)), "the val split is empty"),
    ],
)
def test_invalid_numbers_are_reported(part: Examples, said: str) -> None:
    good = Examples(torch.zeros(5, 3), torch.zeros(5, 1))
    with pytest.raises(InputError, match=said):
        ArrayData(good, part, good)


@given(count=st.integers(1, 60), stack_size=st.integers(1, 20), processes=st.integers(1, 5))
def test_the_shards_of_all_processes_are_the_whole_split_once(count: int, stack_size: int, processes: int) -> None:
    if count < processes:
        with pytest.raises(InputError, match=f"{processes} processes cannot share {count} examples"):
            ShardLoader(examples(count), stack_size, 0, processes)
        return
    loaders = [ShardLoader(examples(count), stack_size, rank, processes) for rank in range(processes)]
    stacks = [list(loader) for loader in loaders]
    assert {len(own) for own in stacks} == {len(loader) for loader in loaders} == {len(stacks[0])}
    for inputs, targets in (stack for own in stacks for stack in own):
        assert torch.equal(inputs, targets)
        assert inputs.shape[0] == 1
        assert 1 <= inputs.shape[1] <= max(stack_size, 2)
    assert torch.cat([stack[1].flatten() for own in stacks for stack in own]).tolist() == list(range(count))


def test_any_number_of_examples_can_be_generated() -> None:
    assert len(Teacher(n_inputs=2, n_examples=10**12).load().train) == 10**12
