"""docs/architecture.md maps every file by its docstring, and imports go one way through the rooms that it draws.

`python -m tests.test_architecture` writes the map anew.
"""

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

PACKAGE, PAGE = Path("hw1_lightning"), Path("docs/architecture.md")
# A room imports only from rooms after it; the files that are in no room come last.
ROOMS = (
    "commands", "commands/diagnosing", "commands/studies", "commands/verifying", "commands/fitting",
    "commands/resuming", "commands/parser", "report/summary", "report/diagnosis", "report",
    "diagnosis", "diagnosis/catalogue", "diagnosis/mistaken", "judgement", "study", "evaluation", "runs", "models",
    "training", "data", "online", "quadratic", "statistics",
)  # fmt: skip
HALL = "."
FIRST = ("__main__.py", "cli.py")  # what starts everything stands before all rooms


def modules() -> list[Path]:
    return sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def first_line(path: Path) -> str:
    text = ast.get_docstring(ast.parse((PACKAGE / path).read_text()))
    assert text is not None, f"{path} has no docstring"
    return text.partition("\n")[0]


def room_of(path: Path) -> str:
    return path.parent.as_posix()


def imported_by(path: Path) -> Iterator[Path]:
    """The package's modules that a module imports, at any place in it."""
    for node in ast.walk(ast.parse((PACKAGE / path).read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hw1_lightning"):
            assert node.module is not None
            folder = Path(*node.module.split(".")[1:])
            names = [folder / alias.name for alias in node.names]
            for name in [*names, folder]:
                if (PACKAGE / name).with_suffix(".py").is_file() and name != Path():
                    yield name.with_suffix(".py")


def written_map() -> str:
    lines = []
    for room in (HALL, *ROOMS):
        title = "The hall" if room == HALL else f"`{room}/`"
        files = [path for path in modules() if room_of(path) == room and path.name != "__init__.py"]
        about = first_line(Path("__init__.py") if room == HALL else Path(room, "__init__.py"))
        lines += [f"### {title}", "", about, "", "| file | what it is for |", "|---|---|"]
        lines += [f"| `{path.name}` | {first_line(path).replace('|', chr(92) + '|')} |" for path in files]
        lines.append("")
    return "\n".join(lines)


def page_around_the_map() -> tuple[str, str, str]:
    before, marker, rest = PAGE.read_text().partition("<!-- map -->\n\n")
    inside, end, after = rest.partition("<!-- end of the map -->")
    return before + marker, inside, end + after


def test_the_map_names_every_file_with_its_docstring() -> None:
    assert {room_of(path) for path in modules()} == {HALL, *ROOMS}
    assert page_around_the_map()[1] == written_map(), "run `python -m tests.test_architecture`"


def test_imports_go_one_way_through_the_rooms() -> None:
    rank = {room: place for place, room in enumerate((*ROOMS, HALL))}
    for path in modules():
        for other in imported_by(path):
            allowed = path.name in FIRST or rank[room_of(path)] <= rank[room_of(other)]
            assert allowed, f"{path} imports {other}, which is in a room before it"


def test_no_modules_import_each_other() -> None:
    TopologicalSorter({path: set(imported_by(path)) for path in modules()}).prepare()


def test_the_drawing_shows_every_room() -> None:
    drawing = re.search(r"```text\n(.+?)```", PAGE.read_text(), re.DOTALL)
    assert drawing is not None
    shown = re.findall(r"[a-z]+(?:/[a-z]+)?(?=/)", drawing[1])
    assert {*shown} >= {room.partition("/")[2] or room for room in ROOMS}


if __name__ == "__main__":
    start, _, end = page_around_the_map()
    PAGE.write_text(start + written_map() + end)
