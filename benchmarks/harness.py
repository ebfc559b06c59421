"""Measuring in pairs: contestants take turns, and what is told is the median with its range."""

import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import torch

from hw1_lightning.runs.machine import processor

Contestant = Callable[[], float]


@dataclass(frozen=True)
class Row:
    """One contestant of a table; seconds (or MiB), and how many times the first contestant's, round by round."""

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
        """The table for JSON."""
        return asdict(self)


def interleave(title: str, contestants: Mapping[str, Contestant], rounds: int) -> Table:
    """Let contestants take turns, A B C A B C, so that a machine that drifts drifts for all of them.

    Args:
        title: what is compared.
        contestants: functions that do the work once and return the seconds it took; hw1 comes first.
        rounds: turns each takes after one that is not counted.

    Returns:
        Medians, ranges and the median over the rounds of each one's seconds divided by hw1's.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds + 1):
        for name, run in contestants.items():
            seconds[name].append(run())
    return tabulate(title, {name: turns[1:] for name, turns in seconds.items()})


def tabulate(title: str, measured: Mapping[str, Sequence[float]], unit: str = "seconds") -> Table:
    """Make a table of what was measured.

    Args:
        title: what is compared.
        measured: for each contestant its numbers, round by round; hw1 comes first.
        unit: what the numbers are.

    Returns:
        Medians, ranges and the median over the rounds of each one's number divided by hw1's.
    """
    first = next(iter(measured.values()))
    rows = []
    for name, turns in measured.items():
        ratio = statistics.median(turn / ours for turn, ours in zip(turns, first, strict=True))
        rows.append(Row(name, statistics.median(turns), min(turns), max(turns), ratio))
    return Table(title, rows, len(first), unit)


def machine() -> str:
    """The machine in a line."""
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    return (
        f"{processor()}, {os.cpu_count()} cores{gpu}; Python {platform.python_version()}, torch {torch.__version__}, "
        f"{torch.get_num_threads()} threads"
    )
