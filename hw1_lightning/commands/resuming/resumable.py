"""`hw1 fit` that resumes a run with the run's own options, and records those that change."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from jsonargparse import Namespace
from lightning.pytorch.cli import LightningArgumentParser

from hw1_lightning.commands.parser.command_line import CommandLine
from hw1_lightning.commands.parser.config_files import save_config
from hw1_lightning.commands.parser.locations import existing_checkpoint
from hw1_lightning.commands.parser.option_values import flat_options
from hw1_lightning.commands.resuming import checkpoint_checks as checks
from hw1_lightning.commands.resuming.changes import Resumed, resumed_options
from hw1_lightning.commands.resuming.history import Change, check_history, extend_history, read_history
from hw1_lightning.commands.resuming.which_run import run_to_resume
from hw1_lightning.data.order import check_same_order
from hw1_lightning.data.redivision import check_same_split
from hw1_lightning.errors import InputError
from hw1_lightning.runs.checkpoints import read_checkpoint
from hw1_lightning.runs.loading import check_can_resume, check_checkpoint_fits, epochs_in
from hw1_lightning.runs.option_effects import MAX_EPOCHS

RATE = "model.learning_rate"


class ResumableCommandLine(CommandLine):
    """A subcommand that has the options and the history of the run that it resumes.

    Args:
        args: the subcommand and its options.
        folder: the folder of `hw1 fit`; ``None`` lets the arguments decide.
    """

    def __init__(self, args: Sequence[str], folder: Path | None) -> None:
        self._folder = folder
        self._resumed: Resumed | None = None
        self._override, self._history, self._changes = False, list[Change](), list[Change]()
        super().__init__(args)

    def _read_options(self, parser: LightningArgumentParser, args: list[str]) -> Namespace:
        """Return the options; for a resumed run its own, with the changes that the command line asks for."""
        read = partial(super()._read_options, parser)
        folder = run_to_resume(args) if self._command == "fit" and self._folder is None else None
        self._resumed = None if folder is None else resumed_options(folder, args, read)
        config = read(args) if self._resumed is None else self._resumed.config
        options = config[self._command]
        history = read_history(options.pop("history", None) or [])
        self._override = bool(options.pop("override", False))
        if self._resumed is not None:
            self._history = history
        elif self._command == "fit" and not self._override:
            check_history(history, flat_options(options))
        return config

    @property
    def _rate_given(self) -> bool:
        """Whether the learning rate was changed in this run, on this command line or earlier."""
        return any(change.option == RATE for change in [*self._history, *self._changes])

    def _checkpoint(self) -> str:
        """Return the path of the checkpoint to read, after checking that it fits the model and the data."""
        path = existing_checkpoint(self._option("ckpt_path"), self._command)
        self._check_fits(path)
        return path

    def _check_fits(self, path: str) -> None:
        checkpoint = read_checkpoint(path)
        check_checkpoint_fits(self.model, checkpoint, path)
        if self._command in ("fit", "validate"):
            check_same_split(checkpoint, self.datamodule.split_seed, path)
        if self._command == "fit":
            self._check_resuming(path, checkpoint)

    def _check_resuming(self, path: str, checkpoint: Mapping[str, Any]) -> None:
        """Refuse a checkpoint that training cannot resume from, and changes that are not allowed."""
        check_can_resume(self.model, checkpoint, path, None if self._resumed else self.trainer.max_epochs)
        check_same_order(checkpoint, self.datamodule.order)
        change = checks.data_change(checkpoint, self.datamodule.arrays.sha256)
        if change is not None and not self._override:
            text = checks.data_change_text(path, change)
            raise InputError(f"{text}; give the same data, or add --override to train on the new data")
        self._changes = [change] if change is not None else []
        if self._resumed is not None:
            longer = next((each.old for each in self._resumed.changes if each.option == MAX_EPOCHS), None)
            is_extended = longer is not None and epochs_in(checkpoint) >= longer
            checks.check_resumable_state(self.trainer, path, is_extended)
            # The old rate may be one that LearningRateFinder has found.
            rate = None if self._rate_given else (checkpoint.get("optimization") or {}).get("learning_rate")
            found = {} if rate is None else {"old": rate}
            self._changes += [replace(each, **found) if each.option == RATE else each for each in self._resumed.changes]
            if checks.is_finished(checkpoint, self.trainer):
                checks.check_changes_after_training(path, checkpoint, self._changes)

    def _warn_of_different_data(self, path: str) -> None:
        """Print a warning if a model is about to be evaluated on other data than it was trained on."""
        change = checks.data_change(read_checkpoint(path), self.datamodule.arrays.sha256)
        if change is not None and self.trainer.is_global_zero:
            text = checks.data_change_text(path, change)
            print(f"hw1: warning: {text}, so it may have been trained on these", file=sys.stderr)

    def _record_options(self, folder: Path, before: Mapping[str, Any], resumes: bool) -> None:
        """Write config.yaml for a new run or for changed options, and print the changes."""
        start = checks.resume_point(before) if self._changes else None
        now: list[Change] = []
        if start is not None:
            now = extend_history([], self._changes, start)
            if self._resumed is not None:
                if (folder / "config.yaml").read_text(encoding="utf-8") != self._resumed.text:
                    raise InputError(f"another process has just changed the options of {folder}; run this again")
                self._history = extend_history(self._history, self._changes, start)
                now = [change for change in self._history if change.step == start.step]
        if not resumes or start is not None:
            history = [asdict(change) for change in self._history]
            save_config(self.parser_for("fit"), self.config["fit"], folder / "config.yaml", history)
        for change in now:
            print(f"hw1: {change}", file=sys.stderr)
