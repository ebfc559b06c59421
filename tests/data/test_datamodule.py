from types import SimpleNamespace

import pytest
import torch

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.data.loader import StackLoader
from hw1_lightning.data.sources import Digits
from hw1_lightning.errors import InputError


def order(module: ArrayDataModule) -> list[int]:
    return torch.cat([targets.flatten() for _, targets in module.train_dataloader()]).tolist()


def test_order_follows_the_process_seed_unless_it_has_its_own() -> None:
    torch.manual_seed(3)
    by_process = order(ArrayDataModule(Digits()))
    assert by_process == order(ArrayDataModule(Digits(), seed=3))
    assert by_process != order(ArrayDataModule(Digits(), seed=4))


def test_evaluation_splits_keep_their_order_whatever_the_batch_size() -> None:
    data = ArrayDataModule(Digits(), batch_size=7, steps_per_execution=3)
    for loader, split in ((data.val_dataloader(), "val"), (data.test_dataloader(), "test")):
        targets = torch.cat([stack[1].flatten() for stack in loader])
        assert torch.equal(targets, data.arrays.splits[split].targets)


@pytest.mark.parametrize("option", ["batch_size", "steps_per_execution"])
def test_sizes_must_be_positive(option: str) -> None:
    with pytest.raises(InputError, match=f"{option} is 0; it must be at least 1"):
        ArrayDataModule(Digits(), **{option: 0})  # type: ignore[arg-type] # both are numbers


@pytest.mark.parametrize(("compiled", "threads", "ahead"), [(True, 2, True), (True, 1, False), (False, 2, False)])
def test_examples_are_copied_ahead_of_compiled_loops_if_a_thread_is_free(
    compiled: bool, threads: int, ahead: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = SimpleNamespace(uses_compiled_kernels=compiled, why_one_step_at_a_time=None)
    monkeypatch.setattr(ArrayDataModule, "_module", module)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    loader = ArrayDataModule(Digits(), batch_size=1).train_dataloader()
    assert isinstance(loader, StackLoader)
    assert loader.ahead == ahead
