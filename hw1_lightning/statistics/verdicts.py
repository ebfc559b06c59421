"""The rule that turns the interval of a difference into a verdict, and a verdict into words."""

import math
from typing import Literal

# "By more" and "by less" mean: than the margin.
Sided = Literal["better by more", "better", "better by less", "worse by less", "worse", "worse by more"]
# "identical" is not read from an interval: the runs of both conditions have the same numbers.
Verdict = Sided | Literal["equivalent", "inconclusive", "identical"]
# Their colours on a page: a difference within the margin counts as no difference.
KINDS: dict[Verdict, str] = {
    **dict.fromkeys(("better by more", "better"), "better"),
    **dict.fromkeys(("worse", "worse by more"), "worse"),
    **dict.fromkeys(("better by less", "equivalent", "worse by less", "identical"), "equivalent"),
    "inconclusive": "inconclusive",
}


def verdict_of(low: float, high: float, margin: float | None, higher_is_better: bool = True) -> Verdict:
    """Return the verdict from an interval of a difference, by its position relative to zero and the margin.

    If the interval covers the true difference, the verdict is true.

    Args:
        low: lower end of the interval; NaN is inconclusive.
        high: its upper end.
        margin: differences within plus and minus this count as none; ``None`` if every difference counts.
        higher_is_better: whether higher values are better, or lower ones.

    Returns:
        ``better`` if the interval is above zero; ``better by more`` if it is above the margin; ``better by less`` if
        it is above zero and within the margin, so that the difference is real but too small to count; ``equivalent`` if
        it contains zero and is within the margin; likewise for ``worse``; else ``inconclusive``.

    Example:
        >>> verdict_of(0.02, 0.05, margin=0.01), verdict_of(0.001, 0.002, margin=0.01), verdict_of(0.005, 0.02, 0.01)
        ('better by more', 'better by less', 'better')
    """
    if not higher_is_better:
        low, high = -high, -low
    if math.isnan(low) or math.isnan(high):
        return "inconclusive"
    width = math.inf if margin is None else margin
    within = margin is not None and -width < low and high < width
    if low > 0:
        return "better by less" if within else "better by more" if low > width else "better"
    if high < 0:
        return "worse by less" if within else "worse by more" if high < -width else "worse"
    return "equivalent" if within else "inconclusive"


def describe_verdict(verdict: Verdict, margin: float | None, scope: str = "", than: str = "") -> str:
    """Describe a verdict.

    Args:
        verdict: the verdict.
        margin: the margin of the verdict.
        scope: what it is restricted to, such as ``for these validation examples``; may be empty.
        than: the other condition; empty where it is clear from the context.

    Example:
        >>> describe_verdict("better by more", 0.01, than="a")
        'better than a by more than 0.01'
        >>> describe_verdict("worse by less", 0.01, "for these examples")
        'worse, but by less than 0.01, which counts as no difference, for these examples'
    """
    word, _, size = verdict.partition(" by ")
    if word == "identical":
        return f"identical{f' to {than}' if than else ''}: the runs have the same numbers, so nothing is tested"
    joint = {"better": "than", "worse": "than", "equivalent": "to", "inconclusive": "against"}[word]
    text = f"{word} {joint} {than}" if than else word
    text += f" by more than {margin:g}" if size == "more" else ""
    text += f", but by less than {margin:g}, which counts as no difference" if size == "less" else ""
    text += f" within ±{margin:g} in the typical run" if word == "equivalent" else ""
    return f"{text}{',' if size == 'less' else ''} {scope}" if scope else text
