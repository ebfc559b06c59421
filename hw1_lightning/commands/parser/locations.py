"""Which checkpoint a subcommand reads, and which folder it writes."""

import os
from collections.abc import Sequence
from pathlib import Path

from hw1_lightning.errors import InputError

FOLDER_VARIABLE = "HW1_RUN_FOLDER"


def existing_checkpoint(path: str | None, command: str) -> str:
    """Return the path of the checkpoint that a subcommand requires, which must be a local file."""
    if path is None:
        raise InputError(f"hw1 {command} requires a trained model; give --ckpt_path runs/.../checkpoints/best.ckpt")
    if "://" in path:
        raise InputError(f"{path} is not a local file; download it if you trust it, and give the path of the file")
    if not Path(path).is_file():
        raise InputError(f"no checkpoint {path}; `hw1 fit` writes best.ckpt and last.ckpt into runs/NAME/VERSION")
    return path


def run_name(name: str | None, configs: Sequence[object], model: str) -> str:
    """Return the name of a run.

    Args:
        name: what the user gave; it wins.
        configs: the config files; the first one names the run, and the config.yaml of a run gives that run's name.
        model: the class of the model, for a run without a name and without a config file.
    """
    if name or not configs or not configs[0]:  # the path of a config that was given as text is None
        return name or model
    first = Path(str(configs[0])).absolute()
    if first.name == "config.yaml" and first.parent.name.startswith("version_"):
        return first.parent.parent.name
    return first.stem


def run_of_checkpoint(checkpoint: Path) -> Path | None:
    """Return the folder of the run whose last.ckpt this is; ``None`` for any other file."""
    path = checkpoint if len(checkpoint.parts) > 3 else checkpoint.absolute()
    folder = path.parent.parent
    is_last = path.name == "last.ckpt" and path.parent.name == "checkpoints" and path.is_file()
    return folder if is_last and (folder / "config.yaml").is_file() else None


def location_in(folder: Path) -> tuple[Path, str | None, bool]:
    """Return this folder, its last.ckpt if there is one, and whether there is one."""
    last = folder / "checkpoints" / "last.ckpt"
    return folder, str(last) if last.is_file() else None, last.is_file()


def share_folder(folder: Path) -> None:
    """Pass the run's folder to the processes that Lightning is about to start."""
    os.environ[FOLDER_VARIABLE] = str(folder)


def shared_location(ckpt_path: str | None, resumes: bool) -> tuple[Path, str | None, bool]:
    """Return folder, checkpoint and whether the run is resumed, in a process that Lightning has started."""
    if FOLDER_VARIABLE not in os.environ:
        problem = "several processes were started by another program, so they cannot agree on a run's folder"
        raise InputError(f"{problem}; start one process, and let --trainer.devices start the others")
    folder = Path(os.environ[FOLDER_VARIABLE])
    return location_in(folder) if resumes else (folder, ckpt_path, False)
