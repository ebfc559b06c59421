"""Reading the file of a report: its numbers with their digits."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw1_lightning.diagnosis.reading import read_report
from hw1_lightning.diagnosis.reported import METRICS, Number
from hw1_lightning.errors import InputError
from tests.diagnosis.conftest import GOOD, Read


def test_numbers_have_the_digits_and_epochs_that_are_written(read: Read, tmp_path: Path) -> None:
    report = read()
    assert (report.title, report.seed, report.notes) == ("Group K", 7, ())
    perceptron, slow = report.experiments
    assert (perceptron.configs, perceptron.options) == (("perceptron",), {"trainer.max_epochs": 20})
    assert perceptron.numbers == (
        Number("test/accuracy", 0.475, 0.0001),
        Number("val/accuracy", 0.31, 0.01, 10),
        Number("val/accuracy", 0.418, 0.0001, 20),
        Number("train/loss", 2.1, 0.1, 1),
        Number("train/loss", 1.9, 0.01, 2),
        Number("train/loss", 0.1, 0.1, 3),
    )
    assert slow.configs == ("logistic_regression", str(tmp_path / "own.yaml"))
    assert slow.numbers == (
        Number("val/loss", 2.25, 0.01, 1),
        Number("val/accuracy", 0.1, 0.01, 1),
        Number("val/accuracy", 0.2, 0.1, 2),
        Number("val/loss", 1.5, 0.1, 3),
    )


def test_title_and_seed_have_defaults_and_a_title_may_look_like_a_number(read: Read) -> None:
    report = read(GOOD.replace("title: Group K\nseed: 7\n", ""))
    assert (report.title, report.seed) == ("report", 42)
    assert read(GOOD.replace("Group K", "2.10")).title == "2.10"


def test_every_metric_can_be_given(read: Read) -> None:
    numbers = ", ".join(f"{metric}: 0.5" for metric in METRICS)
    report = read(f"experiments: {{a: {{config: mlp, reported: {{{numbers}}}}}}}")
    assert tuple(number.metric for number in report.experiments[0].numbers) == METRICS


@settings(max_examples=40, deadline=None)
@given(hundredths=st.lists(st.integers(101, 10_000), min_size=1, max_size=5), loss=st.integers(0, 10**6))
def test_percentages_become_fractions_with_their_digits(
    hundredths: list[int], loss: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    accuracies = ", ".join(f"{value // 100}.{value % 100:02}" for value in hundredths)
    path = tmp_path_factory.mktemp("percent") / "report.yaml"
    text = f"experiments: {{a: {{config: mlp, reported: {{val/accuracy: [{accuracies}], val/loss: {loss}.5}}}}}}"
    path.write_text(text)
    report = read_report(path)
    *found, other = report.experiments[0].numbers
    assert [(each.value, each.resolution) for each in found] == [(value / 10_000, 0.0001) for value in hundredths]
    assert (other.value, other.resolution) == (loss + 0.5, 0.1), "a loss is not a percentage"
    assert report.notes == ("the accuracies are read as percentages: all of them are divided by 100",)


def test_an_accuracy_of_zero_fits_percentages_and_fractions(read: Read) -> None:
    for others, value in (("41.73", 0.4173), ("0.4173", 0.4173)):
        report = read(f"experiments: {{a: {{config: mlp, reported: {{val/accuracy: [0.00, {others}]}}}}}}")
        assert [number.value for number in report.experiments[0].numbers] == [0.0, value]


def test_the_last_epoch_is_that_of_the_last_config_or_the_options(read: Read) -> None:
    for option in ("trainer.max_epochs: 3", "trainer: {max_epochs: 3}"):
        text = f"experiments: {{a: {{config: own.yaml, options: {{{option}}}, reported: {{val/loss: {{EPOCH: 1}}}}}}}}"
        assert read(text.replace("EPOCH", "3")).experiments[0].numbers[0].epoch == 3
        with pytest.raises(InputError, match="from 1 to 3,"):
            read(text.replace("EPOCH", "4"))
    unknown = "experiments: {a: {config: bare.yaml, reported: {val/loss: {1000: 1}}}}"
    with pytest.raises(InputError, match="unknown config"):
        read(unknown)


def test_without_a_known_last_epoch_any_epoch_is_read(tmp_path: Path) -> None:
    (tmp_path / "bare.yaml").write_text("model: {class_path: MLP}\n")
    path = tmp_path / "report.yaml"
    path.write_text("experiments: {a: {config: bare.yaml, reported: {val/loss: {1000: 1}}}}")
    assert read_report(path).experiments[0].numbers == (Number("val/loss", 1.0, 1.0, 1000),)
