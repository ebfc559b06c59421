"""A stack of optimiser steps as one CUDA graph: captured once, replayed for every stack of its shape."""

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor

from hw1_lightning.training.optimization import Optimization

Step = Callable[[Tensor, Tensor], Tensor]


class Graph(Protocol):
    """The part of ``torch.cuda.CUDAGraph`` that hw1 uses."""

    def replay(self) -> None:
        """Repeat the captured work on what is in its memory now."""


def why_not_captured(optimization: Optimization) -> str | None:
    """Return why such steps cannot be replayed, or ``None`` if they can.

    A graph repeats the numbers that it was captured with. Only SGD's steps have none that change from step to step.
    """
    if optimization.optimizer != "SGD":
        return f"optimizer {optimization.optimizer} changes numbers from step to step"
    if optimization.lr_scheduler is not None and optimization.lr_scheduler_interval == "step":
        return f"{optimization.lr_scheduler} changes the rate at each step"
    return None


def cuda_graph(work: Callable[[], Tensor]) -> tuple[Graph, Tensor]:
    """Capture work on the current CUDA device without executing it.

    Args:
        work: launches kernels and does not read their results.

    Returns:
        The graph, and the tensor that ``work`` returned, which each replay fills.
    """
    graph: Any = torch.cuda.CUDAGraph()  # its annotations are incomplete
    with torch.cuda.graph(graph):
        result = work()
    return graph, result


Capture = Callable[[Callable[[], Tensor]], tuple[Graph, Tensor]]
# A graph, the memory of the inputs and targets that it reads and of the losses that it writes, and its learning rate.
Captured = tuple[Graph, Tensor, Tensor, Tensor, float]


class CapturedSteps:
    """Executes stacks of steps by replaying graphs, one for each shape of stack.

    The first stack of a shape is executed eagerly. This is the warm-up that a capture requires: it loads libraries and
    makes the optimiser's buffers. Dropout draws the same numbers as without graphs, since a replay advances torch's
    random generator as its kernels did. A new learning rate leads to a new capture.

    Args:
        steps: takes the steps of a stack without a graph, ``(inputs, targets) -> losses``.
        capture: makes a graph from a function.
    """

    def __init__(self, steps: Step, capture: Capture = cuda_graph) -> None:
        self.steps, self.capture = steps, capture
        self._seen: set[torch.Size] = set()
        self._captured: dict[torch.Size, Captured] = {}

    def __call__(self, inputs: Tensor, targets: Tensor, rate: float) -> Tensor:
        """Take the steps of one stack.

        Args:
            inputs: shape ``(K, B, ...)``.
            targets: shape ``(K, B)``.
            rate: the current learning rate.

        Returns:
            The loss of each minibatch, shape ``(K,)``.
        """
        shape = inputs.shape
        if shape not in self._seen:
            self._seen.add(shape)
            return self.steps(inputs, targets)
        if shape not in self._captured or self._captured[shape][-1] != rate:
            self._captured[shape] = self._capture(inputs, targets, rate)
        graph, read_inputs, read_targets, losses, _ = self._captured[shape]
        read_inputs.copy_(inputs)
        read_targets.copy_(targets)
        graph.replay()
        return losses.clone()

    def _capture(self, inputs: Tensor, targets: Tensor, rate: float) -> Captured:
        # Own memory, since a graph always reads from the addresses that it was captured with.
        inputs, targets = inputs.clone(), targets.clone()
        graph, losses = self.capture(lambda: self.steps(inputs, targets))
        return graph, inputs, targets, losses, rate
