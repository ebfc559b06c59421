"""One run is one folder."""

import json
import math
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from hw1_lightning import __version__
from hw1_lightning.errors import InputError
from hw1_lightning.files import replacing


def check_folder_name(name: str, fix: str = "choose --name") -> None:
    """Refuse a name that leads out of the folder that it is to be made in.

    Config files and studies name folders too: that of ``...yaml`` is called ``..``.

    Args:
        name: of a run or a study.
        fix: what to do, in words; commands without ``--name`` have something else.

    Raises:
        InputError: if it is a path, consists of dots and spaces, or cannot be printed.
    """
    is_path = Path(name).name != name or "/" in name or "\\" in name
    if is_path or not name.strip(". ") or not name.isprintable():
        raise InputError(f"name is '{name}'; it must be the plain name of a folder, not a path or only dots; {fix}")


def create_run_folder(runs_dir: Path, name: str) -> Path:
    """Make ``runs_dir/name/version_N`` with the smallest free N above all others.

    Two processes that ask at once get different folders: making a folder either succeeds or finds it there.

    Args:
        runs_dir: the folder of all runs; made if it is missing.
        name: the run's name.

    Returns:
        The new, empty folder.

    Raises:
        InputError: if the name is no folder's name or the folder cannot be made.
    """
    check_folder_name(name)
    parent = runs_dir / name
    try:
        parent.mkdir(parents=True, exist_ok=True)
        while True:
            folder = parent / f"version_{max(map(_version, parent.glob('version_*')), default=-1) + 1}"
            with suppress(FileExistsError):
                folder.mkdir()
                return folder
    except OSError as error:
        raise InputError(f"the run's folder {parent} cannot be made: {error.strerror}; choose --runs_dir") from error


def newest_run(runs_dir: Path, name: str) -> Path:
    """The run of a name with the greatest version that can be gone on with.

    Args:
        runs_dir: the folder of all runs.
        name: the run's name.

    Returns:
        Its folder, which holds checkpoints/last.ckpt.

    Raises:
        InputError: if there is none, or the name is no folder's name.
    """
    check_folder_name(name)
    folders = [path.parent.parent for path in (runs_dir / name).glob("version_*/checkpoints/last.ckpt")]
    newest = max(folders, key=_version, default=None)
    if newest is None or _version(newest) < 0:
        raise InputError(f"no run of {runs_dir / name} has a last.ckpt to resume; leave out --ckpt_path last")
    return newest


def _version(folder: Path) -> int:
    """Return the N of ``version_N``; -1 for any other name."""
    number = folder.name.removeprefix("version_")
    return int(number) if number.isdecimal() else -1


def only_name(runs_dir: Path) -> str:
    """The name of the runs that can be resumed, if all of them have the same.

    Args:
        runs_dir: the folder of all runs.

    Raises:
        InputError: listing the names, if there are several or none.
    """
    names = sorted({path.parents[2].name for path in runs_dir.glob("*/version_*/checkpoints/last.ckpt")})
    if not names:
        raise InputError(f"no run in {runs_dir} has a last.ckpt to resume; leave out --ckpt_path last")
    if len(names) > 1:
        raise InputError(
            f"--ckpt_path last needs --name, to say which run to resume; {runs_dir} has {', '.join(names)}"
        )
    return names[0]


@contextmanager
def exclusive_lock(folder: Path) -> Iterator[None]:
    """Keep other processes of hw1 from writing into the same folder, until the block or the process ends.

    Args:
        folder: that of a run or a study.

    Raises:
        InputError: if another process is at work there.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no such locks; two processes are not told apart there
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"another process is at work in {folder}; wait for its end, or choose --name") from error
        yield
    finally:
        os.close(handle)


def write_result(folder: Path, result: dict[str, Any]) -> None:
    """Write result.json whole or not at all.

    Args:
        folder: the run's folder.
        result: what to write; a number that is not finite becomes null, since JSON has no such number.
    """
    with replacing(folder / "result.json", synced=True) as temporary:
        temporary.write_text(json.dumps(_finite(result), indent=2) + "\n", encoding="utf-8")


def versions() -> dict[str, str]:
    """Versions of what a run's numbers depend on."""
    packages = {package: version(package) for package in ("torch", "lightning", "numpy", "numba")}
    return {"hw1": __version__, "python": platform.python_version(), **packages}


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
