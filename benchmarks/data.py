"""Data of the benchmarks: the real photographs if a file is given, else noise of their shape."""

import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from hw1_lightning.data.arrays import ArrayData
from hw1_lightning.data.sources import Landscapes

PART_SIZES = {"train": 7867, "val": 874, "test": 1000}


@dataclass(frozen=True)
class BenchmarkData:
    """A file in the course's format and its content.

    Args:
        path: the file.
        name: its name in the report.
    """

    path: Path
    name: str

    @cached_property
    def arrays(self) -> ArrayData:
        """Return the content of the file."""
        return Landscapes(self.path).load()

    def features(self, split: str) -> Tensor:
        """Return the scaled features of a split, float32, shape ``(N, 6912)``."""
        return self.arrays.splits[split].inputs.flatten(1).float() / 256

    @property
    def options(self) -> list[str]:
        """Return the options of `hw1 fit` that choose this data."""
        overlay = Path(__file__).parent.parent / "configs" / "data" / "landscapes.yaml"
        return [f"--config={overlay}", f"--data.source.path={self.path}"]


def load(path: str | None) -> BenchmarkData:
    """Return the data of a file, or write a file of noise."""
    if path is not None:
        return BenchmarkData(Path(path), Path(path).name)
    rng = np.random.default_rng(0)
    arrays: dict[str, Any] = {}
    for split, size in PART_SIZES.items():
        arrays[f"{split}_images"] = rng.integers(0, 256, (size, 48, 48, 3), dtype=np.uint8)
        arrays[f"{split}_labels"] = rng.integers(0, 6, size)
    made = Path(tempfile.mkdtemp(prefix="hw1-benchmark-")) / "noise.npz"
    np.savez(made, **arrays)
    return BenchmarkData(made, "noise in the shape of the photographs")
