"""The README and the docs name nothing that is not there."""

import re
from pathlib import Path

import pytest

from hw1_lightning import __version__

PAGES = [Path("README.md"), Path("CONTRIBUTING.md"), *sorted(Path("docs").rglob("*.md"))]
ROOTS = (Path(), Path("hw1_lightning"))


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_names_files_that_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"configs/[\w/]+\.yaml", text):
        assert Path(name).is_file(), name
    for name in re.findall(r"`([\w*]+/[\w/*]+\.py)`", text):
        assert any([*root.glob(name)] for root in ROOTS), name
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        assert "://" in target or (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_names_tests_that_are_there(page: Path) -> None:
    tests = "\n".join(path.read_text(encoding="utf-8") for path in Path("tests").rglob("test_*.py"))
    for name in re.findall(r"`(test_\w+_\w+_\w+)`", page.read_text(encoding="utf-8")):
        assert f"def {name}(" in tests, name


def test_the_readme_is_short_and_shows_one_picture() -> None:
    text = Path("README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 150
    assert text.count("![") == 1


def test_the_changelog_and_the_citation_are_of_this_version() -> None:
    newest, date = re.findall(
        r"^## ([\d.]+) - ([\d-]+)$", Path("CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )[0]
    assert newest == __version__
    citation = Path("CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {__version__}\n" in citation
    assert f"\ndate-released: {date}\n" in citation
