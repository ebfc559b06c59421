"""Question 2 as a plain PyTorch program, with a place for each mistake.

``Program`` holds the hyperparameters and, below them, what a mistake replaces; its defaults are the correct program.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader, TensorDataset

from tests.diagnosis.scripts import wrong_data
from tests.diagnosis.scripts.data import Data, Report
from tests.diagnosis.scripts.history import History

Split = tuple[Tensor, Tensor]


def shuffled(program: "Program", train: Split) -> Iterable[Split]:
    generator = torch.Generator().manual_seed(program.seed)
    return DataLoader(TensorDataset(*train), batch_size=program.batch_size, shuffle=True, generator=generator)


def sgd(program: "Program", model: nn.Module) -> Optimizer:
    return torch.optim.SGD(
        model.parameters(), lr=program.learning_rate, momentum=program.momentum, weight_decay=program.weight_decay
    )


def as_built(model: nn.Sequential) -> nn.Sequential:
    return model


def constant_rate(optimizer: Optimizer, epoch: int) -> None:
    """Keep the learning rate."""


def predicted(scores: Tensor) -> Tensor:
    return scores.argmax(1)


@dataclass(frozen=True)
class Program:
    hidden: tuple[int, ...]  # none: logistic regression
    batch_size: int
    learning_rate: float
    weight_decay: float = 0.0
    momentum: float = 0.0
    dropout: float = 0.0
    seed: int = 42
    # What mistakes and other correct programs replace.
    activation: type[nn.Module] = nn.ReLU
    bias: bool = True
    edit: Callable[[nn.Sequential], nn.Module] = as_built
    data: wrong_data.Change = wrong_data.unchanged
    dtype: torch.dtype = torch.float32
    loader: Callable[["Program", Split], Iterable[Split]] = shuffled
    loss: Callable[[Tensor, Tensor], Tensor] = nn.functional.cross_entropy
    penalty: float = 0.0  # of an l2 term in the loss, penalty / 2 * ||w||^2
    optimizer: Callable[["Program", nn.Module], Optimizer] = sgd
    zero_gradients: bool = True
    schedule: Callable[[Optimizer, int], None] = constant_rate
    train_mode_again: bool = True  # after an evaluation
    eval_mode: bool = True
    predict: Callable[[Tensor], Tensor] = predicted
    chunk: int | None = None  # examples that are evaluated at once
    average: bool = False  # over minibatches, in an evaluation
    evaluated: tuple[str, ...] = ("val",)  # after each epoch, in this order
    best_epoch: bool = False
    epochs: float = 1.0  # factor of the number of epochs


def build(program: Program, inputs: int, classes: int) -> nn.Module:
    layers: list[nn.Module] = []
    for width in program.hidden:
        layers += [nn.Linear(inputs, width, bias=program.bias), program.activation(), nn.Dropout(program.dropout)]
        inputs = width
    model = nn.Sequential(*layers, nn.Linear(inputs, classes, bias=program.bias))
    return program.edit(model).to(program.dtype)


def run(program: Program, data: Data, epochs: int) -> Report:
    """Train, and return val/accuracy, val/loss, train/loss (and of linear models weights/l2_norm) by epoch.

    Of test/accuracy and train/accuracy it returns the final value. The loss of an epoch is the mean over its
    minibatches, without a penalty.
    """
    torch.manual_seed(program.seed)
    data = program.data(data)
    splits = {name: as_tensors(data, name, program.dtype) for name in data.splits}
    model = build(program, splits["train"][0].shape[1], data.classes)
    loader, optimizer = program.loader(program, splits["train"]), program.optimizer(program, model)
    history = History(program.best_epoch)
    for epoch in range(max(1, round(epochs * program.epochs))):
        if epoch == 0 or program.train_mode_again:
            model.train()
        losses = [take_step(program, model, optimizer, x, y) for x, y in loader]
        program.schedule(optimizer, epoch)
        measured = {name: evaluate(program, model, splits[name]) for name in program.evaluated}
        loss, accuracy = measured["val"]
        numbers = {"train/loss": sum(losses) / len(losses), "val/loss": loss, "val/accuracy": accuracy}
        if not program.hidden:
            numbers["weights/l2_norm"] = torch.cat([p.detach().flatten() for p in model.parameters()]).norm().item()
        history.add(model, numbers)
    model, report = history.final(model)
    for name in ("test", "train"):
        report[f"{name}/accuracy"] = evaluate(program, model, splits[name])[1]
    return report


def as_tensors(data: Data, split: str, dtype: torch.dtype) -> Split:
    features = data.features(split, np.float64 if dtype == torch.float64 else np.float32)
    return torch.from_numpy(features), torch.from_numpy(data.splits[split][1]).long()


def take_step(program: Program, model: nn.Module, optimizer: Optimizer, x: Tensor, y: Tensor) -> float:
    if program.zero_gradients:
        optimizer.zero_grad()
    loss = program.loss(model(x), y)
    objective = loss
    if program.penalty:
        objective = loss + program.penalty / 2 * sum((p**2).sum() for p in model.parameters())
    objective.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def evaluate(program: Program, model: nn.Module, split: Split) -> tuple[float, float]:
    """Return loss and accuracy of a split."""
    if program.eval_mode:
        model.eval()
    features, labels = split
    if program.average:
        parts = zip(features.split(program.batch_size), labels.split(program.batch_size), strict=True)
        found = [_loss_and_accuracy(program, model(part), each) for part, each in parts]
        losses, accuracies = zip(*found, strict=True)
        return float(np.mean(losses)), float(np.mean(accuracies))
    scores = torch.cat([model(part) for part in features.split(program.chunk or len(features))])
    return _loss_and_accuracy(program, scores, labels)


def _loss_and_accuracy(program: Program, scores: Tensor, labels: Tensor) -> tuple[float, float]:
    return program.loss(scores, labels).item(), (program.predict(scores) == labels).float().mean().item()


LINEAR = Program(hidden=(), batch_size=32, learning_rate=0.001, weight_decay=0.01)
NETWORK = Program(hidden=(200, 200), batch_size=64, learning_rate=0.002, dropout=0.3)
MOMENTUM = replace(NETWORK, batch_size=1024, momentum=0.9)
EXPERIMENTS = {
    "logistic_regression": LINEAR,
    "learning_rate": LINEAR,
    "learning_rate=0.1": replace(LINEAR, learning_rate=0.1),
    "learning_rate=0.00001": replace(LINEAR, learning_rate=0.00001),
    "mlp": NETWORK,
    "batch_size": replace(NETWORK, batch_size=512),
    "dropout": replace(NETWORK, dropout=0.25),
    "dropout=0.01": replace(NETWORK, dropout=0.01),
    "dropout=0.5": replace(NETWORK, dropout=0.5),
    "momentum": MOMENTUM,
    "momentum=0.0": replace(MOMENTUM, momentum=0.0),
}
