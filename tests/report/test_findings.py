"""The sentences of a study's page."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

from hw1_lightning.judgement.comparison import comparisons
from hw1_lightning.report.findings import (
    describe_claims,
    describe_comparisons,
    describe_judgement,
    provenance,
    selected_condition,
    single_model,
    warnings,
)
from hw1_lightning.report.page import judgements
from hw1_lightning.study.results import StudyResults, read_runs


def test_missing_runs_are_warned_of(results: StudyResults) -> None:
    assert warnings(results) == [
        "Diverged: 1 of 1 runs of c, seed 1. A run that diverged has no value of any metric, so c is neither compared "
        "nor selected.",
        "This study is not finished: 15 of 21 runs are done.",
        "Missing: c, seeds 3 to 7.",
        "Failed: c, seed 2: MemoryError: too <b>big</b>",
    ]


def test_a_study_with_nothing_wrong_has_no_warnings(results: StudyResults) -> None:
    whole = replace(results.study, conditions=results.study.conditions[:2])
    shutil.rmtree(results.folder / "c")
    assert warnings(read_runs(whole, results.folder)) == []


def test_differing_data_are_warned_of(results: StudyResults, tmp_path: Path) -> None:
    path = tmp_path / "a" / "seed=02" / "result.json"
    result = json.loads(path.read_text())
    result["data"]["sha256"] = "cd" * 32
    path.write_text(json.dumps(result))
    mixed = read_runs(results.study, tmp_path)
    assert warnings(mixed)[-1] == (
        "Runs differ in their data: Digits abababababab (a, seeds 1 and 3 to 7, b <i> and c); "
        "Digits cdcdcdcdcdcd (a, seed 2). Their numbers may therefore differ."
    )
    assert provenance(mixed)["data"] == dict.fromkeys(("ab" * 32, "cd" * 32), ("Digits", "train 90, val 20, test 100"))


def test_selection_is_by_validation(results: StudyResults) -> None:
    assert selected_condition(results) == "b <i>", "c has the highest accuracy, and diverged"
    by_loss = replace(results, study=replace(results.study, metrics=("val/loss",)))
    assert selected_condition(by_loss) == "a"


def test_one_model_is_judged_by_wilsons_interval(results: StudyResults) -> None:
    assert single_model(results, "a") == (
        "A single model, a with seed 1, classifies 50 of 100 test examples correctly: "
        "0.5000, 95 % Wilson interval 0.4038 to 0.5962."
    )
    assert single_model(results, "c") is None


def test_verdicts_are_sentences(results: StudyResults) -> None:
    made = comparisons(results, "val/accuracy")
    assert describe_comparisons(results, made, "val/accuracy") == (
        "val/accuracy: b <i> is inconclusive against a; c is not compared (1 of 1 runs of c diverged)."
    )
    assert "no finished runs to compare" in describe_comparisons(results, {}, "val/accuracy")


def test_claims_are_judged_and_counted(results: StudyResults) -> None:
    judged = judgements(results)
    assert [judgement.verdict for judgement in judged] == ["undecided", "undecided"], "seven seeds, five differences"
    assert describe_claims(judged) == "2 undecided"
    supported = replace(judged[0], verdict="supported", scope="for these validation examples")
    assert describe_claims([supported, judged[1]]) == "1 supported and 1 undecided"
    assert describe_judgement(supported) == (
        "supported      b is better than a (for these validation examples, required)"
    )
    assert describe_claims([]) == ""
