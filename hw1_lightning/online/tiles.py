"""Inner products and updates of two rows of weights with four examples at a time, compiled, from the inputs' bytes.

The time of a linear model with few classes is that of reading weights and examples. A tile of two rows and four
examples reads each number once for several products; weights stay in the second-level cache, and a stretch of four
examples in the first. Inputs are converted to floats in registers. The caller scales the results.
"""

import numpy as np

from hw1_lightning.online.blocks import Array
from hw1_lightning.online.rules import compiled

STRETCH = 2048  # so many features are summed in the weights' dtype, and these sums in float64


@compiled
def tile_products(u: Array, v: Array, a: Array, b: Array, c: Array, d: Array, out: Array) -> None:
    """Add the inner products of rows ``u`` and ``v`` with four vectors of any dtype to ``out``, shape ``(2, 4)``."""
    real = u.dtype.type
    u_a = u_b = u_c = u_d = v_a = v_b = v_c = v_d = real(0)
    for j in range(u.size):
        left, right = u[j], v[j]
        x_a, x_b, x_c, x_d = real(a[j]), real(b[j]), real(c[j]), real(d[j])
        u_a += left * x_a
        u_b += left * x_b
        u_c += left * x_c
        u_d += left * x_d
        v_a += right * x_a
        v_b += right * x_b
        v_c += right * x_c
        v_d += right * x_d
    for k, (left, right) in enumerate(((u_a, v_a), (u_b, v_b), (u_c, v_c), (u_d, v_d))):
        out[0, k] += left
        out[1, k] += right


@compiled
def tile_update(u: Array, v: Array, lost: float, steps: Array, a: Array, b: Array, c: Array, d: Array) -> None:
    """Take the share ``lost`` from rows ``u`` and ``v``, and add the four vectors times ``steps``, ``(2, 4)``.

    A small share is subtracted since 1 - lost, rounded to float32, would be wrong by the same amount at every step.
    """
    real = u.dtype.type
    s = real(lost)
    u_a, u_b, u_c, u_d = real(steps[0, 0]), real(steps[0, 1]), real(steps[0, 2]), real(steps[0, 3])
    v_a, v_b, v_c, v_d = real(steps[1, 0]), real(steps[1, 1]), real(steps[1, 2]), real(steps[1, 3])
    for j in range(u.size):
        x_a, x_b, x_c, x_d = real(a[j]), real(b[j]), real(c[j]), real(d[j])
        u[j] = u[j] - s * u[j] + u_a * x_a + u_b * x_b + u_c * x_c + u_d * x_d
        v[j] = v[j] - s * v[j] + v_a * x_a + v_b * x_b + v_c * x_c + v_d * x_d


@compiled
def gram_of_four(inputs: Array, out: Array) -> None:
    """Write the inner products of up to four inputs to the lower triangle of ``out``, ``(4, 4)``, in its dtype."""
    real, last = out.dtype.type, inputs.shape[0] - 1
    a, b, c, d = inputs[0], inputs[min(1, last)], inputs[min(2, last)], inputs[last]
    aa = bb = cc = dd = ab = ac = ad = bc = bd = cd = real(0)
    for j in range(a.size):
        x_a, x_b, x_c, x_d = real(a[j]), real(b[j]), real(c[j]), real(d[j])
        aa += x_a * x_a
        bb += x_b * x_b
        cc += x_c * x_c
        dd += x_d * x_d
        ab += x_a * x_b
        ac += x_a * x_c
        ad += x_a * x_d
        bc += x_b * x_c
        bd += x_b * x_d
        cd += x_c * x_d
    out[0, 0], out[1, 1], out[2, 2], out[3, 3] = aa, bb, cc, dd
    out[1, 0], out[2, 0], out[3, 0], out[2, 1], out[3, 1], out[3, 2] = ab, ac, ad, bc, bd, cd


@compiled
def class_products(weight: Array, inputs: Array, out: Array) -> None:
    """Write the inner products of n inputs with the C rows of ``weight`` to ``out[:n, :C]``, float64."""
    n, n_classes, n_features = inputs.shape[0], weight.shape[0], weight.shape[1]
    tile = np.empty((2, 4))
    for i in range(0, n, 4):
        i1, i2, i3 = min(i + 1, n - 1), min(i + 2, n - 1), min(i + 3, n - 1)
        for r in range(0, n_classes, 2):
            r1 = min(r + 1, n_classes - 1)
            tile[:] = 0
            for start in range(0, n_features, STRETCH):
                s = slice(start, min(start + STRETCH, n_features))
                tile_products(
                    weight[r, s], weight[r1, s], inputs[i, s], inputs[i1, s], inputs[i2, s], inputs[i3, s], tile
                )
            for k in range(min(4, n - i)):
                out[i + k, r] = tile[0, k]
                out[i + k, r1] = tile[1, k]


@compiled
def add_examples(weight: Array, lost: float, steps: Array, inputs: Array) -> None:
    """Take the share ``lost`` from the C rows of ``weight``, and add ``steps[:C, :n]`` times the n inputs.

    ``steps`` has an even number of rows, at least C, and columns up to the next multiple of four, zeros beyond n.
    """
    n, n_classes = inputs.shape[0], weight.shape[0]
    spare = np.zeros(weight.shape[1], weight.dtype)
    for i in range(0, n, 4):
        i1, i2, i3 = min(i + 1, n - 1), min(i + 2, n - 1), min(i + 3, n - 1)
        share = lost if i == 0 else 0.0
        for r in range(0, n_classes, 2):
            second = weight[r + 1] if r + 1 < n_classes else spare
            four = steps[r : r + 2, i : i + 4]
            tile_update(weight[r], second, share, four, inputs[i], inputs[i1], inputs[i2], inputs[i3])
