"""Computes the numbers of a summary's page again from its results.csv, without hw1's code."""

import csv
import html
import math
import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

Row = Mapping[str, str]
MISSED = 0.05  # what the intervals of one page may miss together
VERDICTS = (
    ("supported", "holds", "hold"),
    ("contradicted", "does not hold", "do not hold"),
    ("undecided", "is undecided", "are undecided"),
)


def table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def ours(rows: Iterable[Row], study: str, condition: str, metric: str, take: str = "final") -> dict[int, float]:
    """Return hw1's values by seed from the rows of results.csv."""
    return {
        int(row["seed"]): float(row["value"])
        for row in rows
        if (row["source"], row["study"], row["condition"], row["metric"], row["take"])
        == ("hw1", study, condition, metric, take)
    }


def text_of(page: str) -> str:
    """Return the text of a page in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def section_of(page: str, name: str) -> str:
    """Return the part of a page under the heading with this id."""
    return page.partition(f'id="{name}"')[2].partition("</section>")[0]


def rows_of(part: str) -> list[list[str]]:
    """Return the texts of the cells of each row of the tables in a part of a page."""
    rows = re.findall(r'<tr role="row"[^>]*>.+?</tr>', part, re.DOTALL)
    return [[text_of(cell) for cell in re.findall(r"<t[dh]\b.*?</t[dh]>", row, re.DOTALL)] for row in rows]


def row_of(page: str, condition: str) -> list[str]:
    """Return the texts of a condition's cells in the table of results."""
    rows = re.findall(r"<tr role=\"row\">.+?</tr>", section_of(page, "results"), re.DOTALL)
    (cells,) = rows_of(next(each for each in rows if f">{condition}<" in each))
    return cells


def exact_interval(values: Sequence[float], error: float) -> tuple[float, float]:
    """Return the k-th smallest and largest value, with the largest k that misses the median rarely enough."""
    n, ordered = len(values), sorted(values)
    missed = [2 * sum(math.comb(n, heads) for heads in range(k)) / 2**n for k in range(n // 2 + 1)]
    k = max(k for k in range(n // 2 + 1) if missed[k] <= error)
    return ordered[k - 1], ordered[n - k]


def middle_and_interval(values: Sequence[float]) -> str:
    """Return the median with its 95 % interval as the table of results shows them."""
    low, high = exact_interval(values, 0.05)
    return f"{statistics.median(values):.4f} {low:.4f} to {high:.4f}"


def number_of_intervals(claims: Iterable[Row]) -> int:
    """Return how many different intervals the rows of claims.csv have, whatever their bound or direction."""
    return len(
        {(row["study"], row["metric"], row["take"], row["last"], frozenset((row["of"], row["than"]))) for row in claims}
    )


def check_difference(results: Iterable[Row], row: Row, intervals: int) -> None:
    """Check a row of claims.csv: its median, interval and p over seeds follow from results.csv.

    The interval over seeds and examples needs each run's answers, which are not in results.csv; it must be wider.
    """
    mine = ours(results, row["study"], row["of"], row["metric"], row["take"])
    theirs = ours(results, row["study"], row["than"], row["metric"], row["take"]) if row["than"] else {}
    differences = [mine[seed] - (theirs[seed] if theirs else float(row["bound"])) for seed in sorted(mine)]
    if row["metric"].endswith("/accuracy"):  # float32 stores equal accuracies as slightly different numbers
        differences = [round(each, 6) for each in differences]
    n, (low, high) = len(differences), exact_interval(differences, MISSED / intervals)
    known = [float(row[name]) for name in ("n", "median", "low", "high")]
    assert known == pytest.approx([n, statistics.median(differences), low, high], rel=1e-9, abs=1e-6), row
    most = max(sum(one > 0 for one in differences), sum(one < 0 for one in differences))
    p = min(1.0, 2 * sum(math.comb(n, k) for k in range(most, n + 1)) / 2**n)
    assert float(row["p"]) == pytest.approx(p), row
    if row["examples_low"]:
        assert float(row["examples_low"]) <= low <= high <= float(row["examples_high"]), row


def judged(row: Row) -> str:
    """Return what a difference means for its claim: ``supported``, ``contradicted`` or ``undecided``.

    The interval over seeds and examples decides; if it does not, that over seeds alone. One that lies within the
    margin is a difference that counts as none.
    """
    sign, margin = (1 if row["higher"] == "True" else -1), float(row["margin"] or 0)
    for low, high in ((row["examples_low"], row["examples_high"]), (row["low"], row["high"])):
        ends = sorted(sign * float(end) for end in (low, high)) if low else [-math.inf, math.inf]
        if -margin < ends[0] and ends[1] < margin:
            return "undecided"
        if ends[0] > 0 or ends[1] < 0:
            return "supported" if ends[0] > 0 else "contradicted"
    return "undecided"


def verdict_of(rows: Iterable[Row]) -> str:
    """Return the verdict on a claim from its rows of claims.csv."""
    found = {judged(row) for row in rows}
    return "contradicted" if "contradicted" in found else "undecided" if "undecided" in found else "supported"


def by_claim(claims: Sequence[Row], of_report: bool = True) -> list[list[Row]]:
    """Return the rows of each claim: those of the report, or hw1's own."""
    names = dict.fromkeys((row["study"], row["claim"]) for row in claims if bool(row["question"]) == of_report)
    return [[row for row in claims if (row["study"], row["claim"]) == name] for name in names]


def verdicts_in_words(claims: Sequence[Row]) -> list[str]:
    """Return sentences on the report's claims: how many have each verdict, and those that do not hold."""
    firsts = sorted((rows[0] for rows in by_claim(claims)), key=lambda row: row["question"])
    parts, sentences = [], []
    for verdict, one, several in VERDICTS:
        found = [row for row in firsts if row["verdict"] == verdict]
        words = one if len(found) == 1 else several
        parts += [f"{len(found)} {words}"] if found else []
        if found and verdict != "supported":
            named = (f"“{row['says']}” ({', '.join(filter(None, (row['question'], row['scope'])))})" for row in found)
            sentences.append(f"{words.removeprefix('is ').removeprefix('are ').capitalize()}: {'; '.join(named)}.")
    counted = " and ".join([*filter(None, [", ".join(parts[:-1])]), parts[-1]])
    return [f"Of the report's {len(firsts)} claims, {counted}.", *sentences]
