"""The update of SGD, without the overhead of ``torch.optim.SGD``."""

import torch
from torch.optim import Optimizer


@torch.no_grad()
def sgd_update(optimizer: Optimizer) -> None:
    """Take the step of ``torch.optim.SGD`` with momentum and weight decay, bit-identical but with less overhead.

    The operations and their order are the same. The gradients are changed in place, and the momentum buffers are those
    of the optimiser.

    Args:
        optimizer: a ``torch.optim.SGD`` without dampening, Nesterov's momentum or maximising.
    """
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            gradient = parameter.grad
            if group["weight_decay"]:
                gradient.add_(parameter, alpha=group["weight_decay"])
            if group["momentum"]:
                state = optimizer.state[parameter]
                buffer = state.get("momentum_buffer")
                if buffer is None:
                    buffer = state["momentum_buffer"] = gradient.clone()
                else:
                    buffer.mul_(group["momentum"]).add_(gradient)
                gradient = buffer
            parameter.add_(gradient, alpha=-group["lr"])
