"""Question 2: mistakes that the list does not have, and other correct programs."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader, TensorDataset

from tests.diagnosis.scripts.mistake import Mistake
from tests.diagnosis.scripts.torch_mistakes import is_linear
from tests.diagnosis.scripts.torch_programs import Program, Split, sgd
from tests.diagnosis.scripts.wrong_data import training_labels_shifted


def smallest(scores: Tensor) -> Tensor:
    return scores.argmin(1)


def exponential_rate(optimizer: Optimizer, epoch: int) -> None:
    """Multiply the rate by 0.95 after each epoch: a scheduler that was left in."""
    for group in optimizer.param_groups:
        group["lr"] *= 0.95


def rate_by_epoch(optimizer: Optimizer, epoch: int) -> None:
    """Divide the first rate by the number of the epoch."""
    for group in optimizer.param_groups:
        group["lr"] *= (epoch + 1) / (epoch + 2)


def sgd_with_clipping(program: Program, model: nn.Module) -> Optimizer:
    optimizer = sgd(program, model)
    optimizer.register_step_pre_hook(lambda *_: _clip(model))
    return optimizer


def _clip(model: nn.Module) -> None:
    nn.utils.clip_grad_norm_(model.parameters(), 0.5)


def nesterov(program: Program, model: nn.Module) -> Optimizer:
    return torch.optim.SGD(model.parameters(), lr=program.learning_rate, momentum=program.momentum, nesterov=True)


UNLISTED: dict[str, Mistake] = {
    "scheduler_left_in": Mistake({"schedule": exponential_rate}),
    "rate_by_epoch": Mistake({"schedule": rate_by_epoch}),
    "argmin": Mistake({"predict": smallest}),
    "training_labels_shifted": Mistake({"data": training_labels_shifted}),
    "gradients_clipped": Mistake({"optimizer": sgd_with_clipping}),
    "nesterov": Mistake({"optimizer": nesterov}, lambda program: program.momentum > 0),
}


def cross_entropy_by_hand(scores: Tensor, labels: Tensor) -> Tensor:
    return (scores.logsumexp(1) - scores[torch.arange(len(labels)), labels]).mean()


def log_softmax_at_the_end(model: nn.Sequential) -> nn.Module:
    """Apply the logarithm of the softmax twice, which changes nothing: unlike the softmax itself."""
    return model.append(nn.LogSoftmax(dim=1))


def with_global_generator(program: Program, train: Split) -> Iterable[Split]:
    return DataLoader(TensorDataset(*train), batch_size=program.batch_size, shuffle=True)


class ByHand:
    """Minibatches of a permutation that each epoch draws anew from the global generator."""

    def __init__(self, program: Program, train: Split) -> None:
        self.program, self.train = program, train

    def __iter__(self) -> Any:
        x, y = self.train
        for rows in torch.randperm(len(y)).split(self.program.batch_size):
            yield x[rows], y[rows]


class InputsByClasses(nn.Module):
    """A linear layer whose weights have shape (inputs, outputs)."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        bound = layer.in_features**-0.5
        self.weight = nn.Parameter(torch.empty(layer.in_features, layer.out_features).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(layer.out_features).uniform_(-bound, bound))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight + self.bias


def with_inputs_by_classes(model: nn.Sequential) -> nn.Module:
    return nn.Sequential(*(InputsByClasses(layer) if isinstance(layer, nn.Linear) else layer for layer in model))


class PlainSGD:
    """The update of SGD without momentum, written out."""

    def __init__(self, program: Program, model: nn.Module) -> None:
        self.program, self.parameters = program, list(model.parameters())

    def zero_grad(self) -> None:
        for p in self.parameters:
            p.grad = None

    @torch.no_grad()
    def step(self) -> None:
        for p in self.parameters:
            assert p.grad is not None
            p.sub_(self.program.learning_rate * (p.grad + self.program.weight_decay * p))


CORRECT: dict[str, Mistake] = {
    "correct": Mistake({}),
    "two_threads": Mistake({}, threads=2),
    "chunks": Mistake({"chunk": 50}),
    "float64": Mistake({"dtype": torch.float64}),
    "cross_entropy_by_hand": Mistake({"loss": cross_entropy_by_hand}),
    "log_softmax_twice": Mistake({"edit": log_softmax_at_the_end}),
    "test_before_validation": Mistake({"evaluated": ("test", "train", "val")}),
    "penalty_in_the_loss": Mistake({"weight_decay": 0.0, "penalty": 0.01}, is_linear),
    "global_generator": Mistake({"loader": with_global_generator}),
    "permutation_by_hand": Mistake({"loader": ByHand}),
    "inputs_by_classes": Mistake({"edit": with_inputs_by_classes}),
    "update_by_hand": Mistake({"optimizer": PlainSGD}, lambda program: program.momentum == 0),
    "other_seed": Mistake({"seed": 43}),
}
# Correct programs with the same random numbers: they differ from the reference in rounding alone.
SAME_RANDOM_NUMBERS = frozenset(
    {"correct", "two_threads", "chunks", "float64", "cross_entropy_by_hand", "log_softmax_twice"}
    | {"test_before_validation", "penalty_in_the_loss", "update_by_hand"}
)
