"""Tables as aligned text, CSV, Markdown and LaTeX, with escaped texts."""

import csv

from hw1_lightning.report.plain_tables import Table, as_csv, as_latex, as_markdown, as_text

TABLE = Table("Title", ["run", "val/accuracy", "seed"], [["a", 0.123456789, 3], ["long name", None, None]])
ODD = Table("a\nb", ["x_1", "50 %"], [["[a] & b", "#{}~^\\"], ["=1+1", "|<i>|"]])


def test_text_is_aligned() -> None:
    assert as_text(TABLE, 80) == (
        "Title\nrun        val/accuracy  seed\na          0.1235        3\nlong name"
    )  # fmt: skip


def test_columns_that_do_not_fit_follow_below() -> None:
    lines = as_text(TABLE, 24).splitlines()
    assert lines == ["Title", "run        val/accuracy", "a          0.1235", "long name", "",
                     "run        seed", "a          3", "long name"]  # fmt: skip
    many = Table("t", ["run", *(f"metric {n}" for n in range(30))], [["r", *range(30)]])
    assert max(map(len, as_text(many, 80).splitlines())) <= 80


def test_text_holds_no_control_characters() -> None:
    assert "\x1b" not in as_text(Table("t", ["x"], [["\x1b[31mred"]]), 80)


def test_csv_keeps_every_digit_and_holds_no_formula() -> None:
    assert list(csv.reader(as_csv(TABLE).splitlines()))[1:] == [["a", "0.123456789", "3"], ["long name", "", ""]]
    cells = [row[0] for row in csv.reader(as_csv(ODD).splitlines())]
    assert cells == ["x_1", "[a] & b", "'=1+1"]
    assert as_csv(Table("t", ["x"], [[-1.5]])) == "x\n-1.5\n", "a negative number is not a formula"


def test_markdown_shows_texts_literally() -> None:
    lines = as_markdown(ODD).splitlines()
    assert lines[0] == "a b"
    assert lines[2:4] == ["| x_1 | 50 % |", "|---|---|"]
    assert lines[4] == "| \\[a\\] &amp; b | #{}~^\\\\ |"
    assert lines[5] == "| =1+1 | \\|&lt;i>\\| |"


def test_latex_is_escaped_and_has_booktabs_rules() -> None:
    assert as_latex(ODD).splitlines() == [
        r"% a\nb; requires \usepackage{booktabs}",
        r"\begin{tabular}{@{}ll@{}}",
        r"\toprule",
        r"x\_1 & 50 \% \\",
        r"\midrule",
        r"{}[a] \& b & \#\{\}\textasciitilde{}\textasciicircum{}\textbackslash{} \\",
        r"{}=1+1 & \textbar{}\textless{}i\textgreater{}\textbar{} \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]
