"""Writes the page of a diagnosis: what is reproduced, which mistakes explain numbers, and what is open."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from hw1_lightning.diagnosis.answers import Diagnosis, ExperimentAnswer, NumberAnswer
from hw1_lightning.errors import InputError, file_errors
from hw1_lightning.report.diagnosis.charts import LINES, WIDTH, curve_figures, strip
from hw1_lightning.report.diagnosis.findings import (
    described,
    named_mistakes,
    possible,
    reproduced,
    shown_numbers,
    unexplained,
)
from hw1_lightning.report.diagnosis.words import (
    LIMITS,
    VERDICTS,
    as_reported,
    explanation,
    in_short,
    metric_of,
    open_numbers,
    over_seeds,
    spread,
)
from hw1_lightning.report.drawing import COLOURS
from hw1_lightning.report.page import render, stroke, write
from hw1_lightning.study.words import DASH, duration

# Marks a page that a newer one may replace.
GENERATOR = "hw1 diagnose"
HEAD = 2**10  # the mark is within this many bytes


def check_page(path: Path) -> None:
    """Refuse to write a page over a file that is not the page of a diagnosis.

    Raises:
        InputError: naming the file.
    """
    if path.exists() and not _is_ours(path):
        raise InputError(f"the page {path} exists and is not a page of hw1 diagnose; remove it, or choose --page")


def _is_ours(path: Path) -> bool:
    if path.is_file():
        with suppress(OSError), path.open("rb") as file:
            return f'content="{GENERATOR}"'.encode() in file.read(HEAD)
    return False


def write_page(diagnosis: Diagnosis, path: Path) -> None:
    """Write the page of a diagnosis atomically, as a single file that requires no others.

    Args:
        diagnosis: the answers.
        path: the file; its folder is made if it does not exist.

    Raises:
        InputError: if it cannot be written.
    """
    with file_errors(f"the page's folder {path.parent} cannot be made"):
        path.parent.mkdir(parents=True, exist_ok=True)
    write(path, render("diagnosis.html.j2", contents(diagnosis)))


def contents(diagnosis: Diagnosis) -> dict[str, Any]:
    """Compute all values for the template, by the names of variables."""
    answers = diagnosis.experiments
    groups = [_group(index, answer) for index, answer in enumerate(answers)]
    return {
        "generator": GENERATOR,
        "report": diagnosis.report,
        "headline": in_short(diagnosis),
        "mistakes": named_mistakes(diagnosis),
        "reproduced": [(each.experiment.name, reproduced(each)) for each in answers if each.verdict == "reproduced"],
        "several": [_ranked(each) for each in answers if each.verdict == "several"],
        "unexplained": [(each.experiment.name, unexplained(each)) for each in answers if open_numbers(each)],
        "groups": groups,
        "legend": [(name, *stroke(index)) for index, name in enumerate(LINES)],
        "drawn": any(group["figures"] for group in groups),
        "width": WIDTH,
        "limits": LIMITS,
        "data": diagnosis.data,
        "runs": f"{diagnosis.runs:,}",
        "executed": f"{diagnosis.executed:,}",
        "seconds": duration(diagnosis.seconds),
        "colours": COLOURS,
    }


def _ranked(answer: ExperimentAnswer) -> dict[str, Any]:
    """Return the explanations of an experiment, the best first."""
    ranked = [(explanation(each), described(each)) for each in possible(answer)]
    return {"name": answer.experiment.name, "candidates": ranked}


def _group(index: int, answer: ExperimentAnswer) -> dict[str, Any]:
    """Return the rows and figures of an experiment; numbers of earlier epochs are rows apart."""
    first = shown_numbers(answer)
    experiment = answer.experiment
    return {
        "name": experiment.name,
        "verdict": answer.verdict,
        "in_words": VERDICTS[answer.verdict],
        "settings": [*experiment.configs, *(f"{name}: {value}" for name, value in experiment.options.items())],
        "rows": [_row(each) for each in first],
        "further": [_row(each) for each in answer.numbers if each not in first],
        "figures": curve_figures(answer, f"experiment-{index}-"),
    }


def _row(answer: NumberAnswer) -> dict[str, Any]:
    number = answer.number
    return {
        "metric": metric_of(number),
        "reported": as_reported(number),
        "correct": as_reported(number, answer.correct),
        "rounding": spread(answer.rounding_spread),
        "seeds": over_seeds(answer),
        "explained": DASH if answer.explained is None else as_reported(number, answer.explained),
        "nearest": "" if answer.nearest is None else as_reported(number, answer.nearest),
        "nearest_change": answer.nearest_change or "the correct program",
        "verdict": answer.verdict,
        "in_words": VERDICTS[answer.verdict],
        "strip": strip(answer),
    }
