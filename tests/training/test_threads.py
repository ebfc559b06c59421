import pytest
import torch
from torch import nn

from hw1_lightning.training.threads import WORTH_INPUTS, WORTH_PRODUCTS, threads_for


@pytest.fixture
def two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    counts = [2]
    monkeypatch.setattr(torch, "get_num_threads", lambda: counts[-1])
    monkeypatch.setattr(torch, "set_num_threads", counts.append)


@pytest.mark.usefixtures("two_threads")
def test_tiny_models_get_one_thread_and_others_what_torch_has() -> None:
    wide = WORTH_INPUTS // 1024
    deep = WORTH_PRODUCTS // 1024
    cases = [(1, 100, 1), (1023, 64, 1), (1023, wide - 1, 1), (1024, wide, 2), (1, deep - 1, 1), (1, deep, 2)]
    for input_size, batch_size, threads in cases:
        with threads_for(nn.Linear(1023, 1), input_size, batch_size) as count:
            assert count == threads
        assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_threads")
def test_the_user_can_choose_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    with threads_for(nn.Linear(1, 1), 1, 1, asked=3) as count:
        assert count == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    with threads_for(nn.Linear(1, 1), 1, 1) as count:
        assert count == 2
