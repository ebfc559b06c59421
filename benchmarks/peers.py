"""The same epochs without hw1: a student's script, Lightning as in its tutorials, and the bare minimum."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from lightning.pytorch import Trainer
from sklearn.neural_network import MLPClassifier
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.as_usual import AsUsual, Split
from benchmarks.data import BenchmarkData
from benchmarks.epochs import EpochTimer, as_on_a_terminal


@dataclass(frozen=True)
class Experiment:
    """One experiment of the report's question 2.

    Args:
        title: its name in the table.
        config: the config of `hw1 fit` with the same numbers.
        hidden: units of each hidden layer.
        batch_size: examples in a step.
        learning_rate, momentum, weight_decay: of SGD.
        dropout: probability, after each hidden activation.
        options: further options of `hw1 fit`.
    """

    title: str
    config: str
    batch_size: int
    hidden: tuple[int, ...] = (200, 200)
    learning_rate: float = 0.002
    momentum: float = 0.0
    weight_decay: float = 0.0
    dropout: float = 0.3
    options: tuple[str, ...] = ()


class Peers:
    """The data in the form that each peer needs, and a timed epoch of each, including validation.

    Args:
        data: what is trained on.
        experiment: which steps are taken.
        device: of the plain loops.
    """

    def __init__(self, data: BenchmarkData, experiment: Experiment, device: str = "cpu") -> None:
        self.train, self.val = (
            (data.features(name).to(device), data.arrays.splits[name].targets.to(device)) for name in ("train", "val")
        )
        self.experiment = experiment
        self.device = device

    def network(self) -> nn.Sequential:
        """The model as a student writes it."""
        sizes = [self.train[0].shape[1], *self.experiment.hidden]
        layers: list[nn.Module] = []
        for fan_in, fan_out in pairwise(sizes):
            layers += [nn.Linear(fan_in, fan_out), nn.ReLU(), nn.Dropout(self.experiment.dropout)]
        return nn.Sequential(*layers, nn.Linear(sizes[-1], 6)).to(self.device)

    def optimizer(self, network: nn.Module) -> torch.optim.SGD:
        """Plain SGD with the experiment's numbers."""
        e = self.experiment
        return torch.optim.SGD(network.parameters(), e.learning_rate, e.momentum, weight_decay=e.weight_decay)

    def plain_script(self, epochs: int) -> float:
        """Return the median seconds of an epoch of a plain script: a DataLoader, ``loss.item()`` each step."""
        dataset = TensorDataset(*(tensor.cpu() for tensor in self.train))
        loader = DataLoader(dataset, batch_size=self.experiment.batch_size, shuffle=True)

        def batches() -> Iterator[Split]:
            for x, y in loader:
                yield x.to(self.device), y.to(self.device)

        return self._loop(epochs, batches, every_loss=True)

    def in_memory(self, epochs: int) -> float:
        """Return the median seconds of an epoch with nothing but the steps: features in memory, no losses kept."""

        def batches() -> Iterator[Split]:
            order = torch.randperm(len(self.train[0]), device=self.device)
            for chosen in order.split(self.experiment.batch_size):
                yield self.train[0].index_select(0, chosen), self.train[1].index_select(0, chosen)

        return self._loop(epochs, batches, every_loss=False)

    def _loop(self, epochs: int, batches: Callable[[], Iterator[Split]], every_loss: bool) -> float:
        network = self.network()
        optimizer, criterion = self.optimizer(network), nn.CrossEntropyLoss()
        seconds = []
        for _ in range(epochs + 1):
            start = time.perf_counter()
            network.train()
            for x, y in batches():
                optimizer.zero_grad()
                loss = criterion(network(x), y)
                loss.backward()
                optimizer.step()
                if every_loss:
                    loss.item()
            self._evaluate(network, criterion)
            self.synchronize()
            seconds.append(time.perf_counter() - start)
        return float(np.median(seconds[1:]))

    @torch.no_grad()
    def _evaluate(self, network: nn.Module, criterion: nn.Module) -> tuple[float, float]:
        network.eval()
        scores = network(self.val[0])
        return criterion(scores, self.val[1]).item(), (scores.argmax(1) == self.val[1]).float().mean().item()

    def lightning(self, epochs: int) -> float:
        """Return the median seconds of an epoch of Lightning as in its tutorials, with all defaults."""
        train, val = (
            DataLoader(TensorDataset(*split), batch_size=self.experiment.batch_size, shuffle=shuffle)
            for split, shuffle in ((self.train, True), (self.val, False))
        )
        timer = EpochTimer()
        accelerator = "cpu" if self.device == "cpu" else "gpu"
        with as_on_a_terminal() as folder:
            trainer = Trainer(
                accelerator=accelerator, devices=1, max_epochs=epochs + 2, callbacks=[timer], default_root_dir=folder
            )
            trainer.fit(AsUsual(self.network(), self.optimizer), train, val)
        return timer.median()

    def products_alone(self, epochs: int) -> float:
        """Return the median seconds of the matrix products of an epoch's steps, on arrays that are allocated once."""
        examples, batch_size = len(self.train[0]), self.experiment.batch_size
        sizes = [self.train[0].shape[1], *self.experiment.hidden, 6]
        steps = [self._products(batch_size, sizes)] * (examples // batch_size)
        steps += [self._products(examples % batch_size, sizes)] * (examples % batch_size > 0)
        seconds = []
        for _ in range(epochs + 1):
            start = time.perf_counter()
            for a, b, out in (product for step in steps for product in step):
                torch.mm(a, b, out=out)
            self.synchronize()
            seconds.append(time.perf_counter() - start)
        return float(np.median(seconds[1:]))

    def _products(self, batch_size: int, sizes: list[int]) -> list[tuple[Tensor, Tensor, Tensor]]:
        """The products of one step: scores, the weights' gradients and, but for the first layer, the inputs'."""
        products = []
        for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
            x, w, d = (
                torch.randn(shape, device=self.device)
                for shape in ((batch_size, fan_in), (fan_in, fan_out), (batch_size, fan_out))
            )
            products += [(x, w, torch.empty_like(d)), (x.t(), d, torch.empty_like(w))]
            if layer:
                products.append((d, w.t(), torch.empty_like(x)))
        return products

    def sklearn(self, epochs: int) -> float:
        """Return the median seconds of an epoch of scikit-learn's network (without dropout, which it does not have)."""
        e = self.experiment
        network = MLPClassifier(
            e.hidden, solver="sgd", batch_size=e.batch_size, learning_rate_init=e.learning_rate,
            momentum=e.momentum, nesterovs_momentum=False, alpha=e.weight_decay,
        )  # fmt: skip
        (x, y), (val_x, val_y) = ([tensor.cpu().numpy() for tensor in split] for split in (self.train, self.val))
        seconds = []
        for _ in range(epochs + 1):
            start = time.perf_counter()
            network.partial_fit(x, y, classes=np.arange(6))
            network.score(val_x, val_y)
            seconds.append(time.perf_counter() - start)
        return float(np.median(seconds[1:]))

    def synchronize(self) -> None:
        """Wait for the device."""
        if self.device != "cpu":
            torch.cuda.synchronize()
