"""The reference: the report's experiments as an ordinary PyTorch loop.

It does not import the package. It is what a student writes: one DataLoader, one optimiser, evaluation of the whole
split after each epoch.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

Split = tuple[Tensor, Tensor]


@dataclass
class Curves:
    """What the loop saw, epoch by epoch."""

    train_loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)


def logistic_regression(inputs: int, classes: int) -> nn.Module:
    return nn.Linear(inputs, classes)


def mlp(inputs: int, classes: int, dropout: float, hidden: int = 200) -> nn.Module:
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.ReLU(), nn.Dropout(dropout),
        nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(dropout),
        nn.Linear(hidden, classes),
    )  # fmt: skip


def plain_loop(
    build: Callable[[], nn.Module],
    train: Split,
    val: Split,
    test: Split,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    seed: int = 42,
) -> Curves:
    """Train a model on float features, shape (N, D), and integer classes, shape (N,)."""
    torch.manual_seed(seed)
    model = build()
    loader = DataLoader(
        TensorDataset(*train), batch_size=batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed)
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=momentum, weight_decay=weight_decay)
    criterion = nn.CrossEntropyLoss()
    curves = Curves()
    for _ in range(epochs):
        model.train()
        losses = []
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        curves.train_loss.append(sum(losses) / len(losses))
        val_loss, val_accuracy = evaluate(model, val, criterion)
        curves.val_loss.append(val_loss)
        curves.val_accuracy.append(val_accuracy)
        curves.test_accuracy.append(evaluate(model, test, criterion)[1])
    return curves


@torch.no_grad()
def evaluate(model: nn.Module, split: Split, criterion: nn.Module) -> tuple[float, float]:
    """Loss and accuracy of the whole split at once."""
    model.eval()
    scores = model(split[0])
    return criterion(scores, split[1]).item(), (scores.argmax(1) == split[1]).float().mean().item()
