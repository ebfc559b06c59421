"""Give readers thousands of damaged inputs: `python -m benchmarks.fuzz --count 20000`.

Every outcome must be success or one clear error (InputError): no other exception, no hang, no crash, no partial file.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

from benchmarks.fuzz_inputs import READERS, Reader
from hw1_lightning.errors import InputError

LIMIT = 5.0  # seconds that one input may take
OUTCOMES = ("success", "clear error", "other exception", "partial file", "hang", "crash")
FINE = OUTCOMES[:2]


def attempt(reader: Reader, rng: Random) -> tuple[str, str]:
    """Make one input, read it, and check which files are left.

    Args:
        reader: one of ``READERS``.
        rng: chooses the input.

    Returns:
        One of ``OUTCOMES``, and the traceback or the text of the error.
    """
    with tempfile.TemporaryDirectory(prefix="hw1-fuzz-") as name, _cache_in(Path(name) / "cache"):
        path = reader.make(rng, Path(name))
        outcome, text = "success", ""
        try:
            reader.read(path)
        except InputError as error:
            outcome, text = "clear error", str(error)
        except Exception:
            return "other exception", traceback.format_exc(limit=-3, chain=False)
        left = [str(path) for path in Path(name).rglob("*") if path.name.endswith(".tmp") or ".hw1-" in path.name]
        return ("partial file", ", ".join(left)) if left else (outcome, text)


@contextmanager
def _cache_in(folder: Path) -> Iterator[None]:
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("XDG_CACHE_HOME")
        if before is not None:
            os.environ["XDG_CACHE_HOME"] = before


class Worker:
    """A process that is killed if it hangs, and replaced if it crashes."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None

    def attempt(self, name: str, seed: int) -> tuple[str, str]:
        """Return what ``attempt`` returns, or a hang if there is no answer in time, or a crash."""
        if self._process is None or self._connection is None:
            context = multiprocessing.get_context("spawn")
            self._connection, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
            self._connection.recv()  # wait for its imports
        self._connection.send((name, seed))
        try:
            if self._connection.poll(LIMIT):
                answer: tuple[str, str] = self._connection.recv()
                return answer
            self._process.kill()
            self._process = None
            return "hang", f"no answer after {LIMIT:g} s"
        except EOFError:
            self._process = None
            return "crash", "the process died"

    def end(self) -> None:
        """End the process."""
        if self._process is not None and self._connection is not None:
            self._connection.send(None)
            self._process.join()


def _serve(connection: Connection) -> None:
    warnings.simplefilter("ignore")
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 - for the life of the process
    connection.send("ready")
    while (case := connection.recv()) is not None:
        name, seed = case
        connection.send(attempt(READERS[name], Random(f"{name} {seed}")))


def main() -> int:
    """Fuzz the chosen readers and print the counts.

    Returns:
        1 if any outcome is neither success nor a clear error.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="inputs in all, shared by the readers (default: 2000)")
    parser.add_argument("--seed", type=int, default=0, help="the first input's seed (default: 0)")
    parser.add_argument(
        "--readers", nargs="*", choices=READERS, default=list(READERS), help="which readers (default: all)"
    )
    options = parser.parse_args()
    worker = Worker()
    failures = []
    print(f"{'':<18}" + "".join(f"{outcome:>16}" for outcome in OUTCOMES))
    for name in options.readers:
        counts: Counter[str] = Counter()
        for seed in range(options.seed, options.seed + -(-options.count // len(options.readers))):
            outcome, text = worker.attempt(name, seed)
            counts[outcome] += 1
            if outcome not in FINE or "\n" in text:
                failures.append(f"{outcome}: --readers '{name}' --seed {seed} --count 1\n{text}")
        print(f"{name:<18}" + "".join(f"{counts[outcome]:>16,}" for outcome in OUTCOMES), flush=True)
    worker.end()
    print(*failures[:10], sep="\n\n")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
