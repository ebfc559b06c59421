"""The page of a diagnosis: complete, escaped, in one file, and without errors in a browser."""

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from hw1_lightning.diagnosis.answers import Diagnosis, NumberAnswer
from hw1_lightning.diagnosis.reported import Number
from hw1_lightning.errors import InputError
from hw1_lightning.report.diagnosis.charts import EDGE, WIDTH, curve_figures, strip
from hw1_lightning.report.diagnosis.page import check_page, contents, write_page
from hw1_lightning.report.diagnosis.text import text_of as as_lines
from hw1_lightning.report.diagnosis.words import in_short
from tests.diagnosis.made_up import NAN, answer, made_up
from tests.diagnosis.made_up import number as answered
from tests.report.diagnosis.test_words import ACCUSING
from tests.report.test_page import PHONE, browse


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "diagnosis" / "group_k.html"
    write_page(made_up(), path)
    return path


@pytest.fixture(scope="module")
def page(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def text_of(part: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


def test_a_page_requires_no_other_file(page: str) -> None:
    assert not re.search(r'(?:src|href)="(?!data:,"|#)', page)
    assert not re.search(r"@import|url\((?!#)|<script", page)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)), "ids are unique"
    assert set(re.findall(r'aria-labelledby="(\w+)"', page)) <= set(ids)


def test_the_top_says_what_is_reproduced_explained_and_open(page: str) -> None:
    top = text_of(page.partition("<body>")[2].partition('id="numbers"')[0])
    for words in (
        "Of 6 experiments, 2 are reproduced, 2 are explained by a mistake",
        "Softmax before cross-entropy With it the numbers are 2,000 times more likely",
        "val/accuracy 0.4751: with the mistake the same digits, without it 0.5264",
        "Where to look The loss applies softmax itself",
        "perceptron : test/accuracy 0.3743, to the last digit",
        "Rate of another experiment: learning rate 0.0001 instead of 0.001 probability 62 %",
        "the nearest 0.5306, 0.0597 away",
        "The accuracies are read as percentages.",
    ):
        assert words in top
    assert top.count("Softmax before cross-entropy") == 1, "a mistake is named once"


def test_what_is_open_in_an_experiment_that_is_reproduced_is_said() -> None:
    """A loss that is defined in another way, for example, or a metric of another split."""
    fits = answered("val/accuracy", 0.5, "reproduced", 0.5)
    other = answered("val/loss", 1.7, "unexplained", 1.4, nearest=1.4)
    partly = answer("a", "reproduced", [fits, fits, other], how="digits")
    alone = replace(made_up(), experiments=(partly,), findings=())
    assert in_short(alone) == "The experiment is reproduced, in part"
    whole = answer("b", "reproduced", [fits], how="digits")
    assert (
        in_short(replace(alone, experiments=(partly, whole))) == "All 2 experiments are reproduced; 1 of them in part"
    )
    lines = as_lines(alone, 200).splitlines()
    assert "reproduced     a: 2 of 3 numbers, to the last digit" in lines
    assert "unexplained    a: val/loss is reported as 1.7000; a correct program gives 1.4000, 0.3000 away" in lines
    page = contents(alone)
    assert page["reproduced"] == [("a", "2 of 3 numbers, to the last digit")]
    assert [name for name, _ in page["unexplained"]] == ["a"]


def test_the_table_has_every_number(page: str) -> None:
    part = page.partition('id="numbers"')[2].partition('id="curves"')[0]
    rows = [text_of(row) for row in re.findall(r'<tr role="row"><th scope="row".+?</tr>', part, re.DOTALL)]
    assert len(rows) == sum(len(answer.numbers) for answer in made_up().experiments)
    assert rows[0].endswith("0.4751 0.5264 0.0001 0.5281 ± 0.004 0.4751 explained")
    assert sum("epoch" in row for row in rows) == 20
    assert "unexplained nearest: 0.5306, one hidden layer" in text_of(part)
    assert "logistic_regression, trainer.max_epochs: 20" in text_of(part)


def test_the_page_says_what_it_cannot_tell_and_accuses_nobody(page: str) -> None:
    text = text_of(page.partition("<body>")[2])
    assert "Explained does not mean proved." in text
    assert "It is for learning, and it proves nothing about a person." in text
    assert not ACCUSING.search(text)


def without_answers(diagnosis: Diagnosis) -> Diagnosis:
    """Return a diagnosis whose first experiment is all there is, reproduced."""
    first = diagnosis.experiments[2]
    report = replace(diagnosis.report, experiments=(first.experiment,), notes=())
    return replace(diagnosis, report=report, experiments=(first,), findings=())


def test_a_report_without_mistakes_has_no_empty_parts(tmp_path: Path) -> None:
    write_page(without_answers(made_up()), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<h1>The experiment is reproduced</h1>" in page
    assert set(re.findall(r'<h2 id="(\w+)"', page)) == {"reproduced", "numbers", "how"}


def test_texts_of_users_are_escaped(tmp_path: Path) -> None:
    diagnosis = made_up(title="<script>alert(1)</script>")
    name = replace(diagnosis.experiments[0].experiment, name="<b>x", options={"<i>": "<u>"})
    findings = tuple(replace(each, experiments=("<b>x",)) for each in diagnosis.findings)
    experiments = (replace(diagnosis.experiments[0], experiment=name), *diagnosis.experiments[1:])
    write_page(replace(diagnosis, experiments=experiments, findings=findings), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|<b>x|<i>|<u>", page)
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;x" in page


def test_only_a_page_of_a_diagnosis_is_replaced(path: Path, tmp_path: Path) -> None:
    check_page(path)
    check_page(tmp_path / "new.html")
    (tmp_path / "other.html").write_text("<html>")
    for other in (tmp_path / "other.html", tmp_path):
        with pytest.raises(InputError, match="exists and is not a page of hw1 diagnose"):
            check_page(other)


def number(correct: float, rounding: float, seeds: float) -> NumberAnswer:
    return NumberAnswer(Number("val/accuracy", 0.5, 0.0001), "explained", correct, rounding, seeds)


def test_a_strip_keeps_distances() -> None:
    chart = strip(replace(number(0.6, 0.01, 0.02), explained=0.52, nearest=0.55))
    inside = WIDTH - 2 * EDGE
    # The axis goes from the reported 0.5 to 0.6 + 2 * 0.02.
    expected = {value: EDGE + inside * (value - 0.5) / 0.14 for value in (0.5, 0.52, 0.55, 0.56, 0.58, 0.6, 0.62, 0.64)}
    assert chart.reported == pytest.approx(expected[0.5], abs=0.06)
    assert chart.explained == pytest.approx(expected[0.52], abs=0.06)
    assert chart.nearest == pytest.approx(expected[0.55], abs=0.06)
    assert chart.correct == pytest.approx(expected[0.6], abs=0.06)
    assert chart.seeds == pytest.approx((expected[0.56], expected[0.64]), abs=0.06)
    assert chart.rounding == pytest.approx((expected[0.58], expected[0.62]), abs=0.06)
    assert chart.ends == ("0.5000", "0.6400")
    moved = strip(replace(number(0.6, 0.01, 0.02), seed_mean=0.54))
    # The axis goes from the reported 0.5 to 0.6 + 2 * 0.01; the band of seeds is around their mean.
    assert moved.seeds == pytest.approx((EDGE, EDGE + inside * 0.08 / 0.12), abs=0.06)
    assert moved.correct == pytest.approx(EDGE + inside * 0.1 / 0.12, abs=0.06)


def test_a_strip_of_equal_or_unknown_numbers_is_in_the_middle() -> None:
    for correct in (0.5, NAN):
        chart = strip(number(correct, 0.0, NAN))
        assert chart.reported == WIDTH / 2
        assert chart.correct == (None if correct != correct else WIDTH / 2)
        assert (chart.seeds, chart.rounding, chart.explained) == (None, None, None)
        assert chart.ends == ("0.4995", "0.5005")


def test_curves_are_drawn_where_there_are_epochs() -> None:
    diagnosis = made_up()
    assert curve_figures(diagnosis.experiments[0], "a-") == []
    (figure,) = curve_figures(diagnosis.experiments[1], "a-")
    assert figure.title == "Validation accuracy"
    assert "a correct program: 0.31 after epoch 1, maximum 0.5 after epoch 20" in figure.svg
    assert "reported: 0.205 after epoch 1" in figure.svg
    assert "with the mistake: 0.205 after epoch 1" in figure.svg
    lost = [replace(each, correct=NAN, explained=None) for each in diagnosis.experiments[1].numbers]
    (figure,) = curve_figures(replace(diagnosis.experiments[1], numbers=tuple(lost)), "a-")
    assert "a correct program" not in figure.svg


@pytest.mark.slow
def test_a_browser_shows_the_page_without_complaint_at_any_width(path: Path, tmp_path: Path) -> None:
    (tmp_path / "phone.html").write_text(PHONE.format(page=path.as_uri()))
    shown, log = browse(tmp_path / "phone.html", tmp_path / "profile")
    assert 'data-too-wide="0"' in shown
    assert "CONSOLE" not in log
