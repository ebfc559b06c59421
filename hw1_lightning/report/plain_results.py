"""The tables of a study's page as plain tables, to be printed or copied."""

from hw1_lightning.judgement.comparison import comparisons
from hw1_lightning.report.plain_tables import Table, Value
from hw1_lightning.report.reproduction import Described
from hw1_lightning.report.tables import columns, comparison_rows, result_rows, spread_rows
from hw1_lightning.study.results import StudyResults
from hw1_lightning.study.words import DASH


def condition_table(option_names: list[str], conditions: list[Described]) -> Table:
    """Return the table of the options that differ between conditions, and of what their seeds vary."""
    rows = [[each.name, *each.options, each.varies] for each in conditions]
    return Table("Conditions", ["condition", *option_names, "the seed varies"], rows)


def result_table(results: StudyResults, timed: bool = True, further: bool = False) -> Table:
    """Return the result table: for each condition the medians over seeds with their intervals.

    Args:
        results: the study.
        timed: whether to include the seconds per run.
        further: whether to include means and ranges too.
    """
    shown = [column for column in columns(results) if timed or column.metric != "seconds"]
    heads = [head for column in shown for head in [column.head, f"{column.head}, reported"][: 1 + column.reported]]
    rows: list[list[Value]] = []
    for row in result_rows(results):
        cells: list[Value] = [row["name"], row["runs"]]
        for column in shown:
            cell = row["cells"][column.metric]
            short = f"{cell.middle} [{cell.interval}]" if cell.interval else cell.middle
            cells.append(cell.in_full() if further else short)
            cells += [row["reference"].get(column.metric, DASH)] if column.reported else []
        rows.append(cells)
    return Table("After the last epoch, median over seeds [95 % interval]", ["condition", "runs", *heads], rows)


def comparison_table(results: StudyResults) -> Table:
    """Return the differences of all conditions to the baseline, by each metric."""
    slugs = {condition.name: condition.slug for condition in results.study.conditions}
    rows: list[list[Value]] = []
    for metric in results.study.metrics:
        for row in comparison_rows(comparisons(results, metric), slugs):
            intervals = "; ".join(f"{over} {ends}" for over, ends in row["intervals"])
            rows.append([row["name"], metric, row["difference"], intervals, row["verdict"], row["wins"], row["p_page"]])
    heads = ["condition", "metric", "difference", "interval over", "verdict", "wins", "p, corrected"]
    return Table(f"Median difference from {results.study.baseline}, paired by seed", heads, rows)


def spread_table(results: StudyResults) -> Table:
    """Return the standard deviation over seeds of each condition and metric."""
    names = ["varies", "seeds", *results.study.metrics]
    rows = [[row["name"], *(row[name] for name in names)] for row in spread_rows(results)]
    return Table("Standard deviation over seeds", ["condition", *names], rows)
