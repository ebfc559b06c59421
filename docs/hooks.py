"""What `mkdocs build` does beyond its plugins: pages made from other files, formulas as MathML, links to files.

A page that is made from another file: the changelog, the guide for contributors, the notebook, and the reference, a
page for each folder of the package.
"""

import html
import json
import posixpath
import re
from pathlib import Path, PurePosixPath

from math_core import LatexToMathML
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

PACKAGE = "hw1_lightning"
COPIES = {"changelog.md": "CHANGELOG.md", "contributing.md": "CONTRIBUTING.md"}
# What `pymdownx.arithmatex` makes of a formula; the part in the brackets is LaTeX.
FORMULA = re.compile(r'<(span|div) class="arithmatex">\\[\[(](.*?)\\[\])]</\1>', re.DOTALL)
LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made from other files."""
    root = Path(config.docs_dir).parent
    pages = {page: (root / source).read_text(encoding="utf-8") for page, source in COPIES.items()}
    pages["student.md"] = notebook_page((root / "docs" / "student.ipynb").read_text(encoding="utf-8"))
    rooms = [path.parent for path in (root / PACKAGE).glob("*/__init__.py") if path.parent.name != "commands"]
    pages |= {f"reference/{room.name}.md": reference_page(room) for room in rooms}
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links to the site's pages; name files that are not in it without a link."""
    folder = "" if page.file.src_uri in COPIES else f"docs/{PurePosixPath(page.file.src_uri).parent}"

    def link(found: re.Match[str]) -> str:
        text, target = found.groups()
        path, hash_mark, anchor = target.partition("#")
        if "://" in target or not path:
            return found[0]
        inside = posixpath.normpath(posixpath.join(folder, path))
        name = {"README.md": "index.md", "docs/student.ipynb": "student.md"} | {v: k for k, v in COPIES.items()}
        inside = name.get(inside, inside.removeprefix("docs/"))
        if page.file.src_uri != "student.md" and (known := files.get_file_from_path(inside)):
            here = PurePosixPath(page.file.src_uri).parent
            return f"[{text}]({posixpath.relpath(known.src_uri, here)}{hash_mark}{anchor})"
        return found[0] if files.get_file_from_path(path) else f"`{text.strip('`').replace(chr(92), '')}`"

    parts = FENCE.split(markdown)  # those at odd places are code
    return "".join(part if at % 2 else LINK.sub(link, part) for at, part in enumerate(parts))


def on_page_content(content: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Write formulas as MathML, which browsers show without a script; a mistake in one ends the build."""
    convert = LatexToMathML()

    def formula(found: re.Match[str]) -> str:
        latex = html.unescape(found[2]).strip()
        if "\\tag" in latex:
            latex = f"\\begin{{equation}}{latex}\\end{{equation}}"
        return convert.convert_with_local_state(latex, displaystyle=found[1] == "div")

    return FORMULA.sub(formula, content)


def notebook_page(text: str) -> str:
    """The cells of a notebook as Markdown, with a link to the notebook."""
    cells = json.loads(text)["cells"]
    parts = [("```python\n{}\n```" if cell["cell_type"] == "code" else "{}", cell["source"]) for cell in cells]
    first, *rest = [form.format("".join(source)) for form, source in parts]
    button = "[Download this page as a notebook](student.ipynb){ .md-button .md-button--primary download }"
    return "\n\n".join([first, button, *rest])


def reference_page(folder: Path) -> str:
    """The modules of a folder of the package, for mkdocstrings."""
    docstring = re.match(r'"""(.*?)"""', (folder / "__init__.py").read_text(encoding="utf-8"), re.DOTALL)
    modules = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    lines = [f"# {folder.name}", docstring[1] if docstring else ""]
    return "\n\n".join([*lines, *(f"::: {PACKAGE}.{folder.name}.{module}" for module in modules), ""])
