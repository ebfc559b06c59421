"""Diagnoses as data: each number can be read back from the JSON and from the scores."""

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from hw1_lightning.diagnosis.answers import Diagnosis
from hw1_lightning.errors import InputError
from hw1_lightning.report.diagnosis.records import SCORES, as_json, check_scores, write_scores
from tests.diagnosis.made_up import made_up


def finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value


@pytest.fixture
def diagnoses() -> list[Diagnosis]:
    return [made_up(), made_up(Path("=other.yaml"), "@other")]


def test_json_has_everything_and_no_nan(diagnoses: list[Diagnosis]) -> None:
    content = json.loads(as_json(diagnoses), parse_constant=lambda word: pytest.fail(word))
    assert list(content) == ["hw1", "reports"]
    for found, diagnosis in zip(content["reports"], diagnoses, strict=True):
        assert (found["title"], found["seed"], found["runs"]) == (diagnosis.report.title, 42, 1041)
        assert [each["mistakes"] for each in found["findings"]] == [["softmax before cross-entropy"]]
        for experiment, answer in zip(found["experiments"], diagnosis.experiments, strict=True):
            assert (experiment["name"], experiment["verdict"]) == (answer.experiment.name, answer.verdict)
            ranked = [(each["change"], each["probability"]) for each in experiment["candidates"]]
            assert ranked == [(each.change, each.probability) for each in answer.candidates]
            for number, each in zip(experiment["numbers"], answer.numbers, strict=True):
                known = (each.number.value, each.number.epoch, finite(each.correct), each.explained, each.nearest)
                assert tuple(number[name] for name in ("reported", "epoch", "correct", "explained", "nearest")) == known


def test_options_that_json_cannot_hold_are_texts() -> None:
    diagnosis = made_up()
    first = diagnosis.experiments[0]
    options = {"model.x": math.inf, "data": {"y": [math.nan]}, "z": 0.5}
    changed = replace(first, experiment=replace(first.experiment, options=options))
    content = json.loads(as_json([replace(diagnosis, experiments=(changed,))]))
    assert content["reports"][0]["experiments"][0]["options"] == {"model.x": "inf", "data": {"y": ["nan"]}, "z": 0.5}


def test_scores_have_one_row_a_number(diagnoses: list[Diagnosis], tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    write_scores(diagnoses, path)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    numbers = [each for diagnosis in diagnoses for answer in diagnosis.experiments for each in answer.numbers]
    assert len(rows) == len(numbers) == 2 * (2 + 21 + 1 + 2 + 1 + 2)
    for row, each in zip(rows, numbers, strict=True):
        assert (float(row["reported"]), row["metric"], row["verdict"]) == (
            each.number.value,
            each.number.metric,
            each.verdict,
        )
        assert row["epoch"] == ("" if each.number.epoch is None else str(each.number.epoch))
        assert row["correct"] == ("" if math.isnan(each.correct) else str(each.correct))
        assert bool(row["mistakes"]) == (each.verdict in ("explained", "several"))
    assert {row["file"] for row in rows} == {"reports/group_k.yaml", "'=other.yaml"}, "no cell is a formula"
    assert (rows[0]["mistakes"], rows[0]["log10_ratio"], rows[0]["probability"]) == (
        "softmax before cross-entropy",
        "3.32",
        "0.981",
    )


def test_older_scores_are_replaced_and_other_files_are_not(diagnoses: list[Diagnosis], tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    check_scores(path)
    write_scores(diagnoses, path)
    check_scores(path)
    path.write_text("name," + ",".join(SCORES))
    with pytest.raises(InputError, match=r"scores\.csv, which exists and holds no scores of hw1 diagnose"):
        check_scores(path)
    with pytest.raises(InputError, match="exists and holds no scores"):
        check_scores(tmp_path)
    with pytest.raises(InputError, match=r"the folder .*none does not exist"):
        check_scores(tmp_path / "none" / "scores.csv")
