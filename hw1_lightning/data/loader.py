"""Loaders: a batch is a stack of minibatches, so that one training_step takes many optimiser steps."""

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor

from hw1_lightning.data.arrays import Split
from hw1_lightning.data.order import Order
from hw1_lightning.errors import InputError

Minibatch = tuple[Tensor, Tensor]
Item = TypeVar("Item")
Result = TypeVar("Result")

# Examples in one stack by default: enough that the framework's cost per call is small compared with the steps (32 steps
# of 64), few enough that a stack of raw 48x48 photographs is 14 MB.
EXAMPLES_PER_STACK = 2048


class Stack(NamedTuple):
    """K minibatches of B examples: inputs ``(K, B, *input_shape)``, targets ``(K, B)`` or ``(K, B, O)``."""

    inputs: Tensor
    targets: Tensor


def flat(batch: Stack | Minibatch) -> Minibatch:
    """Return the examples of a stack or a minibatch: inputs ``(n, *input_shape)`` and targets ``(n, ...)``."""
    inputs, targets = batch
    return (inputs.flatten(0, 1), targets.flatten(0, 1)) if isinstance(batch, Stack) else (inputs, targets)


def one_ahead(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Map as ``map`` does, but compute the next result in a thread while the caller uses the current one."""
    with ThreadPoolExecutor(1) as pool:
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > 1:
                yield waiting.popleft().result()
        if waiting:
            yield waiting.popleft().result()


class StackLoader:
    """Yields minibatches in stacks, so that one call of ``training_step`` takes many optimiser steps.

    A stack is ``(inputs, targets)`` of shapes ``(K, B, *input_shape)`` and ``(K, B)``, or ``(K, B, O)`` for
    regression: K minibatches of B examples, in the stored dtype. An incomplete last minibatch of b < B examples is
    a stack of its own, ``(1, b, ...)``. K changes neither which examples form a minibatch nor their order.

    With an ``Order`` the examples are shuffled anew in each epoch.

    An interrupted epoch resumes where it stopped: Lightning keeps ``state_dict`` in checkpoints.

    Args:
        examples: what to iterate over.
        batch_size: examples in one minibatch, B.
        steps_per_execution: minibatches in one stack, K; ``None`` makes stacks of about 2,048 examples.
        order: draws the order of each epoch; ``None`` keeps the stored order.
        device: where the examples are; the order of an epoch is moved there in one piece.
        stacked: ``False`` yields single minibatches, ``(inputs, targets)``, in the same order.
        limit: how many stacks or minibatches of an epoch are used; ``None`` for all.
        ahead: ``True`` copies the examples of the next stack in a thread while the caller uses the current one.
    """

    def __init__(
        self,
        examples: Split,
        batch_size: int,
        steps_per_execution: int | None = None,
        order: Order | None = None,
        device: torch.device | None = None,
        stacked: bool = True,
        limit: int | None = None,
        ahead: bool = False,
    ) -> None:
        self.examples, self.batch_size = examples, batch_size
        self.steps_per_execution = (steps_per_execution or max(1, EXAMPLES_PER_STACK // batch_size)) if stacked else 1
        self.order, self.device = order, device
        self.stacked, self.limit, self.ahead = stacked, limit, ahead
        self._begun: Any = torch.empty(0, dtype=torch.uint8)
        self._yielded, self._skip = 0, 0

    def __len__(self) -> int:
        """Return the number of stacks in an epoch."""
        full, ragged = divmod(len(self.examples), self.batch_size)
        return math.ceil(full / self.steps_per_execution) + (ragged > 0)

    def __iter__(self) -> Iterator[Stack | Minibatch]:
        """Yield the stacks, or minibatches, of one epoch."""
        skip, self._skip = self._skip, 0
        if skip and self.order is not None:
            self.order.restore(self._begun)
        self._begun = torch.empty(0, dtype=torch.uint8) if self.order is None else self.order.state()
        order = None if self.order is None else self.order.draw(len(self.examples)).to(self.device)
        apply = one_ahead if self.ahead else map
        stacks = apply(lambda bounds: self._take(order, *bounds), list(self.bounds())[skip:])
        for number in range(skip, len(self)):
            self._yielded = number + 1
            if number == len(self) - 1 and self.order is not None:
                self.order.end_epoch(len(self.examples))
            yield next(stacks)  # without a name, which would keep it in memory next to the following one

    def bounds(self) -> Iterator[tuple[int, int, int]]:
        """Yield the first example, the end and the batch size of each stack."""
        full = len(self.examples) // self.batch_size * self.batch_size
        for start in range(0, full, self.batch_size * self.steps_per_execution):
            yield start, min(start + self.batch_size * self.steps_per_execution, full), self.batch_size
        if full < len(self.examples):
            yield full, len(self.examples), len(self.examples) - full

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the order at the start of the epoch and the number of stacks since; 0 between epochs."""
        per_epoch = len(self) if self.limit is None else min(self.limit, len(self))
        return {"begun": self._begun, "handed_out": self._yielded % per_epoch if per_epoch else 0}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Resume that epoch in the next iteration."""
        self._begun, self._skip = state_dict["begun"], state_dict["handed_out"]

    def _take(self, order: Tensor | None, start: int, stop: int, batch_size: int) -> Stack | Minibatch:
        # In the stored order a slice is a view: evaluation copies nothing.
        inputs, targets = self.examples.take(slice(start, stop) if order is None else order[start:stop])
        if not self.stacked:
            return inputs, targets
        return Stack(inputs.view(-1, batch_size, *inputs.shape[1:]), targets.view(-1, batch_size, *targets.shape[1:]))


class ShardLoader:
    """Iterates over this process's share of a split, for computations that do not depend on minibatches.

    The parts of all processes are the whole split: nothing is read twice, nothing is left out, nothing is padded.
    They differ by one example at most, and every process gets the same number of stacks, ``(1, b, ...)``, none of them
    empty, since Lightning synchronises the processes at every one.

    Args:
        examples: the whole split.
        stack_size: about how many examples make a stack.
        rank: which process this is, from 0.
        world_size: number of processes.
        stacked: ``False`` yields minibatches, ``(inputs, targets)``.

    Raises:
        InputError: if there are more processes than examples.
    """

    def __init__(self, examples: Split, stack_size: int, rank: int, world_size: int, stacked: bool = True) -> None:
        if len(examples) < world_size:
            most = len(examples)
            raise InputError(f"{world_size} processes cannot share {most} examples; use at most {most}")
        self.examples, self.stack_size = examples, stack_size
        self.rank, self.world_size, self.stacked = rank, world_size, stacked

    def __len__(self) -> int:
        """Return the number of stacks, the same for every process."""
        largest = math.ceil(len(self.examples) / self.world_size)
        return min(math.ceil(largest / self.stack_size), len(self.examples) // self.world_size)

    def __iter__(self) -> Iterator[Stack | Minibatch]:
        """Yield the stacks, or minibatches, of this part."""
        first, end = (len(self.examples) * rank // self.world_size for rank in (self.rank, self.rank + 1))
        bounds = [first + (end - first) * index // len(self) for index in range(len(self) + 1)]
        for start, stop in pairwise(bounds):
            inputs, targets = self.examples.take(slice(start, stop))
            yield Stack(inputs[None], targets[None]) if self.stacked else (inputs, targets)
