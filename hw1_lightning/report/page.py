"""Writes the page of a study: what was run, what the evidence supports, and the cost."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hw1_lightning.files import replacing
from hw1_lightning.judgement.claims import Judgement, judge
from hw1_lightning.judgement.comparison import comparisons, margin_of
from hw1_lightning.judgement.questions import error_of_each, number_of_differences, what_seeds_can_show
from hw1_lightning.report import findings
from hw1_lightning.report.drawing import COLOURS, WIDTH, line_style
from hw1_lightning.report.figures import figures
from hw1_lightning.report.plain_results import condition_table, result_table, spread_table
from hw1_lightning.report.plain_tables import Table, Value, as_csv, as_latex, markdown_rows, markdown_text
from hw1_lightning.report.reproduction import conditions_in_full
from hw1_lightning.report.tables import columns, comparison_rows, result_rows, run_rows, spread_rows
from hw1_lightning.study.finished import numbers_in
from hw1_lightning.study.jobs import folder_of
from hw1_lightning.study.results import Run, StudyResults
from hw1_lightning.study.words import duration


def judgements(results: StudyResults) -> list[Judgement]:
    """Judge every claim of a study by its finished runs."""
    return [judge(results, claim) for claim in results.study.claims]


def write_report(results: StudyResults) -> Path:
    """Write report.html, report.md and results.csv into the study's folder, each atomically.

    Returns:
        The path of report.html, a single file that requires no others.
    """
    page = contents(results)
    for name in ("report.html", "report.md"):
        write(results.folder / name, render(f"{name}.j2", page))
    write(results.folder / "results.csv", _csv(results))
    return results.folder / "report.html"


def render(template: str, page: Mapping[str, Any]) -> str:
    """Fill in a template, and escape all texts of the user.

    Args:
        template: its file name, with the language before ``.j2``.
        page: values for its variables.
    """
    import jinja2  # imported late because only reports require it

    html = template.endswith(".html.j2")  # autoescape for HTML, finalize for Markdown
    finalize, undefined = None if html else _plain, jinja2.StrictUndefined
    loader = jinja2.PackageLoader("hw1_lightning.report")
    environment = jinja2.Environment(
        loader=loader, autoescape=html, finalize=finalize, undefined=undefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(template).render(page).rstrip() + "\n"


def contents(results: StudyResults) -> dict[str, Any]:
    """Compute all values for the templates of a study's page, by the names of variables."""
    study = results.study
    judged, selected = judgements(results), findings.selected_condition(results)
    slugs = {condition.name: condition.slug for condition in study.conditions}
    return {
        "study": study,
        "slugs": slugs,
        "warnings": findings.warnings(results),
        "finished": len(results.runs),
        "planned": sum(results.planned(condition.name) for condition in study.conditions),
        "selected": selected,
        "single_model": findings.single_model(results, selected) if study.seeds > 1 else None,
        "selection": findings.describe_selection(results, selected),
        "judgements": judged,
        "claims_in_words": findings.describe_claims(judged),
        "conditions_of": {each.claim.id: _conditions_of(each) for each in judged},
        "figures": figures(results),
        "legend": [(name, *stroke(index)) for index, name in enumerate(slugs)],
        "colours": COLOURS,
        "cost": duration(sum(run.result["seconds"] for run in results.runs)),
        "epochs": sum(run.result["epochs"] for run in results.runs),
        **_tables(results),
        **_compared(results, slugs),
        **findings.provenance(results),
    }


def _tables(results: StudyResults) -> dict[str, Any]:
    described = conditions_in_full(results)
    return {
        **described,
        "condition_table": condition_table(described["option_names"], described["conditions"]),
        "columns": columns(results),
        "rows": result_rows(results),
        "result_table": result_table(results, further=True),
        "latex": as_latex(result_table(results)),
        "spread": spread_rows(results),
        "spread_table": spread_table(results),
        "runs": run_rows(results),
    }


def _compared(results: StudyResults, slugs: dict[str, str]) -> dict[str, Any]:
    study, differences = results.study, number_of_differences(results.study)
    made = {metric: comparisons(results, metric) for metric in study.metrics}
    return {
        "verdicts": [findings.describe_comparisons(results, each, metric) for metric, each in made.items()],
        "comparisons": {metric: comparison_rows(each, slugs) for metric, each in made.items()},
        "margins": {metric: margin_of(study, metric) for metric in study.metrics},
        "can_show": what_seeds_can_show(results.paired_seeds(), differences),
        "differences": differences,
        "confidence": f"{100 * (1 - error_of_each(study)):.4g} %",
        "divided": results.divided([condition.name for condition in study.conditions]),
    }


def _conditions_of(judgement: Judgement) -> list[str]:
    """Return the conditions that a judgement depends on, each once."""
    return list(dict.fromkeys(name for check in judgement.claim.checks for name in (check.of, *check.than)))


def stroke(index: int) -> tuple[int, str]:
    """Return colour and dashes of a condition's line in the legend, in the syntax of SVG."""
    colour, dashes = line_style(index)
    return colour, " ".join(f"{WIDTH * length:.1f}" for length in dashes)


def _plain(value: object) -> object:
    """Write a table as Markdown, and escape any other text."""
    if isinstance(value, Table):
        return markdown_rows(value)
    as_it_is = not isinstance(value, str) or hasattr(value, "__html__")  # code, marked safe
    return value if as_it_is else markdown_text(str(value))


def _csv(results: StudyResults) -> str:
    """Return the content of results.csv: one row for each planned run, with empty cells for missing values."""
    final, test = ({name for run in results.runs for name in run.result[part]} for part in ("final", "test"))
    best = {name for run in results.runs for name in run.result.get("best", {})}
    heads = [*sorted(final), *(f"best {name}" for name in sorted(best)), *sorted(test)]
    rows = {(run.condition, run.seed): [run.result["status"], *_numbers(run, heads)] for run in results.runs}
    empty: list[Value] = [None] * (len(heads) + 2)
    rows |= {(name, seed): ["failed", *empty] for name, seed, _ in results.failures}
    rows |= {run: ["missing", *empty] for run in results.missing}
    table = []
    for condition, seed in results.study.each_run():
        folder = folder_of(results.folder, condition, seed).relative_to(results.folder).as_posix()
        table.append([condition.name, seed, *rows[condition.name, seed], folder])
    named = ["condition", "seed", "status", *heads, "epochs", "seconds", "folder"]
    return as_csv(Table("", named, table), end="\r\n")


def _numbers(run: Run, heads: list[str]) -> list[Value]:
    known = numbers_in(run.result)
    return [*(known.get(name) for name in heads), run.result["epochs"], run.result["seconds"]]


def write(path: Path, text: str) -> None:
    """Write a text file atomically."""
    with replacing(path) as temporary:
        # Bytes of file names that are not UTF-8 are escaped, as in printable().
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")
