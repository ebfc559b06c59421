"""The README names nothing that is not there."""

import re
from pathlib import Path


def test_commands_of_the_readme_name_existing_configs() -> None:
    for name in re.findall(r"configs/[\w/]+\.yaml", Path("README.md").read_text()):
        assert Path(name).is_file(), name
