"""Measures start-up, the time until the first optimiser step, and the memory of a run.

``python -m benchmarks.startup FILE ARGUMENT...`` runs `hw1 ARGUMENT...`, ends it after the first optimiser step and
writes the time of that step to the file.
"""

import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.data import BenchmarkData
from benchmarks.harness import Table, interleave, tabulate

CONFIGS = Path(__file__).parent.parent / "configs"
MIB = 2**20


def tables(data: BenchmarkData, rounds: int) -> list[Table]:
    """Compare the start-up of hw1 with that of Lightning alone, and its memory with that of its parts."""
    with tempfile.TemporaryDirectory(prefix="hw1-benchmark-") as folder:
        contestants = {
            "hw1 fit on the digits, to its first step": partial(_first_step, Path(folder)),
            'python -c "import lightning"': partial(_process, "-c", "import lightning"),
            'python -c "import torch"': partial(_process, "-c", "import torch"),
            "hw1 --help": partial(_process, "-m", "hw1_lightning", "--help"),
        }
        startup = interleave("start-up", contestants, rounds)
        return [startup, _memory(data, rounds, folder)]


def _process(*arguments: str) -> float:
    """Return the seconds that a Python process takes."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def _first_step(folder: Path) -> float:
    """Return the seconds from the start of the process to the end of its first optimiser step."""
    note = folder / "time"
    start = time.time()
    command = [
        "fit",
        f"--config={CONFIGS / 'learning_rate.yaml'}",
        f"--runs_dir={folder}",
        "--data.steps_per_execution=1",
    ]
    subprocess.run([sys.executable, "-m", "benchmarks.startup", str(note), *command], check=True, capture_output=True)
    return float(note.read_text()) - start


def _memory(data: BenchmarkData, rounds: int, folder: str) -> Table:
    """Compare the peak memory of three epochs of the MLP with that of `import lightning` and the photographs."""
    run = ["-m", "hw1_lightning", "fit", f"--config={CONFIGS / 'mlp.yaml'}", *data.options]
    run += ["--trainer.max_epochs=3", f"--runs_dir={folder}"]
    arrays = sum(split.inputs.nbytes for split in data.arrays.splits.values()) / MIB
    measured: dict[str, list[float]] = {"hw1 fit, three epochs": [], "import lightning": []}
    for _ in range(rounds):
        measured["hw1 fit, three epochs"].append(_peak(*run))
        measured["import lightning"].append(_peak("-c", "import lightning"))
    measured["import lightning and the photographs"] = [alone + arrays for alone in measured["import lightning"]]
    return tabulate("peak resident memory of the process", measured, unit="MiB")


# A process's peak memory includes that of its parent when it was started, so the parent must be small.
LAUNCHER = """
import resource, subprocess, sys
subprocess.run([sys.executable, *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _peak(*arguments: str) -> float:
    """Return the peak resident memory of a Python process, in MiB."""
    command = [sys.executable, "-c", LAUNCHER, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024) / MIB


def _until_first_step(note: Path, arguments: list[str]) -> None:
    """Run hw1 and end the process after its first optimiser step."""
    from hw1_lightning import cli
    from hw1_lightning.models.base import StackModule

    take = StackModule.training_step

    def training_step(self: Any, *batch: Any) -> None:
        take(self, *batch)
        note.write_text(repr(time.time()))
        os._exit(0)

    StackModule.training_step = training_step  # type: ignore[method-assign, assignment] # replaced on purpose
    cli.main(arguments)


if __name__ == "__main__":
    _until_first_step(Path(sys.argv[1]), sys.argv[2:])
