"""The documentation as a site: built without a warning, whole, and shown by a browser without complaint or network."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

from tests.report.test_page import browse

for package in ("material", "math_core", "mkdocs", "mkdocstrings"):
    pytest.importorskip(package, reason="needs the extra docs")

pytestmark = pytest.mark.slow

# Every page in a frame as wide as a phone; says how much wider each is, once all are loaded.
PHONES = """<script>
  const pages = {pages}, wide = {{}};
  for (const page of pages) {{
    const frame = document.createElement("iframe");
    frame.style = "width:390px;height:800px";
    frame.src = page;
    frame.onload = () => {{
      const root = frame.contentDocument.documentElement;
      wide[page.split("/site/")[1]] = root.scrollWidth - root.clientWidth;
      if (Object.keys(wide).length === pages.length) document.body.dataset.wide = JSON.stringify(wide);
    }};
    document.documentElement.append(frame);
  }}
</script>"""
# Types a word into the search of a page, and keeps the titles of what is found.
SEARCH = """<body><iframe style="width:1280px;height:800px" src="{page}" onload="
  const page = this.contentDocument, query = page.querySelector('[data-md-component=search-query]');
  query.focus();
  query.value = '{word}';
  query.dispatchEvent(new Event('keyup', {{bubbles: true}}));
  const look = setInterval(() => {{
    const found = [...page.querySelectorAll('.md-search-result__item a')].map(link => link.getAttribute('href'));
    if (found.length) {{ document.body.dataset.found = found.join(' '); clearInterval(look); }}
  }}, 50)"></iframe></body>"""


class Links(HTMLParser):
    """The ids of a page, its links, and what it loads."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.formulas = 0
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.formulas += tag == "math"
        if name := attributes.get("id"):
            self.ids.append(name)
        if tag == "a" and (link := attributes.get("href")):
            self.links.append(link)
        if tag in {"img", "link", "script"} and (link := attributes.get("href") or attributes.get("src")):
            self.loaded.append(link)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, newly built."""
    folder = tmp_path_factory.mktemp("docs") / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"})
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Links]:
    return {path: Links(path) for path in sorted(site.rglob("*.html")) if path.name != "404.html"}


def test_every_link_leads_to_a_page_and_a_place_in_it(site: Path, pages: dict[Path, Links]) -> None:
    assert {"index.html", "student.html", "changelog.html", "contributing.html"} <= {path.name for path in pages}
    for path, page in pages.items():
        for link in page.links:
            target, anchor = urldefrag(link)
            if "://" in target or target.startswith("mailto:"):
                continue
            other = (path.parent / unquote(target)).resolve() if target else path
            assert other.is_file(), f"{path.relative_to(site)}: {link}"
            assert not anchor or other not in pages or unquote(anchor) in pages[other].ids, (path.name, link)


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, Links]) -> None:
    for path, page in pages.items():
        for link in set(page.loaded) - {"data:,"}:
            assert not re.match(r"(?:https?:)?//", link), f"{path.name}: {link}"
            assert (path.parent / unquote(link.partition("?")[0])).exists(), f"{path.name}: {link}"


def test_the_published_report_is_shown_as_it_is(site: Path, pages: dict[Path, Links]) -> None:
    published = [path.relative_to("docs") for path in Path("docs/report").iterdir()]
    assert published
    for path in published:
        assert (site / path).read_bytes() == Path("docs", path).read_bytes()
    assert {"rerun.html", "report/index.html"} <= set(pages[site / "index.html"].links), "in the navigation"


def test_formulas_are_mathml(site: Path, pages: dict[Path, Links]) -> None:
    assert pages[site / "quadratic.html"].formulas > 150
    assert pages[site / "online.html"].formulas >= 1
    for path in pages:
        assert "arithmatex" not in path.read_text(encoding="utf-8")


def test_the_reference_holds_docstrings(site: Path) -> None:
    models = (site / "reference" / "models.html").read_text(encoding="utf-8")
    assert 'id="hw1_lightning.models.mlp.MLP"' in models
    assert "hidden_sizes" in models


def test_no_page_is_wider_than_a_phone_and_none_complains(site: Path, pages: dict[Path, Links], tmp_path: Path) -> None:
    (tmp_path / "phones.html").write_text(PHONES.format(pages=[path.as_uri() for path in pages]))
    page, log = browse(tmp_path / "phones.html", tmp_path / "profile")
    assert "CONSOLE" not in log
    (wide,) = re.findall(r'data-wide="(.*?)"', page)
    widths = dict(re.findall(r"&quot;([\w/.]+)&quot;:(\d+)", wide))
    assert set(widths) == {path.relative_to(site).as_posix() for path in pages}
    assert {name: width for name, width in widths.items() if width != "0"} == {}


@pytest.mark.parametrize(
    ("word", "page"), [("eigendecomposition", "quadratic.html"), ("perceptron_steps", "reference/online.html")]
)
def test_the_search_finds_a_word_without_a_server(site: Path, tmp_path: Path, word: str, page: str) -> None:
    index = site / "guide" / "student.html"
    (tmp_path / "search.html").write_text(SEARCH.format(page=index.as_uri(), word=word))
    shown, log = browse(tmp_path / "search.html", tmp_path / "profile")
    assert "CONSOLE" not in log
    (found,) = re.findall(r'data-found="(.*?)"', shown)
    assert page in found
