"""The configs and studies that come with hw1, found by name.

They are in configs/ at the top of the repository; in a wheel, inside the package.
"""

import re
from pathlib import Path

from hw1_lightning.errors import InputError, nearest

STUDIES = "studies/"
# What other groups published, for the summary of studies: it is next to them, and not a study.
REPLICATIONS = "replications.yaml"


def shipped_replications() -> Path:
    """Return the file of other groups' numbers for the experiments of the shipped studies."""
    return configs_folder() / STUDIES / REPLICATIONS


def configs_folder() -> Path:
    """Return the folder of the shipped configs, in the installed package or in the repository."""
    installed = Path(__file__).parent / "configs"
    return installed if installed.is_dir() else Path(__file__).parents[1] / "configs"


def shipped_configs() -> dict[str, Path]:
    """Return all shipped configs and studies by name: ``mlp``, ``data/digits``, ``studies/dropout``."""
    folder = configs_folder()
    paths = [path for path in folder.rglob("*.yaml") if path.name != REPLICATIONS]
    files = {path.relative_to(folder).with_suffix("").as_posix(): path for path in paths}
    return dict(sorted(files.items(), key=lambda item: (item[0].count("/"), item)))


def shipped(name: str, studies: bool = False) -> Path | None:
    """Return the shipped config of a name, or of its path in the repository.

    Args:
        name: ``dropout``, or ``configs/dropout.yaml`` if there is no folder ``configs``.
        studies: whether to look for a study; its name does not need ``studies/``.

    Returns:
        The file; ``None`` if no shipped config has that name.
    """
    if (in_repository := re.fullmatch(r"configs/(.+)\.yaml", name)) and not Path("configs").is_dir():
        name = in_repository[1]
    if studies:
        name = STUDIES + name.removeprefix(STUDIES)
    elif name.startswith(STUDIES):
        return None
    return shipped_configs().get(name)


def find_config(given: str) -> str:
    """Find the config that ``--config`` names; a file of the user takes precedence.

    Args:
        given: a file, the name of a shipped config, or a config itself, in YAML or JSON.

    Returns:
        The path of a file, or ``given``, if it is not a path.

    Raises:
        InputError: if the file does not exist.
    """
    if re.search(r"[{}\[\]\n]|: |://", given) or _is_file(Path(given)):  # a config itself or an address, not a path
        return given
    if found := shipped(given):
        return str(found)
    if STUDIES in given and shipped(given, studies=True):
        raise InputError(f"{given} is a study, not a config of one run; run it with `hw1 study run`")
    raise _unknown("config", given, [name for name in shipped_configs() if not name.startswith(STUDIES)])


def name_of_config(path: Path) -> str:
    """Return the name of a config for a command line that works on other machines too.

    Args:
        path: the path in a study.

    Returns:
        The name, if it is a shipped config and no file here has that name; else the path.
    """
    if not path.is_absolute() or not path.is_relative_to(configs_folder()):
        return str(path)
    name = path.relative_to(configs_folder()).as_posix().removesuffix(".yaml")
    return str(path) if _is_file(Path(name)) else name


def find_study(given: Path) -> Path:
    """Find the file of a study; a file of the user takes precedence.

    Args:
        given: a file, or the name of a shipped study, with or without ``studies/``.

    Returns:
        The file's path.

    Raises:
        InputError: if there is no such file.
    """
    if _is_file(given):
        return given
    if found := shipped(str(given), studies=True):
        return found
    names = [name.removeprefix(STUDIES) for name in shipped_configs() if name.startswith(STUDIES)]
    raise _unknown("study", str(given), names)


def _is_file(path: Path) -> bool:
    """Return whether there is a file or a pipe."""
    return path.exists() and not path.is_dir()


def _unknown(kind: str, given: str, names: list[str]) -> InputError:
    stem = Path(given).stem
    if kind == "study" and given in shipped_configs():
        return InputError(f"{given} is the config of one run, not a study; run it with `hw1 fit --config {given}`")
    hint = f"; did you mean '{stem}'?" if stem in names else nearest(stem, names)
    return InputError(f"there is no {kind} {given}, and none of that name is shipped{hint}; `hw1 configs` lists them")
