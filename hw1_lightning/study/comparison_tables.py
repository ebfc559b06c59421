"""The tables of `hw1 compare`, for a terminal, a file or a page."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from hw1_lightning.study.compared import ComparedRuns
from hw1_lightning.study.grouping import options_that_differ, shown
from hw1_lightning.study.plain_tables import Table, Value
from hw1_lightning.study.quantities import CURVES
from hw1_lightning.study.results import StudyResults
from hw1_lightning.study.run_folders import GivenRun
from hw1_lightning.study.tables import columns, comparison_rows, comparisons, result_rows
from hw1_lightning.study.words import DASH, Cell

FINISHED = "finished"


def tables(results: ComparedRuns, unreadable: Sequence[GivenRun], labels: Mapping[Path, str]) -> list[Table]:
    """Everything that is shown of given runs.

    Args:
        results: the runs.
        unreadable: those whose config.yaml cannot be read.
        labels: what to call each run's folder.

    Returns:
        The options that differ, if there are any; the statistics over seeds, if there are several; every run.
    """
    found = [options_table(results)] if options_that_differ(results.groups) else []
    if any(each.finished > 1 for each in results.groups):
        found.append(result_table(results))
        found += [comparison_table(results)] if len(results.groups) > 1 else []
    return [*found, run_table(results, unreadable, labels)]


def options_table(results: ComparedRuns) -> Table:
    """The options that differ, the longer way down."""
    groups, names = results.groups, options_that_differ(results.groups)
    rows = [[name, *(shown(each.options, name) or DASH for each in groups)] for name in names]
    heads = ["option", *(each.name for each in groups)]
    if len(groups) > len(names):
        heads, *rows = ([*row] for row in zip(heads, *rows, strict=True))
        heads[0] = "condition"
    return Table("Options that differ", heads, rows)


def result_table(results: StudyResults) -> Table:
    """The result table of a study's page: over seeds, with intervals."""
    heads, rows = ["condition", "runs"], [[row["name"], row["runs"]] for row in result_rows(results)]
    for column in columns(results):
        head = "seconds a run" if column.metric == "seconds" else column.metric
        heads += [head, f"{head}, reported"] if column.reported else [head]
        for row, given in zip(rows, result_rows(results), strict=True):
            row.append(_cell(given["cells"][column.metric]))
            row += [given["reference"].get(column.metric, DASH)] if column.reported else []
    return Table("After the last epoch, over seeds [95 % interval]", heads, rows)


def _cell(cell: Cell) -> str:
    return f"{cell.mean} [{cell.interval}]" if cell.interval else cell.mean


def comparison_table(results: StudyResults) -> Table:
    """Each condition against the first, by each metric."""
    slugs = {condition.name: condition.slug for condition in results.study.conditions}
    rows = [
        [row["name"], metric, *(row[part] for part in ("difference", "interval", "verdict", "wins", "p_holm"))]
        for metric in results.study.metrics
        for row in comparison_rows(comparisons(results, metric), slugs, None)
    ]
    heads = ["condition", "metric", "difference", "95 % interval", "verdict", "wins", "p, Holm"]
    return Table(f"Difference to {results.study.baseline}, paired by seed", heads, rows)


def run_table(
    results: ComparedRuns, unreadable: Sequence[GivenRun], labels: Mapping[Path, str], full: bool = False
) -> Table:
    """Every run side by side.

    Args:
        results: the runs.
        unreadable: those whose config.yaml cannot be read.
        labels: what to call each run's folder.
        full: whether all metrics and the options that differ are columns too.
    """
    options = options_that_differ(results.groups) if full else []
    metrics = _metrics(results, full)
    found = [run for each in results.groups for run in each.runs]
    status = any(run.problem or (run.result and run.result["status"] != FINISHED) for run in [*found, *unreadable])
    rows: list[list[Value]] = []
    for each in results.groups:
        for seed, run in sorted(zip(each.seeds, each.runs, strict=True), key=lambda pair: pair[0]):
            known = [labels[run.folder], each.name, seed, *([_status(run)] if status or full else [])]
            rows.append([*known, *(shown(each.options, name) for name in options), *_numbers(run, metrics)])
    for run in unreadable:
        empty: list[Value] = [None] * (len(options) + len(metrics))
        rows.append([labels[run.folder], None, None, run.problem, *empty])
    heads = ["run", "condition", "seed", *(["status"] if status or full else []), *options, *metrics]
    return Table("Every run", heads, rows)


def _status(run: GivenRun) -> str:
    return run.problem if run.result is None else str(run.result["status"])


def _metrics(results: ComparedRuns, full: bool) -> list[str]:
    """Names of columns: final metrics, the best and when, the test, epochs and seconds."""
    found = {
        part: dict.fromkeys(n for run in results.runs for n in run.result[part]) for part in ("final", "best", "test")
    }
    chosen = [name for name in found["final"] if full or name in results.study.metrics or name not in CURVES]
    best = [f"best {name}" for name in sorted(found["best"], key="epoch".__eq__) if full or name != "step"]
    return [*chosen, *best, *found["test"], "epochs", "seconds"]


def _numbers(run: GivenRun, metrics: Sequence[str]) -> list[Value]:
    if run.result is None:
        return [None] * len(metrics)
    result = run.result
    best = {f"best {name}": value for name, value in result["best"].items()}
    known = {**result["final"], **best, **result["test"], "epochs": result["epochs"], "seconds": result["seconds"]}
    return [known.get(name) for name in metrics]
