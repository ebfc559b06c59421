"""Run the benchmarks and print their tables."""

import argparse
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from benchmarks import data, harness

PARTS = ("online", "training", "startup", "scaling", "quadratic")


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"which tables, of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--data", help="an npz file in the course's format (default: noise of that shape)")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds that count (default: 5)")
    parser.add_argument("--json", type=Path, help="where to write the tables as JSON too")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    source = data.load(arguments.data)
    print(f"{harness.machine()}\ndata: {source.name}\n", flush=True)
    done = []
    for part in arguments.parts or PARTS:
        tables: Callable[..., list[harness.Table]] = import_module(f"benchmarks.{part}").tables
        for table in tables(source, arguments.rounds):
            print(f"{table}\n", flush=True)
            done.append(table.as_dict())
    if arguments.json is not None:
        arguments.json.write_text(json.dumps({"machine": harness.machine(), "tables": done}, indent=2) + "\n")


main()
