"""Least squares in quadratic features: hw1 compared with scikit-learn's pipeline, each in its own process.

``python -m benchmarks.quadratic CONTESTANT N FOLDER`` is one such process.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.data import BenchmarkData
from benchmarks.harness import Table, interleave, tabulate

N_INPUTS = 30
COUNT = 200_000
SIZES = (200_000, 1_000_000, 10_000_000)
# The largest allowed difference of predictions, as a share of the largest prediction.
TOLERANCE = 1e-8


def tables(data: BenchmarkData, rounds: int, count: int = COUNT, sizes: Sequence[int] = SIZES) -> list[Table]:
    """Compare time and memory, and measure how both grow with the number of examples.

    Both fit the same float32 examples in float64. hw1's seconds are a whole ``Trainer.fit``: making the examples,
    validation on 2,000 and the framework included. scikit-learn's are ``fit`` alone, its arrays in memory already.
    Memory is the peak of the whole process, imports included: Lightning and torch for hw1, scikit-learn and NumPy for
    the other.

    Args:
        data: not used; the examples are the Teacher's.
        rounds: interleaved rounds that count; the table of sizes has one round.
        count: number of examples N of the comparison.
        sizes: numbers of examples of the table of sizes.

    Raises:
        RuntimeError: if their predictions differ by more than ``TOLERANCE``.
    """
    contestants = {"hw1 QuadraticRegression, everything included": "hw1", "scikit-learn, fit alone": "sklearn"}
    memory: dict[str, list[float]] = {name: [] for name in contestants}
    with tempfile.TemporaryDirectory(prefix="hw1-benchmark-") as folder:
        _process("export", count, folder)

        def turn(name: str) -> float:
            seconds, peak = _process(contestants[name], count, folder)
            memory[name].append(peak)
            return seconds

        title = f"quadratic least squares, N = {count:,}, D = {N_INPUTS}"
        seconds = interleave(title, {name: partial(turn, name) for name in contestants}, rounds)
        difference = _difference(Path(folder))
        if difference > TOLERANCE:
            raise RuntimeError(f"the predictions differ by {difference:.1e} relative; allowed: {TOLERANCE:g}")
        peaks = tabulate(
            f"the same, peak memory of the process; predictions differ by {difference:.1e} relative",
            {name: turns[1:] for name, turns in memory.items()},
            unit="MiB",
        )
        growth = _growth(sizes, folder)
    return [seconds, peaks, *growth]


def _growth(sizes: Sequence[int], folder: str) -> list[Table]:
    """Measure seconds and peak memory of hw1 for each number of examples."""
    measured = {f"N = {size:,}": _process("hw1", size, folder) for size in sizes}
    return [
        tabulate("hw1 with more examples, seconds", {name: [took] for name, (took, _) in measured.items()}),
        tabulate("hw1 with more examples, memory", {name: [peak] for name, (_, peak) in measured.items()}, "MiB"),
    ]


def _process(contestant: str, count: int, folder: str) -> tuple[float, float]:
    """Return seconds and peak MiB of one contestant, measured in its own process."""
    command = [sys.executable, "-m", "benchmarks.quadratic", contestant, str(count), folder]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, peak = json.loads(done.stdout.splitlines()[-1])
    return seconds, peak


def _difference(folder: Path) -> float:
    ours, theirs = (np.load(folder / f"{name}.npy") for name in ("hw1", "sklearn"))
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def _export(count: int, folder: Path) -> float:
    from hw1_lightning.data.sources import Teacher

    data = Teacher(n_inputs=N_INPUTS, n_examples=count).load()
    np.savez(folder / "data.npz", x=data.train.inputs, y=data.train.targets, test=data.test.inputs)
    return 0.0


def _hw1(count: int, folder: Path) -> float:
    from lightning.pytorch import Trainer

    from hw1_lightning.data.datamodule import ArrayDataModule
    from hw1_lightning.data.sources import Teacher
    from hw1_lightning.models import QuadraticRegression

    data = ArrayDataModule(Teacher(n_inputs=N_INPUTS, n_examples=count))
    start = time.perf_counter()
    model = QuadraticRegression(input_shape=data.input_shape, num_outputs=data.num_outputs)
    trainer = Trainer(
        accelerator="cpu",
        max_epochs=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(model, datamodule=data)
    seconds = time.perf_counter() - start
    _save(folder, "hw1", model(data.arrays.test.inputs).detach().numpy())
    return seconds


def _sklearn(count: int, folder: Path) -> float:
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    with np.load(folder / "data.npz") as arrays:
        x, y, test = (arrays[name].astype(np.float64) for name in ("x", "y", "test"))
    start = time.perf_counter()
    model = make_pipeline(PolynomialFeatures(2), LinearRegression()).fit(x[:count], y[:count])
    seconds = time.perf_counter() - start
    _save(folder, "sklearn", model.predict(test))
    return seconds


def _save(folder: Path, name: str, predictions: npt.NDArray[np.float64]) -> None:
    np.save(folder / f"{name}.npy", predictions)


def _peak() -> float:
    """Return the peak resident MiB of this process; on Linux, rusage also counts memory of its parent."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


CONTESTANTS = {"export": _export, "hw1": _hw1, "sklearn": _sklearn}

if __name__ == "__main__":
    contestant, count, folder = sys.argv[1:]
    took = CONTESTANTS[contestant](int(count), Path(folder))
    print(json.dumps([took, _peak()]))
