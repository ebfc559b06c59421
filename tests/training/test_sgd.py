import pytest
import torch
from torch import nn

from hw1_lightning.training.sgd import sgd_update


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("weight_decay", [0.0, 0.01])
def test_update_and_its_state_are_bit_identical_to_torchs(momentum: float, weight_decay: float) -> None:
    torch.manual_seed(0)
    ours, theirs = (nn.Linear(7, 5) for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    optimizers = [
        torch.optim.SGD(module.parameters(), 0.1, momentum, weight_decay=weight_decay) for module in (ours, theirs)
    ]
    for step in range(5):
        for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            one.grad = torch.randn_like(one)
            other.grad = one.grad.clone()
        if step == 3:
            for optimizer in optimizers:
                optimizer.param_groups[0]["lr"] = 0.01
        sgd_update(optimizers[0])
        optimizers[1].step()
    assert all(map(torch.equal, ours.parameters(), theirs.parameters()))
    if momentum:
        states = [optimizer.state_dict()["state"] for optimizer in optimizers]
        for index in states[1]:
            assert torch.equal(states[0][index]["momentum_buffer"], states[1][index]["momentum_buffer"])
