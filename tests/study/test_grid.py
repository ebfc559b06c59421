"""Grids of options, and the folders of conditions."""

from pathlib import Path

import pytest
import yaml

from hw1_lightning.errors import InputError
from hw1_lightning.study.reading import read_study
from hw1_lightning.study.specification import Study

GRID = """title: t
grid:
  model.learning_rate: [0.1, 0.00001]
  model.dropout: [0, 0.50]
  model.hidden_sizes: [[20, 10]]
"""


def read(folder: Path, text: str) -> Study:
    path = folder / "study.yaml"
    path.write_text(text)
    return read_study(path)


def test_a_grid_holds_every_combination_with_short_names(tmp_path: Path) -> None:
    study = read(tmp_path, GRID)
    assert [condition.name for condition in study.conditions] == [
        "learning_rate=0.1, dropout=0, hidden_sizes=[20, 10]",
        "learning_rate=0.1, dropout=0.50, hidden_sizes=[20, 10]",
        "learning_rate=0.00001, dropout=0, hidden_sizes=[20, 10]",
        "learning_rate=0.00001, dropout=0.50, hidden_sizes=[20, 10]",
    ]
    assert study.conditions[3].options == {
        "model.learning_rate": 1e-5,
        "model.dropout": 0.5,
        "model.hidden_sizes": [20, 10],
    }
    assert study.baseline == study.conditions[0].name, "the first combination is the default"
    assert study.lines[study.conditions[3].name, "model.dropout"] == 4
    (tmp_path / "copy.yaml").write_text(yaml.safe_dump(study.as_dict(), sort_keys=False))
    assert read_study(tmp_path / "copy.yaml", "study").as_dict() == study.as_dict()


def test_baseline_and_claims_can_use_conditions_of_a_grid(tmp_path: Path) -> None:
    claims = """claims:
  - id: one
    says: s
    checks: [{metric: val/accuracy, of: "a=1, data.b=x", higher_than: ["a=1, model.b=y"]}]
"""
    text = "title: t\ngrid: {data.a: [1, 2], model.b: [x]}\nbaseline: a=2, b=x\n"
    assert read(tmp_path, text).baseline == "a=2, b=x"
    text = "title: t\ngrid: {data.b: [x, y], model.b: [z, null]}\n"
    assert [one.name for one in read(tmp_path, text).conditions][1] == "data.b=x, model.b=null"
    with pytest.raises(InputError, match=r"'a=1, data\.b=x' is not a condition"):
        read(tmp_path, text + claims)


MANY = "[1, 2, 3, 4, 5, 6]"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (
            f"grid: {{a: {MANY}, b: {MANY[:-4]}]}}",
            2,
            "the grid has 30 combinations (6 x 5), but a study compares at most 25",
        ),
        ("grid: {a: [1, 2]}\nconditions: {}", 2, "either conditions or a grid"),
        ("grid: {a: [1]}", 2, "the number of conditions is 1; a comparison requires at least 2"),
        ("grid: {}", 2, "the number of conditions is 0; a comparison requires at least 2"),
        ("grid: 3", 2, "grid must be a mapping"),
        ("grid:\n  a: 3", 3, "a must be a list with at least one entry"),
        ("grid:\n  a: []", 3, "a must be a list with at least one entry"),
        ("grid:\n  a: [1,\n   1]", 4, "1 is given twice"),
        ("grid:\n  vary: [[init], [order]]", 3, "'vary' is not an option of `hw1 fit`"),
        ("grid:\n  data.seed: [1, 2]", 3, "cannot set data.seed: a study uses the seeds 1, 2"),
        ("grid: {a: [1, 2]}\nbaseline: a=3", 3, "'a=3' is not a condition; allowed are a=1, a=2"),
        ("baseline: a\nconditions:\n  a: {}\n  Report.html: {b: 1}", 5, "the name of a file in the study's folder"),
        (f"baseline: a\nconditions:\n  a: {{}}\n  {'x' * 256}: {{b: 1}}", 5, "a name of 256 bytes; the limit is 255"),
        ("baseline: a\nconditions:\n  a: {}\n  b: {model: {seed: 1}, data: {seed: 1}}", 5, "cannot set data.seed"),
        ("baseline: a\nconditions:\n  a: {}\n  b: {runs_dir: ..}", 5, "cannot set runs_dir: runs are in the study's"),
        ("baseline: a\nconditions:\n  a: {}\n  b: {ckpt_path: x}", 5, "cannot set ckpt_path: each run resumes"),
    ],
)
def test_an_error_names_the_line_of_the_mistake(text: str, line: int, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"title: t\n{text}\n")
    assert str(caught.value).startswith(f"{tmp_path / 'study.yaml'}:{line}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["..", "...", "/etc", "../../x", "~", "a/../../b", "\\..\\x"])
def test_the_folder_of_a_condition_is_in_the_folder_of_its_study(name: str, tmp_path: Path) -> None:
    study = read(tmp_path, f"title: t\nbaseline: z\nconditions:\n  z: {{}}\n  '{name}': {{b: 1}}\n")
    assert (tmp_path / study.conditions[1].slug).resolve().parent == tmp_path.resolve()
