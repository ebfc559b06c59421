"""The matrix products of a network's first layer: torch's library next to NumPy's, and the update fused into one.

Each library has a process of its own, and then both take turns in one: the waiting threads of one take the processor
from the other.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.data import BenchmarkData
from benchmarks.harness import Table, tabulate

BATCHES, HIDDEN, FEATURES, REPEATS, RATE = (64, 256, 512, 1024), 200, 6912, 15, 1e-6
EVALUATED, EVALUATION_BATCH = 874, 128  # the validation split of the part file
Works = dict[str, Callable[[], object]]


def by_numpy(batch: int) -> Works:
    """Return the forward product and the product for the gradient, both with the faster layout of the weights."""
    x, w, d = (draw(shape).numpy() for shape in ((batch, FEATURES), (FEATURES, HIDDEN), (batch, HIDDEN)))
    scores, gradient = np.empty_like(d), np.empty_like(w)
    return {"forward": lambda: np.matmul(x, w, out=scores), "gradient": lambda: np.matmul(x.T, d, out=gradient)}


def by_torch(batch: int) -> Works:
    """Return the same, the update of the weights by the gradient, and both in one call."""
    x, w, d = (draw(shape) for shape in ((batch, FEATURES), (FEATURES, HIDDEN), (batch, HIDDEN)))
    scores, gradient = torch.empty_like(d), torch.empty_like(w)
    return {
        "forward": lambda: torch.mm(x, w, out=scores),
        "gradient": lambda: torch.mm(x.t(), d, out=gradient),
        "update": lambda: w.add_(gradient, alpha=-RATE),
        "gradient and update in one": lambda: w.addmm_(x.t(), d, alpha=-RATE),
    }


def by_both(batch: int) -> Works:
    """Return the products of both libraries, which take turns."""
    chosen = {"torch": by_torch(batch), "numpy": by_numpy(batch)}
    return {f"{library} {work}": chosen[library][work] for work in ("forward", "gradient") for library in chosen}


def evaluations() -> Works:
    """Return ways to compute the first layer on the validation split from bytes, in minibatches."""
    inputs = torch.randint(0, 256, (EVALUATED, FEATURES), dtype=torch.uint8)
    w, bias, converted = draw((HIDDEN, FEATURES)), torch.zeros(HIDDEN), inputs.float()
    buffer = torch.empty(EVALUATION_BATCH, FEATURES)

    def over(layer: Callable[[slice], object]) -> Callable[[], object]:
        return lambda: [layer(slice(i, i + EVALUATION_BATCH)) for i in range(0, EVALUATED, EVALUATION_BATCH)]

    def buffered(part: slice) -> torch.Tensor:
        return torch.addmm(bias, buffer[: len(inputs[part])].copy_(inputs[part]), w.t(), alpha=1 / 256)

    return {
        "as hw1 does": over(lambda part: torch.addmm(bias, inputs[part].float().mul_(1 / 256), w.t())),
        "the product is scaled": over(lambda part: torch.addmm(bias, inputs[part].float(), w.t(), alpha=1 / 256)),
        "and into the same memory": over(buffered),
        "converted once": over(lambda part: torch.addmm(bias, converted[part], w.t(), alpha=1 / 256)),
    }


def draw(shape: tuple[int, int]) -> torch.Tensor:
    """Return random numbers of the size of derivatives."""
    return torch.randn(shape) * 1e-3


def tables(data: BenchmarkData, rounds: int) -> list[Table]:
    """Compare both libraries for each batch size, and ways to evaluate; the data do not matter."""
    made = []
    for batch in BATCHES:
        measured: dict[str, list[float]] = {}
        for _ in range(rounds):
            for library in ("torch", "numpy", "in one process"):
                for work, seconds in _in_a_process(library, batch).items():
                    measured.setdefault(f"{library}: {work}", []).append(seconds)
        made.append(tabulate(f"products of {batch} examples with 6912 x 200 weights", measured))
    evaluated: dict[str, list[float]] = {}
    for _ in range(rounds):
        for work, seconds in _in_a_process("evaluation", 0).items():
            evaluated.setdefault(work, []).append(seconds)
    return [*made, tabulate("first layer on the validation split", evaluated)]


def _in_a_process(library: str, batch: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.products", library, str(batch)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _medians(works: Works) -> dict[str, float]:
    """Return the median seconds of works that take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(REPEATS):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - start)
    return {name: float(np.median(turns)) for name, turns in seconds.items()}


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    asked, size = sys.argv[1], int(sys.argv[2])
    chosen = {"torch": by_torch, "numpy": by_numpy, "in one process": by_both}
    print(json.dumps(_medians(chosen[asked](size) if size else evaluations())))
