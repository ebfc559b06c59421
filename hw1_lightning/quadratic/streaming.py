"""Least squares in one pass over batches of any size, in constant memory.

Raw examples are buffered, because D numbers are far fewer than their M features; a full buffer is expanded in small
blocks and folded into the triangular factor of ``least_squares.py``. The result does not depend on the batches,
and minibatches of 32 cost as much as one large batch.
"""

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from hw1_lightning.quadratic.least_squares import Factor, empty_factor, inverse_norm, merge_factors, triangularize

# Sizes of a block of expanded rows, in numbers: 4 MiB stays in the processor's cache and is enough for the Gram matrix
# at full speed; a QR decomposition gains from taller blocks.
_GRAM_BLOCK = 2**19
_QR_BLOCK = 2**21
_GRAM_STRIP = 256
# The Gram matrix squares the condition number, so it is used only where that does no harm: where the columns, scaled
# to length one, have an inverse with columns of length 3 at most (root mean square; 1 is orthogonal).
_SAFE_INVERSE_LENGTH = 3.0
# The Cholesky method corrects a first fit, which should have at least so many examples, even for small M.
_PILOT_EXAMPLES = 2048


class StreamingLeastSquares:
    """Accumulates the factor of [features(x) y] over batches of examples.

    Args:
        features: maps inputs ``(n, D)`` to features ``(n, M)``, in float64.
        n_inputs: number of inputs D.
        n_outputs: number of outputs O.
        factor: start from this factor; by default from no examples.
        device: where to compute; it must support float64.

    Raises:
        ValueError: if a number is below 1.
        InputError: if the factor does not fit in memory.

    Example:
        >>> from hw1_lightning.quadratic.least_squares import solve_factor
        >>> from hw1_lightning.quadratic.features import quadratic_features
        >>> fit = StreamingLeastSquares(quadratic_features, n_inputs=1, n_outputs=1)
        >>> x = torch.arange(4.0).unsqueeze(1)
        >>> fit.add(x, 3 * x * x - x)
        >>> solve_factor(fit.factor()).coefficients.round(decimals=6).abs()
        tensor([[0., 1., 3.]], dtype=torch.float64)
    """

    def __init__(
        self,
        features: Callable[[Tensor], Tensor],
        n_inputs: int,
        n_outputs: int,
        factor: Factor | None = None,
        device: torch.device | None = None,
    ) -> None:
        if n_inputs < 1 or n_outputs < 1:
            raise ValueError(f"n_inputs is {n_inputs} and n_outputs is {n_outputs}; both must be at least 1")
        self._features, self._n_inputs, self._n_outputs = features, n_inputs, n_outputs
        probe = features(torch.zeros(1, n_inputs, dtype=torch.float64, device=device))
        side = probe.shape[1] + n_outputs
        self._factor = factor or empty_factor(probe.shape[1], n_outputs, device)
        self._buffer = torch.empty(max(64 * side, 2**14), n_inputs + n_outputs, dtype=torch.float64, device=device)
        self._filled = 0

    def add(self, x: Tensor, y: Tensor) -> None:
        """Add a batch; values are copied, gradients are not followed.

        Args:
            x: inputs, shape ``(..., D)``.
            y: targets, shape ``(..., O)``, or ``(...)`` when there is one output.

        Raises:
            ValueError: if the shapes do not match, or (once the buffer is full) if a value is NaN or infinite.
        """
        batch = x.shape[:-1]
        single = self._n_outputs == 1 and y.shape == batch
        if x.ndim < 1 or x.shape[-1] != self._n_inputs or not (single or y.shape == (*batch, self._n_outputs)):
            raise ValueError(
                f"x and y have shapes {tuple(x.shape)} and {tuple(y.shape)}; "
                f"allowed: (..., {self._n_inputs}) and (..., {self._n_outputs})"
            )
        x, y = x.detach().reshape(-1, self._n_inputs), y.detach().reshape(-1, self._n_outputs)
        while len(x):
            taken = min(len(x), len(self._buffer) - self._filled)
            free = self._buffer[self._filled : self._filled + taken]
            free[:, : self._n_inputs], free[:, self._n_inputs :] = x[:taken], y[:taken]
            self._filled += taken
            x, y = x[taken:], y[taken:]
            if self._filled == len(self._buffer):
                self._flush()

    def factor(self) -> Factor:
        """Return the factor of all examples so far.

        Raises:
            ValueError: if a value among them is NaN, infinite, or so large that its features overflow.
        """
        self._flush()
        return self._factor

    @torch.no_grad()
    def _flush(self) -> None:
        rows, self._filled = self._buffer[: self._filled], 0
        self._check_finite(rows)
        # The first examples always go through Householder: they give the first fit that _cholesky corrects.
        first = max(4 * len(self._factor.triangle), _PILOT_EXAMPLES) - int(self._factor.count)
        for part in (rows[: max(first, 0)], rows[max(first, 0) :]):
            if len(part):
                self._merge(part)

    def _merge(self, rows: Tensor) -> None:
        triangle, side = self._cholesky(rows), len(self._factor.triangle)
        if triangle is None:  # by Householder QR, each block stacked below the factor of the blocks before it
            triangle = rows.new_zeros(0, side)
            for block in self._blocks(rows, max(_QR_BLOCK // side, 2 * side)):
                triangle = triangularize(torch.cat((triangle, block)))
        if not triangle.isfinite().all():
            largest = rows[:, : self._n_inputs].abs().max()
            raise ValueError(f"the features of x overflow float64; its largest absolute value is {largest:.3g}")
        part = Factor(triangle, torch.tensor(len(rows), device=rows.device), self._n_outputs)
        self._factor = merge_factors(self._factor, part)

    def _blocks(self, rows: Tensor, size: int) -> Iterator[Tensor]:
        """Yield rows [features(x) y] of the buffered examples, ``size`` at a time."""
        for block in rows.split(size):
            yield torch.cat((self._features(block[:, : self._n_inputs]), block[:, self._n_inputs :]), dim=1)

    def _cholesky(self, rows: Tensor) -> Tensor | None:
        """Compute the factor from the Gram matrix, at less than half the cost; ``None`` if that is not accurate.

        The targets are replaced by their residuals from the fit so far, [X Y] = [X E] [I c; 0 I]. The rounding
        of X'X then affects only a small correction to that fit, and no digits cancel in the residual sum of squares.
        """
        pilot = self._pilot()
        if pilot is None or len(rows) < 2 * len(self._factor.triangle):
            return None
        gram, n_features = self._gram(rows, pilot), len(pilot)
        lengths = gram.diagonal().sqrt()
        scaled, failed = torch.linalg.cholesky_ex(gram / lengths / lengths.unsqueeze(1), upper=True)
        if failed or not _is_safe(scaled):
            return None
        triangle: Tensor = scaled * lengths
        triangle[:n_features, n_features:].addmm_(triangle[:n_features, :n_features], pilot)
        return triangle

    def _gram(self, rows: Tensor, pilot: Tensor) -> Tensor:
        """Return the upper triangle of [X E]'[X E]; blocks below it are zero."""
        side, n_features = len(self._factor.triangle), len(pilot)
        gram = rows.new_zeros(side, side)
        for block in self._blocks(rows, max(_GRAM_BLOCK // side, 1)):
            block[:, n_features:].addmm_(block[:, :n_features], pilot, alpha=-1)
            for start in range(0, side, _GRAM_STRIP):
                strip = slice(start, start + _GRAM_STRIP)
                gram[strip, start:].addmm_(block[:, strip].T, block[:, start:])
        return gram

    def _pilot(self) -> Tensor | None:
        """Return the fit so far, shape ``(M, O)``, or ``None`` while its design is not well-conditioned."""
        n_features = self._factor.n_features
        triangle, targets = self._factor.triangle[:n_features].tensor_split([n_features], dim=1)
        if not _is_safe(triangle / torch.linalg.vector_norm(triangle, dim=0)):
            return None
        return torch.linalg.solve_triangular(triangle, targets, upper=True)  # type: ignore[no-any-return]

    def _check_finite(self, rows: Tensor) -> None:
        bad = (~rows.isfinite()).nonzero()
        if len(bad):
            example, column = (int(i) for i in bad[0])
            name = f"x column {column}" if column < self._n_inputs else f"y column {column - self._n_inputs}"
            where = int(self._factor.count) + example
            raise ValueError(f"{name} is {rows[example, column]} in example {where}; allowed: finite numbers")


def _is_safe(triangle: Tensor) -> bool:
    """Whether a triangle with columns of length one is nearly orthogonal; false for NaN, from an empty column."""
    return inverse_norm(triangle) < _SAFE_INVERSE_LENGTH * math.sqrt(len(triangle))
