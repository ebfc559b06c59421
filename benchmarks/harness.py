"""Measures contestants that take turns, and reports medians, ranges and ratios."""

import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import torch

from hw1_lightning.runs.machine import processor_name

Contestant = Callable[[], float]


@dataclass(frozen=True)
class Row:
    """One contestant of a table: seconds (or MiB), and the median ratio to the first contestant, round by round."""

    name: str
    median: float
    least: float
    most: float
    ratio: float


@dataclass(frozen=True)
class Table:
    """One comparison; the first row is hw1."""

    title: str
    rows: list[Row]
    rounds: int
    unit: str = "seconds"

    def __str__(self) -> str:
        lines = [f"{self.title} (medians of {self.rounds} interleaved rounds)"]
        lines += [f"  {'':<44}{self.unit:>10}{'min':>10}{'max':>10}{'x hw1':>8}"]
        for row in self.rows:
            lines.append(f"  {row.name:<44}{row.median:>10.4f}{row.least:>10.4f}{row.most:>10.4f}{row.ratio:>8.2f}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, object]:
        """Return the table for JSON."""
        return asdict(self)


def interleave(title: str, contestants: Mapping[str, Contestant], rounds: int) -> Table:
    """Let contestants take turns, A B C A B C, so that a drift of the machine's speed affects all of them.

    Args:
        title: of the table.
        contestants: functions that do the work once and return the seconds it took; hw1 is first.
        rounds: turns of each contestant, after one that is not counted.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds + 1):
        for name, run in contestants.items():
            seconds[name].append(run())
    return tabulate(title, {name: turns[1:] for name, turns in seconds.items()})


def tabulate(title: str, measured: Mapping[str, Sequence[float]], unit: str = "seconds") -> Table:
    """Return a table of medians, ranges and the median ratio of each contestant to hw1 in the same round.

    Args:
        title: of the table.
        measured: the numbers of each contestant, round by round; hw1 is first.
        unit: of the numbers.
    """
    first = next(iter(measured.values()))
    rows = []
    for name, turns in measured.items():
        ratio = statistics.median(turn / ours for turn, ours in zip(turns, first, strict=True))
        rows.append(Row(name, statistics.median(turns), min(turns), max(turns), ratio))
    return Table(title, rows, len(first), unit)


def machine() -> str:
    """Describe the machine in one line."""
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    return (
        f"{processor_name()}, {os.cpu_count()} cores{gpu}; Python {platform.python_version()}, "
        f"torch {torch.__version__}, {torch.get_num_threads()} threads"
    )
