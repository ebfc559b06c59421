"""A stack of optimiser steps as one CUDA graph: captured once, replayed for every stack of its shape."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from hw1_lightning.training.optimization import Optimization

Step = Callable[[Tensor, Tensor], Tensor]


class Graph(Protocol):
    """What is needed of ``torch.cuda.CUDAGraph``."""

    def replay(self) -> None:
        """Do again what was captured, with what now lies in the same memory."""


def why_not_captured(optimization: Optimization) -> str | None:
    """Why such steps cannot be replayed, or ``None``: they can.

    A graph repeats the very numbers it was captured with; only SGD's steps have none that change.
    """
    if optimization.optimizer != "SGD":
        return f"optimizer {optimization.optimizer} changes numbers from step to step"
    if optimization.lr_scheduler is not None and optimization.lr_scheduler_interval == "step":
        return f"{optimization.lr_scheduler} changes the rate at each step"
    return None


def cuda_graph(work: Callable[[], Tensor]) -> tuple[Graph, Tensor]:
    """Capture work on the current CUDA device, which is not done yet then.

    Args:
        work: launches kernels, without a look at their results.

    Returns:
        The graph, and what the work returned: memory that a replay fills.
    """
    graph: Any = torch.cuda.CUDAGraph()  # its annotations are incomplete
    with torch.cuda.graph(graph):
        result = work()
    return graph, result


Capture = Callable[[Callable[[], Tensor]], tuple[Graph, Tensor]]


@dataclass(frozen=True)
class Captured:
    """A graph with the memory that it reads and fills, and the rate that is part of it."""

    graph: Graph
    inputs: Tensor
    targets: Tensor
    losses: Tensor
    rate: float


class CapturedSteps:
    """Executes stacks of steps by replaying graphs, one for each shape of stack.

    The first stack of a shape is executed eagerly, which is a warm-up (libraries and the optimiser's buffers are then
    there) that loses nothing. Dropout draws what it would draw eagerly: a CUDA graph moves torch's generator on as its
    kernels did. A rate that a schedule changes after an epoch is captured anew.

    Args:
        steps: takes the steps of a stack eagerly, ``(inputs, targets) -> losses``.
        capture: makes a graph of work.
    """

    def __init__(
        self, steps: Step, capture: Callable[[Callable[[], Tensor]], tuple[Graph, Tensor]] = cuda_graph
    ) -> None:
        self.steps, self.capture = steps, capture
        self._seen: set[torch.Size] = set()
        self._captured: dict[torch.Size, Captured] = {}

    def __call__(self, inputs: Tensor, targets: Tensor, rate: float) -> Tensor:
        """Take the steps of one stack.

        Args:
            inputs: shape ``(K, B, ...)``.
            targets: shape ``(K, B)``.
            rate: the learning rate that holds now.

        Returns:
            The loss of each minibatch, shape ``(K,)``.
        """
        shape = inputs.shape
        if shape not in self._seen:
            self._seen.add(shape)
            return self.steps(inputs, targets)
        captured = self._captured.get(shape)
        if captured is None or captured.rate != rate:
            captured = self._captured[shape] = self._capture(inputs, targets, rate)
        captured.inputs.copy_(inputs)
        captured.targets.copy_(targets)
        captured.graph.replay()
        return captured.losses.clone()

    def _capture(self, inputs: Tensor, targets: Tensor, rate: float) -> Captured:
        # Memory of its own, since a graph reads from where it was captured.
        inputs, targets = inputs.clone(), targets.clone()
        graph, losses = self.capture(lambda: self.steps(inputs, targets))
        return Captured(graph, inputs, targets, losses, rate)
