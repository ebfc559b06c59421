"""Machine against seed: how programs with one seed differ, next to how hw1's seeds differ."""

import math
from collections.abc import Sequence
from typing import Any

from hw1_lightning.report.summary.lookup import Key, Lookup
from hw1_lightning.report.summary.tables import HEADLINES
from hw1_lightning.statistics.intervals import summarize
from hw1_lightning.study.words import DASH

# The chart of a row, in pixels: hw1's seeds above, other programs below.
WIDTH, HEIGHT, EDGE = 460, 28, 6
ROUND = 0.05  # the axis begins and ends at multiples of it
MOST_TICKS = 5


def spread_rows(found: Lookup) -> list[dict[str, Any]]:
    """Return a row for each condition that others have run too.

    It shows validation accuracy, or test accuracy where the others give no other. The programs are the report's and
    those of the groups without a mistake in that condition; the others are listed apart.
    """
    rows = []
    for key in found.experiments():
        metric = next((name for name in HEADLINES if found.groups(key, name)), None)
        if metric is not None:
            rows.append(_row(found, key, metric))
    return rows


def _row(found: Lookup, key: Key, metric: str) -> dict[str, Any]:
    mistakes, reported = found.mistakes(key), found.reported(key, metric)
    groups = found.groups(key, metric)
    programs = {} if reported is None else {"the report": reported}
    programs |= {group: value for group, value in groups.items() if group not in mistakes}
    apart = {group: value for group, value in groups.items() if group in mistakes}
    ours = [value for value in found.ours(key, metric) if math.isfinite(value)]
    return {
        "name": key[1],
        "study": key[0],
        "metric": metric.partition("/")[0].replace("val", "validation"),
        "notes": found.notes(key),
        "ours": _described(ours),
        "programs": _described(list(programs.values())),
        "apart": [(group, f"{value:.4f}", "; ".join(mistakes[group])) for group, value in apart.items()],
        "values": {"ours": ours, "programs": list(programs.values()), "apart": list(apart.values())},
    }


def _described(values: Sequence[float]) -> dict[str, str]:
    """Return the range of some values, and their number and standard deviation, as texts."""
    if not values:
        return {"range": DASH, "further": ""}
    ends = [*dict.fromkeys(f"{end:.4f}" for end in (min(values), max(values)))]
    sd = f"standard deviation {summarize(values).sd:.4f}" if len(ends) > 1 else "all equal"
    return {"range": " to ".join(ends), "further": f"{len(values)}, {sd}" if len(values) > 1 else "1"}


def charts(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return one axis for all rows, and the positions of each row's values on it."""
    values = [value for row in rows for part in row["values"].values() for value in part]
    if not values:
        return {"ticks": [], "rows": []}
    low, high = math.floor(min(values) / ROUND) * ROUND, math.ceil(max(values) / ROUND) * ROUND
    span = max(high - low, ROUND)

    def place(value: float) -> float:
        return float(round(EDGE + (WIDTH - 2 * EDGE) * (value - low) / span, 1))

    step = ROUND * math.ceil(span / ROUND / MOST_TICKS - 1e-9)
    first, last = math.ceil(low / step - 1e-9), math.floor((low + span) / step + 1e-9)
    ticks = [step * index for index in range(first, last + 1)]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "ticks": [(place(tick), f"{tick:.2f}") for tick in ticks],
        "rows": [{part: [place(value) for value in found] for part, found in row["values"].items()} for row in rows],
    }
