"""Which checkpoint a subcommand reads, and which folder it writes."""

import os
from collections.abc import Sequence
from pathlib import Path

from hw1_lightning.errors import InputError

FOLDER_VARIABLE = "HW1_RUN_FOLDER"


def existing_checkpoint(path: str | None, command: str) -> str:
    """Insist on a checkpoint.

    Args:
        path: what the user gave.
        command: the subcommand that wants it.

    Returns:
        The path of a local file.

    Raises:
        InputError: if none is given or there is none.
    """
    if path is None:
        raise InputError(f"hw1 {command} wants a trained model; give --ckpt_path runs/.../checkpoints/best.ckpt")
    if "://" in path:
        raise InputError(f"{path} is no local file; fetch it yourself, if you trust it, and give the file")
    if not Path(path).is_file():
        raise InputError(f"no checkpoint {path}; `hw1 fit` writes best.ckpt and last.ckpt into runs/NAME/VERSION")
    return path


def run_name(name: str | None, configs: Sequence[object], model: str) -> str:
    """The name of a run.

    Args:
        name: what the user gave.
        configs: the config files.
        model: the class of the model.

    Returns:
        The given name; else that of the first config, which for the config.yaml of a run is that of the run; else the
        model's.
    """
    if name or not configs or not configs[0]:  # the path of a config that was itself given as text is None
        return name or model
    first = Path(str(configs[0])).absolute()
    if first.name == "config.yaml" and first.parent.name.startswith("version_"):
        return first.parent.parent.name
    return first.stem


def run_of(checkpoint: Path) -> Path | None:
    """The folder of the run whose last.ckpt this is; ``None`` if it is another file, or not in a run's folder."""
    path = checkpoint if len(checkpoint.parts) > 3 else checkpoint.absolute()
    folder = path.parent.parent
    is_last = path.name == "last.ckpt" and path.parent.name == "checkpoints" and path.is_file()
    return folder if is_last and (folder / "config.yaml").is_file() else None


def location_in(folder: Path) -> tuple[Path, str | None, bool]:
    """Where `hw1 fit` runs if it must be this folder; the same three."""
    last = folder / "checkpoints" / "last.ckpt"
    return folder, str(last) if last.is_file() else None, last.is_file()


def share_folder(folder: Path) -> None:
    """Let the processes that Lightning is about to start know the run's folder."""
    os.environ[FOLDER_VARIABLE] = str(folder)


def shared_location(ckpt_path: str | None, resumes: bool) -> tuple[Path, str | None, bool]:
    """Where `hw1 fit` runs in all processes but the first; the same three.

    Args:
        ckpt_path: what the user gave.
        resumes: whether the run is resumed in its own folder.

    Raises:
        InputError: if the first one could not tell, since something else has started them.
    """
    if FOLDER_VARIABLE not in os.environ:
        raise InputError(
            "this is one of several processes, started from outside, which cannot agree on a run's folder; "
            "start a single one and let --trainer.devices start the others"
        )
    folder = Path(os.environ[FOLDER_VARIABLE])
    return location_in(folder) if resumes else (folder, ckpt_path, False)
