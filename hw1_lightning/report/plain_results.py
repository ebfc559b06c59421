"""The tables of a study's page as plain tables, to be printed or copied."""

from hw1_lightning.judgement.comparison import comparisons
from hw1_lightning.report.plain_tables import Table, Value
from hw1_lightning.report.tables import columns, comparison_rows, result_rows
from hw1_lightning.study.results import StudyResults
from hw1_lightning.study.words import DASH, Cell


def result_table(results: StudyResults, timed: bool = True) -> Table:
    """The result table of a study's page: over seeds, with intervals.

    Args:
        results: the study.
        timed: whether to have the seconds a run.
    """
    heads = ["condition", "runs"]
    rows: list[list[Value]] = [[row["name"], row["runs"]] for row in result_rows(results)]
    for column in columns(results):
        if column.metric == "seconds" and not timed:
            continue
        head = "seconds a run" if column.metric == "seconds" else column.metric
        heads += [head, f"{head}, reported"] if column.reported else [head]
        for row, given in zip(rows, result_rows(results), strict=True):
            row.append(_cell(given["cells"][column.metric]))
            row += [given["reference"].get(column.metric, DASH)] if column.reported else []
    return Table("After the last epoch, median over seeds [95 % interval]", heads, rows)


def _cell(cell: Cell) -> str:
    return f"{cell.middle} [{cell.interval}]" if cell.interval else cell.middle


def comparison_table(results: StudyResults) -> Table:
    """Each condition against the first, by each metric."""
    slugs = {condition.name: condition.slug for condition in results.study.conditions}
    rows: list[list[Value]] = []
    for metric in results.study.metrics:
        for row in comparison_rows(comparisons(results, metric), slugs):
            intervals = "; ".join(f"{over} {ends}" for over, ends in row["intervals"])
            rows.append([row["name"], metric, row["difference"], intervals, row["verdict"], row["wins"], row["p_page"]])
    heads = ["condition", "metric", "difference", "interval over", "verdict", "wins", "p, corrected"]
    return Table(f"Median difference to {results.study.baseline}, paired by seed", heads, rows)
