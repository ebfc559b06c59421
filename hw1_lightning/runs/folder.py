"""The folder of a run: its name and version, its lock and result.json."""

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
from hw1_lightning.errors import InputError, file_errors
from hw1_lightning.files import replacing


def check_folder_name(name: str, fix: str = "choose --name") -> None:
    """Check that a name is that of a folder inside its parent.

    Folders are also named after config files and studies: the file ``...yaml`` gives the name ``..``.

    Args:
        name: of a run or a study.
        fix: what the user can do, for the error; not all commands have ``--name``.

    Raises:
        InputError: if it is a path, consists of dots and spaces, or cannot be printed.
    """
    is_path = Path(name).name != name or "/" in name or "\\" in name
    if is_path or not name.strip(". ") or not name.isprintable():
        raise InputError(f"name is '{name}'; it must be the plain name of a folder, not a path or only dots; {fix}")


def create_run_folder(runs_dir: Path, name: str) -> Path:
    """Create ``runs_dir/name/version_N``, with N one more than the largest version, and return it.

    Two processes never get the same folder: mkdir fails if the folder exists.

    Raises:
        InputError: if the name is not a folder's name or the folder cannot be created.
    """
    check_folder_name(name)
    parent = runs_dir / name
    with file_errors(f"cannot create a run's folder in {parent}", "; choose --runs_dir"):
        parent.mkdir(parents=True, exist_ok=True)
        while True:
            folder = parent / f"version_{max(map(_version, parent.glob('version_*')), default=-1) + 1}"
            with suppress(FileExistsError):
                folder.mkdir()
                return folder


def newest_run(runs_dir: Path, name: str) -> Path:
    """Return the folder with the largest version among the runs of a name that have a last.ckpt.

    Raises:
        InputError: if there is none, or the name is not a folder's name.
    """
    check_folder_name(name)
    folders = [path.parent.parent for path in (runs_dir / name).glob("version_*/checkpoints/last.ckpt")]
    newest = max(folders, key=_version, default=None)
    if newest is None or _version(newest) < 0:
        raise InputError(f"no run in {runs_dir / name} has a last.ckpt to resume; leave out --ckpt_path last")
    return newest


def _version(folder: Path) -> int:
    """Return the N of ``version_N``; -1 for any other name."""
    number = folder.name.removeprefix("version_")
    return int(number) if number.isdecimal() else -1


def only_run_name(runs_dir: Path) -> str:
    """Return the name of the runs that have a last.ckpt, if they all have the same name.

    Raises:
        InputError: if there is none, or naming them if there are several.
    """
    if not (names := sorted({path.parents[2].name for path in runs_dir.glob("*/version_*/checkpoints/last.ckpt")})):
        raise InputError(f"no run in {runs_dir} has a last.ckpt to resume; leave out --ckpt_path last")
    if len(names) > 1:
        found = f"{runs_dir} has {', '.join(names)}"
        raise InputError(f"--ckpt_path last needs --name, to say which run to resume; {found}")
    return names[0]


@contextmanager
def exclusive_lock(folder: Path) -> Iterator[None]:
    """Keep other processes of hw1 from writing to the folder of a run or a study, until the block or the process ends.

    Raises:
        InputError: if another process holds the lock.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no such locks: two processes can use one folder there
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"another process is using {folder}; wait until it ends, or choose --name or --runs_dir"
            ) from error
        yield
    finally:
        os.close(handle)


def write_result(folder: Path, result: dict[str, Any]) -> None:
    """Write result.json atomically; NaN and infinite numbers become null, since JSON does not have them.

    Raises:
        InputError: if it cannot be written.
    """
    with replacing(folder / "result.json", synced=True) as temporary:
        temporary.write_text(json.dumps(_with_nulls(result), indent=2) + "\n", encoding="utf-8")


def versions() -> dict[str, str]:
    """Return the versions of hw1, Python and the packages that a run's numbers depend on."""
    packages = {package: version(package) for package in ("torch", "lightning", "numpy", "numba")}
    return {"hw1": __version__, "python": platform.python_version(), **packages}


def _with_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_nulls(entry) for key, entry in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
