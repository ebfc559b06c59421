"""Blocked learning on tensors (products on any device, the sequential part on the CPU), and checks of arguments.

Formula (1) and its symbols are in ``learners.py``.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

LINKS = {"softmax": 0, "one_vs_rest": 1, "perceptron": 2}  # as numbers for compiled code
PRODUCT_BLOCK = 64  # shorter blocks wait more often for threads or for a GPU, longer ones pay more for the Gram matrix

Array = np.ndarray[Any, Any]
Rule = Callable[[Array, Array, Array, slice], None]
"""Called for each block with its scores (n, O), Gram matrix (n, n), coefficients to write (n, O) and slice."""


def in_compiled_loops(weight: Tensor) -> bool:
    """Return whether the products of a linear model run in compiled loops, which are faster than BLAS on a CPU."""
    return weight.device.type == "cpu"


def powers(shrink: float, block_size: int) -> Array:
    """Return shrink^k for k = 0..block_size, float64, shape ``(block_size + 1,)``; tiny ones become zero, not NaN."""
    return np.cumprod(np.concatenate([[1.0], np.full(block_size, shrink)]))


def run_blocks(
    weight: Tensor, inputs: Tensor, scale: float, decay: Array, rule: Rule, *, dtype: torch.dtype | None = None
) -> None:
    """Update ``weight`` by all examples in order, in blocks of ``len(decay) - 1``.

    Args:
        weight: W, shape ``(O, D)``, updated in place.
        inputs: shape ``(n, D)``, any dtype, on the device of ``weight``; learning sees ``inputs * scale``.
        scale: factor of the inputs.
        decay: powers of the shrinkage of one step, see :func:`powers`.
        rule: the sequential part, which writes the block's coefficients.
        dtype: precision of products and sums; by default that of ``weight``.
    """
    work = weight.to(dtype or weight.dtype)
    exactly = torch.autocast(weight.device.type, enabled=False)  # formula (1) does not hold in mixed precision
    for start in range(0, len(inputs), len(decay) - 1):
        part = slice(start, min(start + len(decay) - 1, len(inputs)))
        x = (inputs[part].to(weight.dtype) * scale).to(work.dtype)
        with exactly:
            scores, gram = (x @ work.T).cpu().numpy(), (x @ x.T).cpu().numpy()
            coefficients = np.zeros_like(scores)
            rule(scores, gram, coefficients, part)
            work.addmm_(torch.from_numpy(coefficients).to(x.device).T, x, beta=float(decay[len(x)]))
    if work is not weight:
        weight.copy_(work)


@contextmanager
def as_arrays(tensors: Sequence[Tensor]) -> Iterator[tuple[Array, ...]]:
    """Yield contiguous NumPy arrays of tensors on any device, and copy them back afterwards."""
    copies = [tensor.detach().cpu().contiguous() for tensor in tensors]
    yield tuple(copy.numpy() for copy in copies)
    for tensor, copy in zip(tensors, copies, strict=True):
        if copy.data_ptr() != tensor.data_ptr():
            tensor.detach().copy_(copy)


def plain_inputs(inputs: Tensor, dtype: torch.dtype) -> Array:
    """Return inputs for a compiled loop: bytes, or numbers in the weights' dtype; contiguous, on the CPU."""
    return as_vector(inputs if inputs.dtype == torch.uint8 else inputs.to(dtype))


def as_vector(tensor: Tensor) -> Array:
    """Return a contiguous NumPy view or copy of a tensor, for reading only."""
    return tensor.detach().cpu().contiguous().numpy()


def check_run(
    weight: Tensor, bias: Tensor, inputs: Tensor, targets: Tensor, n_classes: int, block_size: int | None
) -> None:
    """Check shapes, dtypes and values of the arguments that all learners share.

    Raises:
        ValueError: with a line that names the argument, its value and the allowed values.
    """
    if weight.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"weight must be float32 or float64, got {weight.dtype}")
    if bias.shape != weight.shape[:1] or bias.dtype != weight.dtype:
        raise ValueError(
            f"bias must have shape ({weight.shape[0]},) and dtype {weight.dtype}, got {tuple(bias.shape)} {bias.dtype}"
        )
    if inputs.ndim != 2 or inputs.shape[1] != weight.shape[1]:
        raise ValueError(f"inputs must have shape (n, {weight.shape[1]}), got {tuple(inputs.shape)}")
    if targets.shape != inputs.shape[:1] or targets.dtype != torch.int64:
        raise ValueError(
            f"targets must be int64 of shape ({len(inputs)},), got {targets.dtype} of shape {tuple(targets.shape)}"
        )
    if len(targets) and not 0 <= int(targets.min()) <= int(targets.max()) < n_classes:
        raise ValueError(f"targets must be in 0..{n_classes - 1}, got {int(targets.min())}..{int(targets.max())}")
    if block_size is not None and block_size < 1:
        raise ValueError(f"block_size must be at least 1, got {block_size}")


def check_rates(**rates: float) -> None:
    """Check that rates and penalties are finite numbers of at least 0.

    Raises:
        ValueError: naming the first argument that is not.
    """
    for name, value in rates.items():
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f"{name} must be a finite number of at least 0, got {value}")


def check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Check that a value is one of the allowed ones.

    Raises:
        ValueError: naming the argument, its value and the allowed values.
    """
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")
