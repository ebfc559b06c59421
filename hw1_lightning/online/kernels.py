"""Compiled inner products and updates over stretches of features, the parts of ``sweeps.py``.

Weights and the examples of a block are laid out in stretches, shape ``(stretches, rows, features of a stretch)``, with
zeros after the last feature: a stretch of four examples stays in the first-level cache while all rows of weights are
read. The inner loops are simple, so that the compiler turns each into vector instructions.
"""

import numpy as np

from hw1_lightning.online.rules import Array, compiled


@compiled
def load(vector: Array, scale: float, out: Array, row: int) -> float:
    """Write ``vector`` times ``scale`` in stretches to ``out[:, row]``, and return its squared norm."""
    length, total = out.shape[2], 0.0
    factor = out.dtype.type(scale)
    for s in range(out.shape[0]):
        part, to = vector[s * length : (s + 1) * length], out[s, row]
        squares = out.dtype.type(0)
        for j in range(part.size):
            value = out.dtype.type(part[j]) * factor
            to[j] = value
            squares += value * value
        total += squares
    return total


@compiled
def exact_dot(a: Array, i: int, b: Array, k: int) -> float:
    """Return the inner product of row i of ``a`` and row k of ``b``, computed in float64."""
    total = 0.0
    for s in range(a.shape[0]):
        left, right = a[s, i], b[s, k]
        for j in range(left.size):
            total += np.float64(left[j]) * np.float64(right[j])
    return total


@compiled
def dot_four(row: Array, a: Array, b: Array, c: Array, d: Array, out: Array) -> None:
    """Add the inner products of ``row`` with four vectors to ``out[:4]``, and its squared norm to ``out[4]``."""
    to_a = to_b = to_c = to_d = squares = row.dtype.type(0)
    for j in range(row.size):
        value = row[j]
        to_a += value * a[j]
        to_b += value * b[j]
        to_c += value * c[j]
        to_d += value * d[j]
        squares += value * value
    out[0] += to_a
    out[1] += to_b
    out[2] += to_c
    out[3] += to_d
    out[4] += squares


@compiled
def products(rows: Array, n_rows: int, x: Array, sums: Array) -> None:
    """Write inner products of rows and examples to ``sums[i // 4, r, i % 4]``, squared norms to ``[..., 4]``."""
    sums[:] = 0
    for s in range(rows.shape[0]):
        row_part, x_part = rows[s], x[s]
        for group in range(sums.shape[0]):
            i = 4 * group
            for r in range(n_rows):
                out = sums[group, r]
                dot_four(row_part[r], x_part[i], x_part[i + 1], x_part[i + 2], x_part[i + 3], out)


@compiled
def read_products(sums: Array, n: int, out: Array) -> None:
    """Write the products of n examples from ``sums`` to the rows of ``out``."""
    for i in range(n):
        out[i] = sums[i // 4, :, i % 4]


@compiled
def add_four(row: Array, shrink: float, steps: Array, a: Array, b: Array, c: Array, d: Array) -> None:
    """Replace ``row`` by shrink row + steps[0] a + steps[1] b + steps[2] c + steps[3] d."""
    real = row.dtype.type
    s, s_a, s_b, s_c, s_d = real(shrink), real(steps[0]), real(steps[1]), real(steps[2]), real(steps[3])
    for j in range(row.size):
        row[j] = s * row[j] + s_a * a[j] + s_b * b[j] + s_c * c[j] + s_d * d[j]


@compiled
def add_block(rows: Array, shrink: float, steps: Array, x: Array) -> None:
    """Replace all rows r by shrink row + the sum over examples i of ``steps[i, r]`` x_i, n a multiple of four."""
    for s in range(rows.shape[0]):
        row_part, x_part = rows[s], x[s]
        for i in range(0, steps.shape[0], 4):
            factor = shrink if i == 0 else 1.0
            for r in range(steps.shape[1]):
                four = steps[i : i + 4, r]
                add_four(row_part[r], factor, four, x_part[i], x_part[i + 1], x_part[i + 2], x_part[i + 3])


@compiled
def move(to: Array, away: Array, example: Array) -> None:
    """Add ``example`` to one row and subtract it from another."""
    for j in range(example.size):
        to[j] += example[j]
        away[j] -= example[j]


@compiled
def plain_dot(a: Array, b: Array) -> float:
    """Return the inner product of two vectors, computed in their dtype."""
    total: float = a.dtype.type(0)
    for j in range(a.size):
        total += a[j] * b[j]
    return total


@compiled
def sparsify(row: Array, shrink: float, step: float, example: Array, threshold: float) -> None:
    """Replace ``row`` by soft(shrink row + step example), soft(v) = sign(v) max(|v| - threshold, 0)."""
    real = row.dtype.type
    s, d, t = real(shrink), real(step), real(threshold)
    for j in range(row.size):
        value = s * row[j] + d * example[j]
        row[j] = value - min(max(value, -t), t)
