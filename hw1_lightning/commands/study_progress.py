"""What `hw1 study run` says of its progress where there is no terminal for a bar."""

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

LINE_SECONDS = 10.0


def progress(states: Sequence[str], total: int) -> str:
    """Say how far a study is.

    Args:
        states: of the runs that were started: ``running``, ``done`` or ``failed``.
        total: how many are to be done.

    Example:
        >>> progress(["done", "failed", "running"], 16)
        '1 of 16 runs done, 1 running, 1 failed'
    """
    counts = ((states.count(state), state) for state in ("running", "failed"))
    further = "".join(f", {count} {state}" for count, state in counts if count)
    return f"{states.count('done')} of {total} run{'s' * (total != 1)} done{further}"


@contextmanager
def told_now_and_then(text: Callable[[], str]) -> Iterator[None]:
    """Print a line every ten seconds, unless there is a terminal.

    Args:
        text: gives the line; called in another thread.
    """
    if sys.stderr.isatty():
        yield
        return
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(LINE_SECONDS):
            print(f"hw1: {text()}", file=sys.stderr, flush=True)

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
