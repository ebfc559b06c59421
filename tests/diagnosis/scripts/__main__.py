"""Run one program and print its numbers as JSON."""

import argparse
import json

from tests.diagnosis.scripts.data import photographs
from tests.diagnosis.scripts.registry import ALL


def main(args: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.diagnosis.scripts", description=__doc__)
    parser.add_argument("experiment", help="one of " + ", ".join(dict.fromkeys(name for name, _ in ALL)))
    parser.add_argument("mistake", help="a name in registry.py; `correct` for none")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--data", help="the course's npz file; the digits without it")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args(args)
    case = ALL.get((options.experiment, options.mistake))
    if case is None:
        names = [name for experiment, name in ALL if experiment == options.experiment]
        parser.error(f"no program {options.experiment} {options.mistake}; mistakes of this experiment: {names}")
    data = photographs(options.data) if options.data else None
    print(json.dumps(case(epochs=options.epochs, data=data, threads=options.threads)))


if __name__ == "__main__":
    main()
