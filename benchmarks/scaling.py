"""Threads: how much more of them help models of several sizes, and which number hw1 chooses."""

import os
from functools import partial

from benchmarks.data import BenchmarkData
from benchmarks.epochs import hw1_epoch
from benchmarks.harness import Table, interleave

EPOCHS = 4
# Title, config, whether to train on the digits instead of photographs.
CASES = (
    ("logistic regression on 8x8 digits, batch 32", "learning_rate", True),
    ("MLP on 8x8 digits, batch 64", "mlp", True),
    ("logistic regression on 48x48 photographs, batch 32", "learning_rate", False),
    ("MLP on 48x48 photographs, batch 64", "mlp", False),
    ("MLP on 48x48 photographs, batch 1024", "momentum", False),
)


def tables(data: BenchmarkData, rounds: int) -> list[Table]:
    """Compare hw1's own choice of threads with 1, 2, 4, ... up to the machine's."""
    counts = [2**power for power in range((os.cpu_count() or 1).bit_length())]
    return [_table(data, rounds, *case, counts) for case in CASES]


def _table(data: BenchmarkData, rounds: int, title: str, config: str, digits: bool, counts: list[int]) -> Table:
    run = partial(hw1_epoch, config, None if digits else data, EPOCHS)
    contestants = {"hw1's own choice": run}
    for count in counts:
        contestants[f"--threads {count}"] = partial(run, f"--threads={count}")
    return interleave(f"{title}, an epoch", contestants, rounds)
