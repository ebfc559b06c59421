"""The README names every file, and nothing that is not there."""

import re
from pathlib import Path

MAP = re.search(r"```\nhw1_lightning/\n(.+?)```", Path("README.md").read_text(), re.DOTALL)


def test_file_map_names_every_module_of_the_package() -> None:
    assert MAP is not None
    named = re.findall(r"[a-z_]+\.py", MAP[1])
    modules = [path.name for path in Path("hw1_lightning").rglob("*.py") if not path.name.startswith("__")]
    assert sorted(set(named) - {"reference.py"}) == sorted(set(modules))


def test_commands_of_the_readme_name_existing_configs() -> None:
    for name in re.findall(r"configs/[\w/]+\.yaml", Path("README.md").read_text()):
        assert Path(name).is_file(), name
