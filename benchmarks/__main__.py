"""Runs benchmarks and prints their tables."""

import argparse
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from benchmarks import data, growth, harness, simulation

PARTS = ("online", "linear", "training", "startup", "scaling", "growth", "products", "quadratic")
# Simulations of the statistics; they neither train nor measure time.
SIMULATIONS = ("nulls", "hostile")
Result = harness.Table | simulation.Shares | growth.Growth


def main() -> None:
    """Run the chosen benchmarks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    help_parts = f"which tables: {', '.join(PARTS)} (default: all of these), {', '.join(SIMULATIONS)}"
    parser.add_argument("parts", nargs="*", help=help_parts)
    parser.add_argument("--data", help="npz file in the course's format (default: noise of its shape)")
    help_rounds = "rounds that are counted, or the size of a simulation (default: 5)"
    parser.add_argument("--rounds", type=int, default=5, help=help_rounds)
    parser.add_argument("--json", type=Path, help="file to write the tables to as JSON")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - {*PARTS, *SIMULATIONS}
    if unknown:
        parser.error(f"unknown tables {', '.join(unknown)}; choose from {', '.join((*PARTS, *SIMULATIONS))}")
    source = None if set(arguments.parts or PARTS) <= set(SIMULATIONS) else data.load(arguments.data)
    print(f"{harness.machine()}\n" + (f"data: {source.name}\n" if source else ""), flush=True)
    done = []
    for part in arguments.parts or PARTS:
        tables: Callable[..., list[harness.Table | simulation.Shares | growth.Growth]] = import_module(
            f"benchmarks.{part}"
        ).tables
        for table in tables(source, arguments.rounds):
            print(f"{table}\n", flush=True)
            done.append(table.as_dict())
    if arguments.json is not None:
        arguments.json.write_text(json.dumps({"machine": harness.machine(), "tables": done}, indent=2) + "\n")


main()
