"""Random designs, teacher data, the streamed factor of it, and a reference solver beyond float64."""

import numpy as np
import torch
from torch import Tensor

from hw1_lightning.quadratic.features import quadratic_feature_count, quadratic_features
from hw1_lightning.quadratic.least_squares import Factor
from hw1_lightning.quadratic.streaming import StreamingLeastSquares


def random_tensors(seed: int, *shapes: tuple[int, ...]) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]


def conditioned(seed: int, n: int, m: int, condition: float) -> Tensor:
    """A design of exactly this condition number."""
    a, b = random_tensors(seed, (n, m), (m, m))
    values = torch.logspace(0, -np.log10(condition), m, dtype=torch.float64)
    design: Tensor = torch.linalg.qr(a).Q @ values.diag() @ torch.linalg.qr(b).Q
    return design


def of_rank(seed: int, n: int, m: int, rank: int) -> Tensor:
    a, b = random_tensors(seed, (n, rank), (rank, m))
    return a @ b


def teacher(seed: int, n: int, d: int, o: int = 1, noise: float = 0.5) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, d, generator=generator, dtype=torch.float64)
    c = torch.randn(o, quadratic_feature_count(d), generator=generator, dtype=torch.float64)
    return x, quadratic_features(x) @ c.T + noise * torch.randn(n, o, generator=generator, dtype=torch.float64)


def stream(x: Tensor, y: Tensor, batch_size: int | None = None) -> Factor:
    fit = StreamingLeastSquares(quadratic_features, x.shape[-1], y.shape[-1])
    for rows in torch.arange(len(x)).split(batch_size or max(len(x), 1)):
        fit.add(x[rows], y[rows])
    return fit.factor()


def long_double_solution(x: Tensor, y: Tensor) -> tuple[np.ndarray, float]:
    """Least squares by modified Gram-Schmidt, twice, in 64-bit mantissas: the reference beyond float64."""
    q, rest = x.numpy().astype(np.longdouble), y.numpy().astype(np.longdouble)[:, 0]
    m = q.shape[1]
    r, z, c = np.zeros((m, m), np.longdouble), np.zeros(m, np.longdouble), np.zeros(m, np.longdouble)
    for k in range(m):
        for j in [*range(k), *range(k)]:
            part = q[:, j] @ q[:, k]
            r[j, k] += part
            q[:, k] -= part * q[:, j]
        r[k, k] = np.sqrt(q[:, k] @ q[:, k])
        q[:, k] /= r[k, k]
    for k in [*range(m), *range(m)]:
        part = q[:, k] @ rest
        z[k] += part
        rest -= part * q[:, k]
    for k in reversed(range(m)):
        c[k] = (z[k] - r[k, k + 1 :] @ c[k + 1 :]) / r[k, k]
    return c, float(rest @ rest)
