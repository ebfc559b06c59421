"""Mistakes in the file of a report: an error names the line."""

from pathlib import Path

import pytest

from hw1_lightning.errors import InputError
from tests.diagnosis.conftest import CURVES, GOOD, Read


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("title:", "titel:", 1, "unknown name 'titel'; allowed are title, seed, experiments; did you mean 'title'?"),
        ("Group K", "[a]", 1, "title must be a text"),
        ("Group K", "''", 1, "title must be a text"),
        ("seed: 7", "seed: -1", 2, "seed is -1; it must be a whole number from 0 to 4294967295"),
        ("seed: 7", "seed: true", 2, "seed is True"),
        ("seed: 7", "seed: 1.5", 2, "seed is 1.5"),
        ("experiments:", "experiment:", 3, "unknown name 'experiment'"),
        ("config: perceptron", "config: perceptrno", 5, "did you mean 'perceptron'?; `hw1 configs` lists them"),
        ("config: perceptron", "config: studies/dropout", 5, "unknown config 'studies/dropout'"),
        ("config: perceptron", "config: 3", 5, "config must be a text, not 3"),
        ("config: perceptron", "config: []", 5, "config must be a list with at least one entry"),
        ("    config: perceptron\n", "", 4, "'config' is missing"),
        ("options: {trainer.max_epochs: 20}", "options: 20", 6, "options must be a mapping"),
        (
            "trainer.max_epochs: 20",
            "seed_everything: 3",
            6,
            "seed_everything cannot be an option of an experiment: `seed`",
        ),
        ("trainer.max_epochs: 20", "data: {seed: 3}", 6, "data.seed cannot be an option of an experiment: `seed` in"),
        ("trainer.max_epochs: 20", "config: mlp", 6, "config cannot be an option of an experiment: give `config` next"),
        ("reported:", "reportd:", 7, "unknown name 'reportd'; allowed are config, options, reported, curves"),
        (
            "test/accuracy:",
            "test/acuracy:",
            8,
            "'test/acuracy' is not a metric; allowed are val/accuracy, test/accuracy",
        ),
        ("0.4750", "half", 8, "test/accuracy is 'half'; it must be a finite number"),
        ("0.4750", ".nan", 8, "test/accuracy is '.nan'; it must be a finite number"),
        ("0.4750", "", 8, "test/accuracy is 'null'; it must be a finite number"),
        ("0.4750", "{20: 0.4750}", 8, "hw1 evaluates the test split after the last one only; give one number"),
        ("0.4750", "-0.4750", 8, "must be a fraction from 0 to 1, or a percentage up to 100"),
        ("0.4750", "475.0", 8, "must be a fraction from 0 to 1, or a percentage up to 100"),
        ("0.31", "31", 8, "test/accuracy is 0.4750, but "),
        ("{10: 0.31", "{0: 0.31", 9, "val/accuracy: epoch is '0'; epochs are whole numbers from 1 to 20"),
        ("{10: 0.31", "{21: 0.31", 9, "from 1 to 20, the experiment's trainer.max_epochs"),
        ("{10: 0.31", "{last: 0.31", 9, "epoch is 'last'"),
        ("{10: 0.31", "{10: 0.3, 010: 0.31", 9, "val/accuracy of epoch 10 is given twice"),
        ("{10: 0.31", "{20: 0.31", 9, "'20' is given twice"),
        (
            "[2.1, 1.90, 1e-1]",
            "[2.1, [2020-01-01]]",
            10,
            "train/loss is [datetime.date(2020, 1, 1)]; it must be one number",
        ),
        ("  slow:", "  perceptron:", 11, "'perceptron' is given twice"),
        ("    curves: curves.csv\n", "", 11, "'slow' has no numbers"),
        ("curves: curves.csv", "curves: other.csv", 13, "other.csv, which is not a file"),
        (
            "curves: curves.csv",
            "reported: {val/loss: [1, 1, 1, 1, 1, 1]}",
            13,
            "epoch is '6'; epochs are whole numbers from 1 to 5",
        ),
    ],
)
def test_an_error_names_the_line_of_the_mistake(
    old: str, new: str, line: int, words: str, read: Read, tmp_path: Path
) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(InputError) as caught:
        read(GOOD.replace(old, new))
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'report.yaml'}:{line}: "), message
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("curves", "line", "words"),
    [
        ("", 1, "the column epoch is missing"),
        ("val/loss\n1\n", 1, "the column epoch is missing"),
        ("epoch;val/loss\n", 1, "unknown column 'epoch;val/loss'; allowed are epoch, val/accuracy, train/accuracy"),
        ("epoch,val/los\n", 1, "did you mean 'val/loss'?"),
        ("epoch,test/accuracy\n", 1, "unknown column 'test/accuracy'"),
        ("epoch,val/loss,val/loss\n", 1, "the column val/loss is given twice"),
        ("epoch,val/loss\n1,2,3\n", 2, "3 cells; the first line names 2 columns"),
        ("epoch,val/loss\n1\n", 2, "1 cells"),
        ("epoch,val/loss\n\n0,2\n", 3, "epoch is '0'; epochs are whole numbers from 1 to 5"),
        ("epoch,val/loss\n6,2\n", 2, "from 1 to 5, the experiment's trainer.max_epochs"),
        ("epoch,val/loss\n1,2\n1,2\n", 3, "epoch 1 is given twice, first in line 2"),
        ("epoch,val/loss\n1,two\n", 2, "val/loss is 'two'; it must be a finite number"),
        ("epoch,val/loss\n1,nan\n", 2, "val/loss is 'nan'; it must be a finite number"),
        ('epoch,val/loss\n1,"2\n', 2, "this is not valid CSV"),
        ("epoch,val/accuracy\n1,45.1\n", 2, "test/accuracy is 0.4750, but "),
    ],
)
def test_an_error_names_the_line_of_the_curves(curves: str, line: int, words: str, read: Read, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(curves=curves)
    message = str(caught.value)
    assert f"{tmp_path / 'curves.csv'}:{line}" in message
    assert words in message
    assert "\n" not in message


def test_curves_without_numbers_or_text_are_refused(read: Read) -> None:
    with pytest.raises(InputError, match="'slow' has no numbers"):
        read(curves="epoch,val/loss\n1,\n2,\n")
    with pytest.raises(InputError, match=r"curves\.csv is not UTF-8 text"):
        read(curves=b"epoch,val/loss\n1,\xff\n")
    assert len(read(curves=b"\xef\xbb\xbf" + CURVES.encode()).experiments[1].numbers) == 4, "a mark of byte order"


def test_a_number_may_not_be_in_the_curves_and_the_file(read: Read) -> None:
    with pytest.raises(
        InputError, match=r"curves\.csv:2: val/loss of epoch 1 is given twice, first in .*report\.yaml:14"
    ):
        read(f"{GOOD}    reported: {{val/loss: [2.25]}}\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n",
        "a\n",
        "experiments: {}\n",
        "experiments:\n",
        "experiments: {a: }\n",
        "experiments: {a: {config: mlp}}\n",
    ],
)
def test_a_file_without_experiments_or_numbers_is_refused(text: str, read: Read) -> None:
    with pytest.raises(InputError, match=r"report\.yaml:1: "):
        read(text)
