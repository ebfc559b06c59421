"""Writes the summary of several studies: data files, and a page that is drawn from them alone."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from hw1_lightning.errors import file_errors
from hw1_lightning.judgement.questions import what_seeds_can_show
from hw1_lightning.report.drawing import COLOURS, Array, Line
from hw1_lightning.report.figures import Figure, figure_of
from hw1_lightning.report.page import render, stroke, write
from hw1_lightning.report.summary import tables
from hw1_lightning.report.summary.claims import VERDICTS, counts, headline, judged_claims, number_of_intervals
from hw1_lightning.report.summary.collecting import collect
from hw1_lightning.report.summary.folder import GENERATOR, PAGE, check_folder
from hw1_lightning.report.summary.lookup import Lookup
from hw1_lightning.report.summary.records import Evidence, Point, read_evidence, write_evidence
from hw1_lightning.report.summary.replications import replications_for
from hw1_lightning.report.summary.spread import charts, spread_rows
from hw1_lightning.statistics.intervals import LEVEL
from hw1_lightning.study.results import StudyResults


def write_summary(results: Sequence[StudyResults], folder: Path, replications: Path | None = None) -> Path:
    """Write the summary of studies: index.html and its data files, each atomically.

    Args:
        results: studies with different names.
        folder: a new or empty folder, or that of an older summary.
        replications: a file of what other groups published, of which each condition must exist; ``None`` takes the
            shipped one, as far as it matches.

    Returns:
        The path of index.html.

    Raises:
        InputError: if the folder holds other files or cannot be written, or the file of replications is wrong.
    """
    check_folder(folder)
    evidence = collect(results, folder, replications_for([each.study for each in results], replications))
    with file_errors(f"the summary's folder {folder} cannot be written"):
        folder.mkdir(parents=True, exist_ok=True)
    write_evidence(evidence, folder)
    return draw_page(folder)


def draw_page(folder: Path) -> Path:
    """Draw index.html again from the data files in a summary's folder.

    Returns:
        Its path.
    """
    write(folder / PAGE, render("summary.html.j2", contents(read_evidence(folder))))
    return folder / PAGE


def contents(evidence: Evidence) -> dict[str, Any]:
    """Compute all values for the template, by the names of variables."""
    found, about = Lookup(evidence), evidence.about
    claims = judged_claims(evidence.differences)
    of_report, own = ([claim for claim in claims if bool(claim.question) == whose] for whose in (True, False))
    family, spread = number_of_intervals(evidence.differences), spread_rows(found)
    seeds = sorted({study["seeds"] for study in about["studies"]})
    return {
        "generator": GENERATOR,
        "headline": headline(claims),
        "in_words": counts(of_report or own),
        "own_in_words": counts(own) if of_report and own else "",
        "claims": [(claim, tables.detail_rows(claim)) for claim in (*of_report, *own)],
        "of_report": len(of_report),
        "verdicts": VERDICTS,
        "incomplete": tables.incomplete(found),
        "groups": tables.result_groups(found),
        "further": tables.further_rows(found),
        "metrics": tables.HEADLINES,
        "other_data": other_data(about),
        "spread": spread,
        "charts": charts(spread),
        "figures": figures_of(evidence),
        "legends": {
            study["name"]: [(name, *stroke(index)) for index, name in enumerate(study["conditions"])]
            for study in about["studies"]
        },
        "cost": tables.cost(found),
        "colours": COLOURS,
        "family": family,
        "seeds": seeds,
        "confidence": f"{100 * (1 - LEVEL / family):.4g} %",
        "can_show": [what_seeds_can_show(count, family) for count in seeds],
        "about": about,
    }


def other_data(about: dict[str, Any]) -> bool | None:
    """Return whether a study's data differ in size from those of the reported numbers; ``None`` if that is unknown."""
    if not about["reported_sizes"] or not about["data"]:
        return None
    return any(data["sizes"] != about["reported_sizes"] for data in about["data"])


def figures_of(evidence: Evidence) -> dict[str, list[Figure]]:
    """Draw the figures of each study from the points of its curves."""
    figures: dict[str, list[Figure]] = {study["name"]: [] for study in evidence.about["studies"]}
    diverged = {(value.study, value.condition) for value in evidence.values if value.status == "diverged"}
    names = {study["name"]: study["conditions"] for study in evidence.about["studies"]}
    for (study, metric), points in groupby(evidence.points, key=lambda point: (point.study, point.metric)):
        by_name = groupby(points, key=lambda point: point.condition)
        lines = [_line(names[study].index(name), list(of_name)) for name, of_name in by_name]
        lost = [name for name in names[study] if (study, name) in diverged]
        figures[study].append(figure_of(metric, lines, names[study], lost, prefix=f"{study}-"))
    return figures


def _line(index: int, points: Sequence[Point]) -> Line:
    def column(values: Sequence[float | None]) -> Array:
        return np.array([np.nan if value is None else value for value in values])

    epochs = np.array([float(point.epoch) for point in points])
    middle, low, high = (column([getattr(point, name) for point in points]) for name in ("median", "low", "high"))
    return Line(index, epochs, middle, low, high)
