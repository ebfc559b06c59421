"""docs/diagnosis.md: its table has every mistake of the catalogue, and its numbers are those of the code.

`python -m tests.diagnosis.test_docs` writes the table anew.
"""

from pathlib import Path

import pytest
import yaml

from hw1_lightning.commands.diagnosing import engine, runs
from hw1_lightning.diagnosis import conclusions, evidence, hypotheses, shares, weighing
from hw1_lightning.diagnosis.catalogue.whole import CATALOGUE
from hw1_lightning.diagnosis.reading import read_report
from hw1_lightning.diagnosis.reported import METRICS
from hw1_lightning.report.plain_tables import Table, markdown_rows

PAGE = Path("docs/diagnosis.md")
BEGIN, END = "writes it anew -->\n\n", "\n\n<!-- end of the catalogue -->"


def written_table() -> str:
    heads = ("mistake", "where to look", "what a report may say")
    return markdown_rows(Table("", heads, [[each.name, each.advice, each.said] for each in CATALOGUE]))


def test_the_table_has_every_mistake_of_the_catalogue() -> None:
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    assert rest.partition(END)[0] == written_table(), "run `python -m tests.diagnosis.test_docs`"


@pytest.mark.parametrize(
    "words",
    [
        f"{engine.ROUNDED} times with the same random numbers but rounded otherwise",
        f"{engine.ORDERED} times with the examples in other orders",
        f"with {engine.SEEDED} other seeds",
        f"more than {engine.FAR:g} standard deviations from the reported one",
        f"the {hypotheses.PAIRED} likeliest in pairs, at most {hypotheses.MOST_PAIRS} runs",
        f"if that is more than {runs.LONG:g} seconds",
        "(beforehand {:.0%}), the same but for the order of the examples ({:.0%}), and other ones ({:.0%})".format(
            *evidence.DRAWS
        ),
        f"a slip of the pen, with probability {evidence.SLIP:.0%}.",
        f"with probability {evidence.REDEFINED:.0%}. Then it says nothing",
        f"correct with probability {hypotheses.CORRECT:.0%}, mistaken in a way of the catalogue with",
        f"with {hypotheses.MISTAKEN:.0%} (all mistakes equally likely, and",
        f"something else with {hypotheses.UNKNOWN:.0%}.",
        f"a program is {shares.OTHER_EXAMPLES:g} times more likely of the third kind",
        f"but within {weighing.WIDE:g} times the spread between seeds",
        f"is {hypotheses.REPEATED:g} times more likely",
        f"at least {conclusions.NAMED:.0%} of the probability, and one of them {conclusions.NAMED:.0%} of that",
    ],
)
def test_the_numbers_of_the_page_are_those_of_the_code(words: str) -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").replace("**", "").split())
    assert words.replace("%", " %") in text


def test_the_file_in_the_docs_can_be_read(tmp_path: Path) -> None:
    example = PAGE.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "report.yaml").write_text(example, encoding="utf-8")
    (tmp_path / "curves.csv").write_text("epoch,val/accuracy\n1,0.31\n", encoding="utf-8")
    report = read_report(tmp_path / "report.yaml")
    assert [each.name for each in report.experiments] == list(yaml.safe_load(example)["experiments"])


def test_the_page_names_every_metric() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [metric for metric in METRICS if f"`{metric}`" not in text] == []


if __name__ == "__main__":
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest[rest.index(END.lstrip()) :]
    PAGE.write_text(f"{before}{begin}{written_table()}\n\n{after}", encoding="utf-8")
