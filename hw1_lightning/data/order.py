"""The order of the training examples in each epoch: that of torch's DataLoader, or of the course's NumPy scripts."""

from collections.abc import Mapping
from typing import Any, Literal, Protocol

import numpy as np
import torch
from torch import Tensor

from hw1_lightning.errors import InputError

OrderKind = Literal["torch", "numpy"]
DRAWN_AT_ONCE = 1 << 20  # numbers that are drawn only to be skipped, in pieces of 8 MB


def numpy_generator(seed: int) -> np.random.RandomState:
    """Return NumPy's legacy generator with a seed of torch, of which it takes the last 32 bits."""
    return np.random.RandomState(seed % 2**32)


class Order(Protocol):
    """Draws a new order of the examples for each epoch, with a state that can be saved and restored."""

    def restart(self, draws_before: int) -> None:
        """Begin again with the first epoch.

        Args:
            draws_before: how many normal numbers the weights took from NumPy's generator with the same seed.
        """

    def draw(self, count: int) -> Tensor:
        """Return the order of the next epoch: a permutation of 0 to ``count - 1``, int64, shape ``(count,)``."""

    def end_epoch(self, count: int) -> None:
        """Draw what the original draws, without using it, when it takes the last minibatch of an epoch."""

    def state(self) -> Any:
        """Return the state between two epochs, for checkpoints."""

    def restore(self, state: Any) -> None:
        """Continue from a state, also one of another process or seed.

        Raises:
            InputError: if it is the state of the other kind of order.
        """


class TorchOrder:
    """The orders of ``DataLoader(shuffle=True, generator=generator)``.

    Args:
        seed: of the generator.
    """

    def __init__(self, seed: int) -> None:
        self._seed, self._generator = seed, torch.Generator().manual_seed(seed)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for another process; torch cannot pickle a generator there."""
        return {"_seed": self._seed, "_generator": self._generator.get_state().numpy().tobytes()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the state from another process."""
        self._seed, self._generator = state["_seed"], torch.Generator()
        self._generator.set_state(torch.frombuffer(bytearray(state["_generator"]), dtype=torch.uint8))

    def restart(self, draws_before: int) -> None:
        """Begin again with the first epoch; what was drawn from NumPy's generator does not matter."""
        self._generator.manual_seed(self._seed)

    def draw(self, count: int) -> Tensor:
        """Return the order of the next epoch."""
        # DataLoader's base seed: unused here, but drawing it keeps the permutations equal to the plain loop's.
        torch.empty((), dtype=torch.int64).random_(generator=self._generator)
        return torch.randperm(count, generator=self._generator)

    def end_epoch(self, count: int) -> None:
        """Draw a second permutation, as DataLoader's RandomSampler does at the end of an epoch."""
        torch.randperm(count, generator=self._generator)

    def state(self) -> Tensor:
        """Return the state of the generator."""
        return self._generator.get_state()

    def restore(self, state: Any) -> None:
        """Continue from a state of the generator."""
        check_kind(state, "torch")
        self._generator.set_state(state.cpu())


class NumpyOrder:
    """The orders of the course's NumPy scripts: ``order = order[np.random.permutation(n)]`` in each epoch.

    The scripts have one legacy generator: it draws the weights, then one permutation an epoch, which is applied to the
    order of the epoch before. The state is small: all permutations are drawn again from the seed when it is restored.

    Args:
        seed: of the generator.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.restart(0)

    def restart(self, draws_before: int) -> None:
        """Begin again with the first epoch, after so many normal numbers."""
        self._draws_before, self._epochs = draws_before, 0
        self._order: np.ndarray[Any, np.dtype[np.int64]] = np.empty(0, np.int64)

    def draw(self, count: int) -> Tensor:
        """Return the order of the next epoch."""
        if len(self._order) != count:
            self._repeat_epochs(count)
        self._order = self._order[self._generator.permutation(count)]
        self._epochs += 1
        return torch.from_numpy(self._order)

    def _repeat_epochs(self, count: int) -> None:
        """Draw again what was drawn before: the weights, and the permutations of all epochs so far."""
        self._generator = numpy_generator(self._seed)
        for done in range(0, self._draws_before, DRAWN_AT_ONCE):
            self._generator.standard_normal(min(DRAWN_AT_ONCE, self._draws_before - done))
        self._order = np.arange(count)
        for _ in range(self._epochs):
            self._order = self._order[self._generator.permutation(count)]

    def end_epoch(self, count: int) -> None:
        """Draw nothing."""

    def state(self) -> dict[str, int]:
        """Return what determines all orders from here on."""
        return {"seed": self._seed, "draws_before": self._draws_before, "epochs": self._epochs}

    def restore(self, state: Any) -> None:
        """Continue from a state."""
        check_kind(state, "numpy")
        self._seed = state["seed"]
        self.restart(state["draws_before"])
        self._epochs = state["epochs"]


def make_order(kind: OrderKind, seed: int) -> Order:
    """Return the order of a kind.

    Raises:
        InputError: if the kind is unknown.
    """
    kinds: dict[str, type[TorchOrder] | type[NumpyOrder]] = {"torch": TorchOrder, "numpy": NumpyOrder}
    if kind not in kinds:
        raise InputError(f"order is {kind}; it must be torch or numpy")
    return kinds[kind](seed)


def check_kind(state: Any, kind: OrderKind) -> None:
    """Refuse the state of the other kind of order.

    Raises:
        InputError: naming both kinds.
    """
    saved = "numpy" if isinstance(state, Mapping) else "torch"
    if saved != kind:
        problem = f"--data.order is {kind}, but the checkpoint continues an order of {saved}"
        raise InputError(f"{problem}; give --data.order {saved}, or start without a checkpoint")


def check_same_order(checkpoint: Mapping[str, Any], kind: OrderKind) -> None:
    """Refuse a checkpoint whose data module has the other kind of order.

    Raises:
        InputError: naming both kinds.
    """
    state = checkpoint.get("ArrayDataModule")
    if isinstance(state, Mapping) and "order" in state:
        check_kind(state["order"], kind)
