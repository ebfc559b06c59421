"""Numbers as a report writes them: their value, and one unit of the last digit."""

import math
import re
from dataclasses import dataclass

_NUMBER = re.compile(r"([+-]?)(\d{1,400})?(?:\.(\d{0,400}))?(?:[eE]([+-]?\d{1,6}))?", re.ASCII)


@dataclass(frozen=True)
class Written:
    """A number as it is written in decimal: ``digits`` times ten to the power of ``exponent``.

    Args:
        digits: a whole number, all digits that are written, with its sign.
        exponent: the place of the last digit.
    """

    digits: str
    exponent: int

    @property
    def value(self) -> float:
        """The nearest float."""
        return float(f"{self.digits}e{self.exponent}")

    @property
    def resolution(self) -> float:
        """One unit of the last digit."""
        return float(f"1e{self.exponent}")

    def percent(self) -> "Written":
        """Return the number divided by 100, exactly."""
        return Written(self.digits, self.exponent - 2)


def read_number(text: str) -> Written | None:
    """Read a number as it is written, in decimal or scientific notation.

    Args:
        text: such as ``0.4750`` or ``1.85e-2``.

    Returns:
        The number; ``None`` if the text is not a finite number.

    Example:
        >>> read_number("0.4750"), read_number("1.85e-2").resolution
        (Written(digits='04750', exponent=-4), 0.0001)
        >>> read_number("nan"), read_number("1_000")
        (None, None)
    """
    found = _NUMBER.fullmatch(text.strip())
    if found is None or not (found[2] or found[3]):
        return None
    sign, whole, fraction, exponent = (part or "" for part in found.groups())
    written = Written(sign + whole + fraction, int(exponent or 0) - len(fraction))
    return written if math.isfinite(written.value) and 0 < written.resolution < math.inf else None
