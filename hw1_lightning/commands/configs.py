"""`hw1 configs`: lists or copies the configs and studies that hw1 ships."""

import argparse
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from hw1_lightning.commands.parser.plain_parser import PlainParser
from hw1_lightning.errors import InputError
from hw1_lightning.shipped import REPLICATIONS, configs_folder, shipped_configs

DESCRIPTION = "List the configs and studies that hw1 ships, or copy them to a folder, where you can change them."
# Titles of the list, by the folder of the names.
GROUPS = {
    "": "configs: hw1 fit --config NAME",
    "data": "data, to follow a config: hw1 fit --config dropout --config NAME",
    "studies": "studies: hw1 study run NAME, or all of them: hw1 study run studies",
    "studies/extra": "further studies: hw1 study run NAME",
}
MOST_NAMED = 3  # files in an error message


def run(args: Sequence[str]) -> int:
    """List or copy the shipped configs."""
    folder = _parser().parse_args(list(args[1:])).copy
    print(listing() if folder is None else f"written        {copy_configs(folder)} files in {folder}")
    return 0


def listing() -> str:
    """Return all shipped configs by group, each with its first comment line."""
    configs = shipped_configs()
    width = max(map(len, configs)) + 2
    blocks = []
    for folder, title in GROUPS.items():
        inside = {name: path for name, path in configs.items() if name.rpartition("/")[0] == folder}
        named = {name: path for name, path in inside.items() if path.name != REPLICATIONS}
        blocks.append("\n".join([title, *(f"  {name:<{width}}{first_line(path)}" for name, path in named.items())]))
    return "\n\n".join(blocks)


def first_line(path: Path) -> str:
    """Return the first comment line of a config."""
    with path.open(encoding="utf-8") as file:
        return file.readline().removeprefix("#").strip()


def copy_configs(target: Path) -> int:
    """Copy the shipped configs to a folder, all or none and over no other file; return their number."""
    folder = configs_folder()
    files = [path.relative_to(folder) for path in shipped_configs().values()]
    there = [str(target / file) for file in files if os.path.lexists(target / file)]
    if there:
        more = f" and {len(there) - MOST_NAMED} more" if len(there) > MOST_NAMED else ""
        problem = f"{', '.join(there[:MOST_NAMED])}{more} exist{'s' if len(there) == 1 else ''} already"
        raise InputError(f"{problem}, and nothing was copied; choose another folder")
    staged = target / f".configs.{os.getpid()}.tmp"
    made: list[Path] = []
    try:
        for file in files:
            (staged / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / file, staged / file)
        for file in files:
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            made.append((staged / file).rename(target / file))
    except OSError as error:
        for path in made:
            path.unlink()
        raise InputError(f"{target} cannot be written: {error.strerror}, and nothing was copied") from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return len(files)


def _parser() -> argparse.ArgumentParser:
    parser = PlainParser(prog="hw1 configs", description=DESCRIPTION)
    parser.add_argument("--copy", type=Path, metavar="DIR", help="copy them to this folder")
    return parser
