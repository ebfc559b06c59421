"""The tables of `hw1 compare`, for a terminal, a file or a page."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from hw1_lightning.metrics import CURVES
from hw1_lightning.report.plain_results import comparison_table, result_table
from hw1_lightning.report.plain_tables import Table, Value
from hw1_lightning.study.compared import ComparedRuns
from hw1_lightning.study.finished import numbers_in
from hw1_lightning.study.grouping import options_that_differ, shown
from hw1_lightning.study.run_folders import GivenRun
from hw1_lightning.study.words import DASH

PARTS = ("final", "best", "test")  # of result.json


def tables(results: ComparedRuns, side: Table) -> list[Table]:
    """Return all tables that are printed.

    Args:
        results: the runs.
        side: the table of every run, from ``run_table``.

    Returns:
        The options that differ and the statistics over seeds, if there are any, and every run.
    """
    found = [options_table(results)] if options_that_differ(results.groups) else []
    if any(each.finished > 1 for each in results.groups):
        found.append(result_table(results, timed=False))  # the table of all runs shows the seconds
        compared = comparison_table(results)
        found += [compared] if compared.rows else []
    return [*found, side]


def options_table(results: ComparedRuns) -> Table:
    """Return the options that differ, with the longer list of conditions and options as rows."""
    groups, names = results.groups, options_that_differ(results.groups)
    rows: list[list[Value]] = [[name, *(shown(each.options, name) or DASH for each in groups)] for name in names]
    heads = ["option", *(each.name for each in groups)]
    if len(groups) > len(names):
        rows = [[each.name, *(shown(each.options, name) or DASH for name in names)] for each in groups]
        heads = ["condition", *names]
    return Table("Options that differ", heads, rows)


def run_table(
    results: ComparedRuns, unreadable: Sequence[GivenRun], labels: Mapping[Path, str], full: bool = False
) -> Table:
    """Return the table of every run.

    Args:
        results: the runs.
        unreadable: those whose config.yaml cannot be read.
        labels: a short name of each run's folder.
        full: whether to add all metrics and the options that differ.
    """
    options = options_that_differ(results.groups) if full else []
    metrics = _metrics(results, full)
    found = [run for each in results.groups for run in each.runs]
    status = full or any(_status(run) != "finished" for run in [*found, *unreadable])
    rows: list[list[Value]] = []
    for each in results.groups:
        for seed, run in each.numbered:
            known: list[Value] = [labels[run.folder], each.name, seed, *([_status(run)] if status else [])]
            rows.append([*known, *(shown(each.options, name) for name in options), *_numbers(run, metrics)])
    for run in unreadable:
        rows.append([labels[run.folder], None, None, run.problem, *[None] * len([*options, *metrics])])
    named = metrics if full else ["at epoch" if name == "best epoch" else name for name in metrics]
    heads = ["run", "condition", "seed", *(["status"] if status else []), *options, *named]
    return Table("Every run", heads, rows)


def _status(run: GivenRun) -> str:
    return run.problem if run.result is None else str(run.result["status"])


def _metrics(results: ComparedRuns, full: bool) -> list[str]:
    """Return the names of columns: final metrics, best values with their epoch, test metrics, epochs and seconds."""
    final, best, test = ({name: None for run in results.runs for name in run.result[part]} for part in PARTS)
    chosen = [name for name in final if full or name in results.study.metrics or name not in CURVES]
    bests = [f"best {name}" for name in sorted(best, key="epoch".__eq__) if full or name != "step"]
    tests = [name for name in test if full or name != "test/loss" or len(test) == 1]
    return [*chosen, *bests, *tests, "epochs", "seconds"]


def _numbers(run: GivenRun, metrics: Sequence[str]) -> list[Value]:
    result = run.result
    known = numbers_in(result) | {name: result[name] for name in ("epochs", "seconds")} if result else {}
    return [known.get(name) for name in metrics]
