"""What other groups published: the shipped file, and errors that name the line."""

import statistics
from pathlib import Path

import pytest

from hw1_lightning.errors import InputError
from hw1_lightning.report.summary.replications import Replications, read_replications, replications_for
from hw1_lightning.shipped import shipped_replications
from hw1_lightning.study.reading import read_study
from hw1_lightning.study.specification import Study
from tests.report.summary.made_up_studies import FIRST, REPLICATIONS

NAMES = ("batch_size", "dropout", "l2", "learning_rate", "models", "momentum")


@pytest.fixture(scope="module")
def studies() -> list[Study]:
    return [read_study(Path("configs/studies") / f"{name}.yaml") for name in NAMES]


@pytest.fixture(scope="module")
def shipped() -> Replications:
    return read_replications(shipped_replications())


def test_the_shipped_file_matches_the_shipped_studies(shipped: Replications, studies: list[Study]) -> None:
    shipped.check_conditions(studies)
    assert len(shipped.of(studies)) == len(shipped.experiments) == 14  # with the report's l1, which has no numbers: 15
    assert shipped.without_study(studies) == []
    assert shipped.sizes == {"train": 12630, "val": 1404, "test": 3000}
    numbers = [len(values) for each in shipped.experiments for values in each.numbers.values()]
    assert sum(numbers) == 4 * 7 + 2 * 3 * 7 + 2 * 7 * 8, "question 1, learning rates, networks"


def programs(shipped: Replications, study: str, condition: str, metric: str, reported: float) -> list[float]:
    """Return the report's number and those of groups without a mistake in a condition."""
    (found,) = (each for each in shipped.experiments if (each.study, each.condition) == (study, condition))
    apart = {mistake.group for mistake in shipped.mistakes if condition in mistake.conditions.get(study, ())}
    return [reported, *(value for group, value in found.numbers[metric].items() if group not in apart)]


def test_programs_with_one_seed_spread_as_known(shipped: Replications) -> None:
    rate = programs(shipped, "learning_rate", "rate 0.1", "val/accuracy", 0.2913)
    assert (min(rate), max(rate)) == (0.2913, 0.4345)
    derived = programs(shipped, "models", "MLP 100", "test/accuracy", 0.5273)
    assert (min(derived), max(derived)) == (0.5193, 0.5470)
    assert statistics.stdev(programs(shipped, "batch_size", "batch 64", "val/accuracy", 0.6026)) == pytest.approx(
        0.0025, abs=5e-5
    )
    assert set(programs(shipped, "models", "perceptron", "test/accuracy", 0.3743)) == {0.3743}


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("data:", "date:", 2, "unknown name 'date'; allowed are data, experiments, mistakes; did you mean 'data'?"),
        ("val: 180", "val: many", 2, "val is 'many'; it must be a whole number"),
        ("val: 180, ", "", 2, "'val' is missing"),
        ("experiments:", "experiments: []\nx:", 4, "unknown name 'x'"),
        ("condition: a\n", "condition: 3\n", 5, "condition must be a text, not 3"),
        ("study: first", "studie: first", 4, "unknown name 'studie'"),
        ("A: 0.5,", "A: half,", 7, "A must be a finite number, not 'half'"),
        ("A: 0.5,", "A: 50,", 7, "test/accuracy of A is 50; it must be between 0 and 1"),
        ("A: 0.5,", "A: .nan,", 7, "A must be a finite number, not nan"),
        ("A: 0.5,", "A: 0.5, A: 0.6,", 7, "'A' is given twice"),
        ("{A: 0.5, B: 0.53, C: 0.9}", "0.5", 7, "test/accuracy must be a mapping of names to values, not 0.5"),
        ("    test/accuracy: {A: 0.1}\n", "", 8, "an experiment requires the numbers of a metric"),
        ("test/accuracy: {A: 0.1}", "test/acuracy: {A: 0.1}", 10, "did you mean 'test/accuracy'?"),
        (
            "study: elsewhere\n    condition: x",
            "study: first\n    condition: a",
            8,
            "'a' of the study first is given twice",
        ),
        ("conditions: {first: [a]}", "conditions: {firts: [a]}", 12, "did you mean 'first'?"),
        (
            "conditions: {first: [a]}",
            "conditions: {first: [b]}",
            12,
            "'b' is not a condition of first in `experiments`",
        ),
        ("says: has a slip", "sais: has a slip", 13, "unknown name 'sais'"),
    ],
)
def test_an_error_names_the_line_of_the_mistake(old: str, new: str, line: int, words: str, tmp_path: Path) -> None:
    assert REPLICATIONS.count(old) == 1
    path = tmp_path / "replications.yaml"
    path.write_text(REPLICATIONS.replace(old, new))
    with pytest.raises(InputError) as caught:
        read_replications(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: "), message
    assert words in message
    assert "\n" not in message


@pytest.fixture
def first(tmp_path: Path) -> Study:
    (tmp_path / "first.yaml").write_text(FIRST)
    return read_study(tmp_path / "first.yaml")


def test_a_given_file_must_match_the_studies(first: Study, tmp_path: Path) -> None:
    path = tmp_path / "replications.yaml"
    path.write_text(REPLICATIONS)
    assert [each.condition for each in replications_for([first], path).of([first])] == ["a"]
    path.write_text(REPLICATIONS.replace("condition: a\n", "condition: aa\n").replace("[a]", "[aa]"))
    with pytest.raises(
        InputError, match=r"5: 'aa' is not a condition of the study first; it has a, b, c; did you mean 'a'"
    ):
        replications_for([first], path)
    path.write_text(REPLICATIONS.replace("first", "frist"))
    with pytest.raises(InputError, match=r"has numbers for the studies frist, elsewhere, but the summary is of first"):
        replications_for([first], path)


def test_the_shipped_file_counts_only_where_it_matches(first: Study) -> None:
    assert replications_for([first], None).of([first]) == []
