"""Reading study files, valid and damaged ones."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hw1_lightning.errors import InputError
from hw1_lightning.shipped import shipped_studies
from hw1_lightning.study.reading import read_study
from hw1_lightning.study.specification import Study

STUDIES = sorted(shipped_studies().values())
# The claims of the report.
CLAIMS = (
    *("l2_train", "l2_val", "l2_norm", "l1_sparse", "lr_best", "lr_unstable", "lr_slow"),
    *("batch_accuracy", "batch_time", "dropout_best", "dropout_overfit", "momentum"),
)
GOOD = Path("configs/studies/extra/tiny.yaml").read_text().replace("../../learning_rate.yaml", "base.yaml")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    (tmp_path / "base.yaml").touch()

    def write(text: str) -> Path:
        path = tmp_path / "study.yaml"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_shipped_studies_survive_being_written_and_read(path: Path, tmp_path: Path) -> None:
    study = read_study(path)
    copy = tmp_path / "study.yaml"
    copy.write_text(yaml.safe_dump(study.as_dict(), sort_keys=False))
    again = read_study(copy, study.name)
    assert again.as_dict() == study.as_dict()
    assert again.claims == study.claims
    assert len(path.read_text().splitlines()) <= 40


def test_each_claim_of_the_report_is_in_one_study() -> None:
    found = [claim.id for path in STUDIES for claim in read_study(path).claims]
    assert sorted(set(found) & set(CLAIMS)) == sorted(CLAIMS)
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("title:", "titel:", 2, "unknown name 'titel'; allowed are title"),
        ("baseline: slow", "", 1, "'baseline' is missing"),
        ("baseline: slow", "baseline: slwo", 7, "did you mean 'slow'?"),
        ("  fast: {model", "  slow: {model", 10, "'slow' is given twice"),
        ("  fast: {model", "  s/l: {a: 1}\n  s l: {a: 1}\n  fast: {model", 11, "would share the folder"),
        ("metrics: [val/accuracy", "metrics: [val/acuracy", 5, "did you mean 'val/accuracy'?"),
        ("{metric: val/accuracy, of", "{metric: val/acuracy, of", 18, "did you mean 'val/accuracy'?"),
        ("of: fast,", "of: fats,", 18, "did you mean 'fast'?"),
        ("higher_than: [slow]", "higher_than: [fast]", 18, "allowed are slow"),
        ("higher_than: [slow]", "higher_than: []", 18, "at least one entry"),
        ("higher_than: [slow]", "take: final", 18, "exactly one of"),
        ("higher_than: [slow]", "higher_than: [slow], above: 1", 18, "exactly one of"),
        ("take: slope", "take: slop", 22, "did you mean 'slope'?"),
        ("metric: train/loss, take", "metric: test/loss, take", 22, "is not a metric with a slope value"),
        ("take: slope", "take: slope, last: 1", 22, "last is 1; the slope of a curve requires at least 2 epochs"),
        ("below: 0", "below: .nan", 22, "finite number"),
        ("below: 0", "below: true", 22, "finite number"),
        ("seeds: 8", "seeds: 0", 4, "from 1 to 1000"),
        ("seeds: 8", "seeds: true", 4, "from 1 to 1000"),
        ("seeds: 8", "seeds: 99999999", 4, "from 1 to 1000"),
        ("margin: 0.05", "margin: 0", 6, "greater than 0"),
        ("margin: 0.05", "margin: .inf", 6, "finite number"),
        ("base.yaml", "none.yaml", 3, "none.yaml does not exist"),
        ("required: true", "required: 3", 16, "true or false"),
        (
            "required: true",
            "question: [1]",
            16,
            "question must be the number of a question, such as 2.1 or 1.2b, not [1]",
        ),
        ("required: true", "question: true", 16, "the number of a question"),
        ("id: falling", "id: faster", 19, "given twice; every id must be distinct"),
        ("claims:\n", "claims: 3\nreference:\n", 14, "'reference' is given twice"),
        ("fast: {test/accuracy: 0.5}", "fsat: {test/accuracy: 0.5}", 12, "did you mean 'fast'?"),
        ("fast: {test/accuracy: 0.5}", "fast: {test/accuracy: half}", 12, "finite number"),
        ("title: Two learning rates in three epochs", "title: [1]", 2, "must be a text"),
        ("seeds: 8", "seeds: &x 2", 4, None),
        ("margin: 0.05", "margin: [", 8, "not valid YAML"),
        ("margin: 0.05", "\tmargin: 0.05", 6, "not valid YAML"),
    ],
)
def test_an_error_names_the_line_of_the_mistake(
    old: str, new: str, line: int, words: str | None, write: Callable[[str], Path]
) -> None:
    assert old in GOOD
    path = write(GOOD.replace(old, new, 1))
    if words is None:
        assert isinstance(read_study(path), Study)
        return
    with pytest.raises(InputError) as caught:
        read_study(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: "), message
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize("text", ["", "- 1", "a: &a [1]\nb: *a", "[" * 3000, "\x00", "? [1]\n: 2", "1: 2"])
def test_a_file_that_is_not_a_mapping_is_refused(text: str, write: Callable[[str], Path]) -> None:
    with pytest.raises(InputError):
        read_study(write(text))


def test_files_that_are_not_text_are_refused(tmp_path: Path) -> None:
    binary, huge = tmp_path / "binary", tmp_path / "huge"
    binary.write_bytes(b"\xff\xfe\xff")
    huge.write_bytes(b"a: 1\n" * 400_000)
    for path in (tmp_path, tmp_path / "none", binary, huge):
        with pytest.raises(InputError, match=str(path)):
            read_study(path)


PIECES = st.text(max_size=6) | st.sampled_from(["{", "- ", ": ", "\n", "&a ", "*a", "!!python/object:os.system "])


@settings(max_examples=200)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), PIECES), min_size=1, max_size=4))
def test_mutated_files_are_studies_or_one_clear_error(changes: list[tuple[float, int, str]]) -> None:
    text = Path("configs/studies/extra/tiny.yaml").read_text()
    for where, length, piece in changes:
        start = int(where * len(text))
        text = text[:start] + piece + text[start + length :]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "learning_rate.yaml").touch()
        path = Path(folder) / "studies" / "extra" / "tiny.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8", errors="replace")
        try:
            outcome: object = read_study(path)
        except InputError as error:
            outcome = str(error)
    assert isinstance(outcome, Study) or "\n" not in str(outcome)


def test_config_paths_are_normalized_unless_a_link_changes_their_meaning(tmp_path: Path) -> None:
    text = GOOD.replace("base.yaml", "../base.yaml")
    (tmp_path / "studies").mkdir()
    (tmp_path / "base.yaml").touch()
    (tmp_path / "studies" / "study.yaml").write_text(text)
    assert read_study(tmp_path / "studies" / "study.yaml").configs == (tmp_path / "base.yaml",)
    (tmp_path / "elsewhere" / "link").parent.mkdir()
    (tmp_path / "elsewhere" / "link").symlink_to(tmp_path / "studies")
    through_link = tmp_path / "elsewhere" / "link" / "study.yaml"
    assert read_study(through_link).configs == (through_link.parent / "../base.yaml",)
