"""The one exception that means: the user can mend this."""

from collections.abc import Iterable
from difflib import get_close_matches


class InputError(ValueError):
    """A mistake in what the user gave: a file, an option, a value.

    Its message is one line that names what was given, what is allowed and what to do. The command line
    prints it without a traceback and exits with status 2.
    """


def nearest(name: str, allowed: Iterable[str]) -> str:
    """A hint that names the closest allowed name.

    Args:
        name: what the user wrote.
        allowed: the names that exist.

    Returns:
        ``"; did you mean 'Adam'?"``, or an empty string where nothing is close.

    Example:
        >>> nearest("Adem", ["SGD", "Adam"])
        "; did you mean 'Adam'?"
    """
    by_lower = {candidate.lower(): candidate for candidate in allowed}
    matches = get_close_matches(name.lower(), by_lower, n=1)
    return f"; did you mean '{by_lower[matches[0]]}'?" if matches else ""
