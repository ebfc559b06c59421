"""The tables of a summary: results next to reported ones, further reported numbers, claims in detail, the cost."""

import statistics as averages
from collections.abc import Mapping, Sequence
from typing import Any

from hw1_lightning.report.summary.claims import COLOURS, JudgedClaim, quantity
from hw1_lightning.report.summary.lookup import Key, Lookup
from hw1_lightning.report.summary.records import ClaimedDifference
from hw1_lightning.study.words import DASH, Cell, duration, format_cell, listing, number

HEADLINES = ("val/accuracy", "test/accuracy")


def result_groups(found: Lookup) -> list[dict[str, Any]]:
    """Return the result table: for each study its title, link and rows; a run in two studies is in the first one."""
    groups, titles = [], {study["name"]: study["title"] for study in found.evidence.about["studies"]}
    for study in found.evidence.about["studies"]:
        keys = [key for key in found.experiments() if key[0] == study["name"]]
        rows = [_result_row(found, key) for key in keys]
        own = {(study["name"], name): found.first[study["name"], name] for name in study["conditions"]}
        elsewhere = [f"{key[1]}: see {first[1]} in “{titles[first[0]]}”" for key, first in own.items() if key != first]
        groups.append({**study, "rows": rows, "elsewhere": elsewhere})
    return groups


def _result_row(found: Lookup, key: Key) -> dict[str, Any]:
    cells = {}
    for metric in HEADLINES:
        reported = found.reported(key, metric)
        cells[metric] = {
            "ours": cell(found, key, metric),
            "reported": DASH if reported is None else f"{reported:.4f}",
            "others": others(found, key, metric),
        }
    return {"name": key[1], "seeds": seeds(found, key), "notes": run_notes(found, key), "cells": cells}


def cell(found: Lookup, key: Key, metric: str) -> Cell:
    """Return the median over seeds with its interval; ``diverged`` where a run diverged."""
    diverged = any(run.status == "diverged" for run in found.runs(key))
    return format_cell(found.ours(key, metric), bad="diverged" if diverged else "undefined")


def seeds(found: Lookup, key: Key) -> str:
    """Return the number of finished runs, and of those that are missing."""
    done, planned = len(found.runs(key)), found.planned(key)
    return f"{done}" if done == planned else f"{done} of {planned}"


def run_notes(found: Lookup, key: Key) -> list[str]:
    """Return notes on a condition's runs: diverged ones and copies."""
    statuses = [run.status for run in found.runs(key)]
    words = {"diverged": "diverged", "copy": "copies"}
    return [f"{statuses.count(status)} {word}" for status, word in words.items() if status in statuses]


def others(found: Lookup, key: Key, metric: str) -> dict[str, str]:
    """Return the range of other groups whose programs do what the assignment says, and how many they are."""
    apart = found.mistakes(key)
    values = [value for group, value in found.groups(key, metric).items() if group not in apart]
    if not values:
        return {"range": DASH, "count": ""}
    ends = [f"{end:.4f}" for end in (min(values), max(values))]
    return {"range": " to ".join(dict.fromkeys(ends)), "count": f"{len(values)} group{'s' * (len(values) > 1)}"}


def further_rows(found: Lookup) -> list[dict[str, Any]]:
    """Return the other reported numbers of each condition, seconds and norms, next to the medians."""
    rows = []
    for key in found.experiments():
        metrics = [value.metric for value in found.evidence.values if value.source == "reported"]
        for metric in dict.fromkeys(metrics):
            reported = found.reported(key, metric)
            if metric not in HEADLINES and reported is not None:
                ours = [value for value in found.ours(key, metric) if value == value]
                median = number(averages.median(ours)) if ours else DASH
                named = "seconds per run" if metric == "seconds" else metric
                rows.append(
                    {"name": key[1], "study": key[0], "metric": named, "ours": median, "reported": f"{reported:g}"}
                )
    return rows


def detail_rows(claim: JudgedClaim) -> list[dict[str, str]]:
    """Return the differences of a claim with all their numbers."""
    return [
        {
            "what": quantity(row),
            "of": f"{row.of} minus {row.than or f'{row.bound:g}'}" if row.than or row.bound else row.of,
            "median": DASH if row.median is None else f"{row.median:+.4g}",
            "seeds": _ends(row.low, row.high, row.confidence),
            "examples": _ends(row.examples_low, row.examples_high, None),
            "p": DASH if row.p is None else f"{row.p:.3g}",
            "p_examples": DASH if row.examples_p is None else f"{row.examples_p:.3g}",
            "n": str(row.n),
            "outcome": _outcome(row),
            "kind": COLOURS[row.outcome],
        }
        for row in claim.rows
    ]


def _ends(low: float | None, high: float | None, confidence: float | None) -> str:
    if low is None or high is None:
        return DASH
    return f"{low:+.4g} to {high:+.4g}" + ("" if confidence is None else f", {100 * confidence:.4g} %")


def _outcome(row: ClaimedDifference) -> str:
    """Return the verdict on a difference in words: whether it is as claimed."""
    if row.problem:
        return row.problem
    words = {"better": "as claimed", "worse": "the opposite", "equivalent": "no difference that counts"}
    text = words.get(COLOURS[row.outcome], row.outcome)
    return f"{text}, {row.outcome_scope}" if row.outcome_scope else text


def cost(found: Lookup) -> dict[str, str]:
    """Return the number of different runs, their epochs, seconds, and processor seconds at most."""
    runs = found.different_runs()
    known = [run for run in runs if "threads" in run]
    seconds = sum(run["seconds"] for run in runs)
    processor = sum(run["seconds"] * run["threads"] for run in known)
    shared = sum(len(found.runs(key)) for key in found.conditions) - len(runs)
    return {
        "runs": f"{len(runs):,}",
        "shared": f"{shared}" if shared else "",
        "epochs": f"{sum(run['epochs'] for run in runs):,.0f}",
        "seconds": duration(seconds),
        "seconds_exactly": f"{seconds:,.0f}",
        "processor": duration(processor) if len(known) == len(runs) and runs else "",
        "threads": ", ".join(f"{count:g}" for count in sorted({run["threads"] for run in known})),
    }


def incomplete(found: Lookup) -> str:
    """Return a line about runs that are missing, failed or diverged; empty if there are none."""
    rows: Mapping[tuple[str, str, int | None], str] = {
        (value.study, value.condition, value.seed): value.status for value in found.evidence.values if value.status
    }
    statuses: Sequence[str] = list(rows.values())
    missing = statuses.count("missing")
    parts = [f"{missing} {'is' if missing == 1 else 'are'} missing"] if missing else []
    parts += [f"{statuses.count(word)} {word}" for word in ("failed", "diverged") if word in statuses]
    return f"Of {len(statuses)} planned runs, {listing(parts)}" if parts else ""
