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
    files = {path.relative_to(folder).with_suffix("").as_posix(): path for path in folder.rglob("*.yaml")}
    return dict(sorted(files.items(), key=lambda item: (item[0].count("/"), item)))


def shipped_studies() -> dict[str, Path]:
    """Return all shipped studies by the names of their files, whatever folder they are in."""
    named = {name: path for name, path in shipped_configs().items() if name.startswith(STUDIES)}
    return {path.stem: path for path in named.values() if path.name != REPLICATIONS}


def shipped(name: str, studies: bool = False) -> Path | None:
    """Return the shipped config of a name, or of its path in the repository.

    Args:
        name: ``dropout``, or ``configs/dropout.yaml`` if there is no folder ``configs``.
        studies: whether to look for a study; its name does not need ``studies/`` or ``extra/``.

    Returns:
        The file; ``None`` if no shipped config has that name.
    """
    if (in_repository := re.fullmatch(r"configs/(.+)\.yaml", name)) and not Path("configs").is_dir():
        name = in_repository[1]
    if studies:
        return shipped_studies().get(name.removeprefix(STUDIES).removeprefix("extra/"))
    return None if name.startswith(STUDIES) else shipped_configs().get(name)


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
    raise _unknown("study", str(given), list(shipped_studies()))


def find_studies(given: Path) -> list[Path]:
    """Find the study files that an argument of a command names.

    A folder here with study files takes precedence over a shipped study of its name. The folders of shipped studies are
    found like these: ``studies``, or ``configs/studies`` if there is no folder ``configs``.

    Args:
        given: a file, a folder of files, or the name of a shipped study or of a folder of them.

    Returns:
        The file; of a folder, all study files directly in it, sorted by name.

    Raises:
        InputError: if there is no such file or folder, or it holds no study files.
    """
    if folder := folder_of_studies(given):
        return study_files(folder)
    if given.is_dir() and not shipped(str(given), studies=True):
        what = "study files" if not _holds_runs(given) else "study files, but the runs of a study"
        raise InputError(f"{given} holds no {what}; give a folder with files like those in configs/studies")
    return [find_study(given)]


def folder_of_studies(given: Path) -> Path | None:
    """Return the folder of study files that an argument names; ``None`` if it is not one."""
    if given.is_dir() and not _holds_runs(given) and study_files(given):
        return given
    parts = given.parts[1:] if given.parts[:1] == ("configs",) and not Path("configs").is_dir() else given.parts
    folder = configs_folder().joinpath(*parts)
    is_shipped = parts[:1] == (STUDIES.rstrip("/"),) and ".." not in parts and folder.is_dir()
    return folder if is_shipped and not given.exists() else None


def study_files(folder: Path) -> list[Path]:
    """Return all study files directly in a folder, sorted by name."""
    found = [path for path in folder.glob("*.yaml") if _is_file(path) and not path.name.startswith(".")]
    return sorted(path for path in found if path.name != REPLICATIONS)


def _holds_runs(folder: Path) -> bool:
    """Return whether a folder is that of a study's runs, which holds a copy of the study file."""
    return (folder / "runs.json").exists() or any(folder.glob("*/seed=*"))


def _is_file(path: Path) -> bool:
    """Return whether there is a file or a pipe."""
    return path.exists() and not path.is_dir()


def _unknown(kind: str, given: str, names: list[str]) -> InputError:
    stem = Path(given).stem
    if kind == "study" and given in shipped_configs():
        return InputError(f"{given} is the config of one run, not a study; run it with `hw1 fit --config {given}`")
    hint = f"; did you mean '{stem}'?" if stem in names else nearest(stem, names)
    return InputError(f"there is no {kind} {given}, and none of that name is shipped{hint}; `hw1 configs` lists them")
