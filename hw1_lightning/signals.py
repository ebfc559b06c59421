"""Handling of Ctrl-C and SIGTERM: a command ends with one line."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}


class Interrupted(BaseException):
    """Raised when a signal ends the process; not an ``Exception``, so that nothing handles it as an error.

    Args:
        number: the number of the signal.
        hint: what the user can do next.

    Attributes:
        status: the exit status that shells expect: 130 for Ctrl-C, 143 for SIGTERM.
    """

    def __init__(self, number: int, hint: str = "") -> None:
        super().__init__(f"stopped by {NAMES[signal.Signals(number)]}{hint}")
        self.number, self.status = number, 128 + number


def end_now(number: int, _: object = None) -> None:
    """Handle a signal.

    Raises:
        Interrupted: always.
    """
    raise Interrupted(number)


@contextmanager
def signals_to(handler: Callable[[int, object], None]) -> Iterator[None]:
    """Let a function handle both signals in this block; other threads than the main one cannot, and change nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in NAMES}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
