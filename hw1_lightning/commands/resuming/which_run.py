"""`hw1 fit --ckpt_path`: which run is resumed in its own folder."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hw1_lightning.commands.parser.arguments import value_of, values_of
from hw1_lightning.commands.parser.config_files import read_yaml
from hw1_lightning.commands.parser.locations import existing_checkpoint, run_name, run_of_checkpoint
from hw1_lightning.errors import InputError
from hw1_lightning.runs.folder import newest_run, only_run_name
from hw1_lightning.shipped import find_config


def run_to_resume(args: Sequence[str]) -> Path | None:
    """Return the folder of the run that the arguments of `hw1 fit` ask to resume.

    ``None`` for a new run, perhaps from a checkpoint that is not the last.ckpt of a run. Raises an ``InputError`` if
    there is no such run, its options are unknown, or the arguments name two runs.
    """
    if any(re.match(r"-h$|--([\w.]+\.)?help\b", arg) for arg in args):
        return None
    paths = [find_config(path) for path in values_of(args, "--config")]
    configs = [_read(path) for path in paths]

    def stated(option: str) -> str | None:
        given = [str(config[option]) for config in configs if config.get(option) is not None]
        return next(reversed([*given, *values_of(args, f"--{option}")]), None)

    checkpoint = stated("ckpt_path")
    if checkpoint is None:
        return None
    name = run_name(stated("name"), paths, (value_of(args, "--model") or "").rpartition(".")[2])
    if checkpoint == "last":
        folder = run_of_checkpoint(Path(paths[0]).parent / "checkpoints" / "last.ckpt") if paths else None
        folder = folder or _newest(Path(stated("runs_dir") or "runs"), name)
    else:
        folder = run_of_checkpoint(Path(existing_checkpoint(checkpoint, "fit")))
        if folder is None:
            return None
        _check_place(folder, args)
    if (folder / "run.json").is_file():
        raise InputError(f"{folder} is a run of a study; `hw1 study run` resumes it")
    return folder


def _newest(runs_dir: Path, name: str) -> Path:
    folder = newest_run(runs_dir, name or only_run_name(runs_dir))
    if not (folder / "config.yaml").is_file():
        raise InputError(f"{folder} has no config.yaml, so the options of this run are unknown; start a new run")
    return folder


def _check_place(folder: Path, args: Sequence[str]) -> None:
    names, runs_dirs = values_of(args, "--name"), values_of(args, "--runs_dir")
    other = names and names[-1] != folder.absolute().parent.name
    elsewhere = runs_dirs and Path(runs_dirs[-1]).resolve() != folder.resolve().parent.parent
    if other or elsewhere:
        option = f"--name {names[-1]}" if other else f"--runs_dir {runs_dirs[-1]}"
        problem = f"{option} does not match {folder}, whose last.ckpt resumes that run in its own folder"
        copy = "copy last.ckpt to another folder to start a new run from it"
        raise InputError(f"{problem}; leave the option out, or {copy}")


def _read(path: str) -> Mapping[str, Any]:
    """Return the content of a config file; nothing if it cannot be read, which its parser reports."""
    try:
        content = read_yaml(Path(path))
    except InputError:
        return {}
    return content if isinstance(content, Mapping) else {}
