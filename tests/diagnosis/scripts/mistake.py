"""A mistake, or another correct way: a change of a correct program."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any


def always(program: Any) -> bool:
    return True


@dataclass(frozen=True)
class Mistake:
    """A change of a correct program.

    Args:
        change: fields of ``Program`` and their new values.
        fits: for which programs it makes sense.
        family: of mistakes that one advice fits; by default its own name.
        data: ``digits`` or ``photographs`` if it is a mistake for these alone.
        threads: how many threads compute; by default as many as the caller says.
    """

    change: dict[str, Any]
    fits: Callable[[Any], bool] = always
    family: str = ""
    data: str | None = None
    threads: int | None = None

    def applied(self, program: Any) -> Any:
        return replace(program, **self.change)
