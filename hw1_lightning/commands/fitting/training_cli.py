"""`hw1 fit | validate | test | predict`: Lightning's command line, with a folder for each run."""

import math
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import ProgressBar

# These two make classes known by their short names.
import hw1_lightning.data.image_folder
import hw1_lightning.models  # noqa: F401
from hw1_lightning.commands.fitting.fit import Fit, tested_part
from hw1_lightning.commands.fitting.run_summary import beginning, nothing_left, summary, tried
from hw1_lightning.commands.parser.callbacks import callbacks_for
from hw1_lightning.commands.parser.limits import check_requirements, check_schedule_length, check_training_not_empty
from hw1_lightning.commands.parser.locations import (
    existing_checkpoint,
    fit_location,
    location_in,
    run_name,
    share_folder,
    shared_location,
)
from hw1_lightning.commands.parser.messages import keep_traceback
from hw1_lightning.commands.parser.options import (
    check_monitors,
    check_precision,
    completed_trainer_options,
    logged_metrics,
)
from hw1_lightning.commands.resuming.checkpoint_checks import is_finished
from hw1_lightning.commands.resuming.resumable import ResumableCommandLine
from hw1_lightning.data.redivision import check_same_split
from hw1_lightning.errors import InputError
from hw1_lightning.evaluation.predictions import Predictions
from hw1_lightning.evaluation.test_files import record_test
from hw1_lightning.evaluation.user_images import images_to_predict
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.runs.checkpoints import read_checkpoint
from hw1_lightning.runs.folder import exclusive_lock
from hw1_lightning.runs.loading import check_checkpoint_fits, epochs_in
from hw1_lightning.runs.result import has_finite_losses
from hw1_lightning.training.lightning_internals import callbacks_of, stopped_within_epoch
from hw1_lightning.training.threads import threads_for


class TrainingCLI(ResumableCommandLine):
    """One of Lightning's subcommands, from its arguments to its exit status, ``status``.

    Args:
        args: the subcommand and its options.
        folder: where `hw1 fit` runs, on from its last checkpoint if there is one; ``None`` makes a new folder.
        callbacks: further ones.
    """

    def __init__(self, args: Sequence[str], folder: Path | None = None, callbacks: Sequence[Callback] = ()) -> None:
        self.status, self._callbacks = 0, callbacks
        super().__init__(args, folder)

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:
        """Make the trainer, with the progress bar and what the subcommand writes."""
        folder = None if self._chosen == "fit" else Path(self._checkpoint()).parent
        given = self.option_in(self.config_init, "trainer")["callbacks"] or []
        bar = any(isinstance(callback, ProgressBar) for callback in (given if isinstance(given, list) else [given]))
        own = callbacks_for(self._chosen, self.model, self._option, folder, has_progress_bar=bar)
        self.trainer_defaults = {"callbacks": [*own, *self._callbacks]}
        options = self._option("trainer")
        if options["barebones"]:
            raise InputError("trainer.barebones leaves out all that a run records; leave it out")
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message=".*fp16 is not supported on CPU")
                trainer = super().instantiate_trainer(**completed_trainer_options(options), **kwargs)
        except (TypeError, ValueError, ModuleNotFoundError) as error:
            raise InputError(f"--trainer: {' '.join(str(error).split())}") from error
        check_precision(trainer, options["precision"])
        if self._chosen == "fit" and isinstance(self.model, StackModule):  # others may log anything
            check_monitors(callbacks_of(trainer), logged_metrics(self.model, self._option))
        # Lightning would do so only after it has loaded a checkpoint, whose float64 weights would be rounded.
        trainer.precision_plugin.convert_module(self.model)
        return trainer

    def fit(self, **_: Any) -> None:
        """Train in a new folder, test, and say where everything is."""
        if self._option("trainer")["fast_dev_run"]:
            if self._option("ckpt_path") or self._resumed is not None:
                raise InputError("trainer.fast_dev_run tries options with new weights; leave out --ckpt_path")
            self.trainer.fit(self.model, datamodule=self.datamodule)
            print(tried(self.trainer))
            return
        self.check_can_train()
        folder, checkpoint, resumes = self._place()
        with exclusive_lock(folder) if self.trainer.is_global_zero else nullcontext(), keep_traceback(folder):
            self._fit_in(folder, checkpoint, resumes)

    def check_can_train(self) -> None:
        """Refuse what would fail only after the run's folder is made."""
        check_training_not_empty(self.trainer, self.datamodule)
        weights = self._option("test_weights") if self._option("test_after_fit") else None
        check_requirements(self.trainer, self.model, weights)
        check_schedule_length(self.trainer, self.model, self.datamodule)

    def _fit_in(self, folder: Path, checkpoint: str | None, resumes: bool) -> None:
        before = read_checkpoint(checkpoint) if checkpoint is not None else {}
        if self.trainer.is_global_zero:
            self._record_options(folder, before, resumes)
        weights = self._option("test_weights") if self._option("test_after_fit") else None
        seeds = self._option("seed_everything"), self._option("dropout_seed")
        run = Fit(folder, seeds[0], weights, checkpoint, resumes, seeds[1], self._rate_given)
        sizes = math.prod(self.datamodule.input_shape), self.datamodule.batch_size
        with threads_for(self.model, *sizes, self._option("threads")) as threads:
            finished, done = resumes and is_finished(before, self.trainer), epochs_in(before)
            what = beginning(self.trainer, self.model, self.datamodule, threads, done)
            what = nothing_left(done) if finished else what
            line = f"resuming {what} in {folder}" if resumes else self._start_message(what, folder)
            if self.trainer.is_global_zero:
                print(f"hw1: {line}", file=sys.stderr, flush=True)
            result = run.run(self.trainer, self.model, self.datamodule)
        if not self.trainer.is_global_zero:
            return
        in_mid_epoch = stopped_within_epoch(self.trainer)
        print(summary(result, folder, weights or "", in_mid_epoch))
        if result["status"] == "diverged":
            message = f"training diverged in epoch {result['epochs']}: the loss or a weight is NaN or infinite"
            rate = self.model.learning_rate if isinstance(self.model, StackModule) else None
            lower = "the learning rate" if rate is None else f"--model.learning_rate (now {rate:g})"
            print(f"hw1: {message}; lower {lower}", file=sys.stderr)
            self.status = 1

    def _start_message(self, what: str, folder: Path) -> str:
        return f"training {what} in {folder}"

    def _place(self) -> tuple[Path, str | None, bool]:
        """The run's folder, the checkpoint to go on from, and whether that is the run's own."""
        ckpt_path = self._option("ckpt_path")
        if not self.trainer.is_global_zero:
            return shared_location(ckpt_path, self._resumed is not None)
        if self._resumed is not None:
            found = location_in(self._resumed.folder)
            self._check_fits(str(found[1]))
        elif self._folder is not None:
            found = location_in(self._folder)
        else:
            name = run_name(self._option("name"), self._option("config") or [], type(self.model).__name__)
            found = fit_location(self._option("runs_dir"), name, ckpt_path, self._check_fits)
        if self.trainer.world_size > 1:
            share_folder(found[0])
        return found

    def validate(self, **_: Any) -> None:
        """Evaluate on the validation split and print the metrics."""
        self._evaluate(self.trainer.validate)

    def test(self, **_: Any) -> None:
        """Evaluate on the test split, print the metrics, and leave pictures of what went wrong."""
        self._evaluate(self.trainer.test)
        if isinstance(self.model, Classifier) and self.trainer.is_global_zero:
            metrics = {name: value.item() for name, value in self.trainer.callback_metrics.items()}
            finite = has_finite_losses(metrics)
            if not finite:
                print("hw1: the test loss is NaN or infinite, so there is no accuracy", file=sys.stderr)
                self.status = 1
            tested = tested_part(self.trainer, self.model, self.datamodule) if finite else None
            print(record_test(Path(self._checkpoint()), self.model, self.datamodule.arrays, tested, metrics))

    def predict(self, **_: Any) -> None:
        """Write the predictions for pictures, or for the test split."""
        data: dict[str, Any] = {"datamodule": self.datamodule}
        files = None
        if self._pictures is not None:
            files, loader = images_to_predict(Path(self._pictures), self.model, self._option("on_error"))
            data = {"dataloaders": loader}
        else:
            self._warn_of_different_data(self._checkpoint())
        callbacks_of(self.trainer).append(Predictions(self._option("output"), files))
        self.trainer.predict(self.model, ckpt_path=self._checkpoint(), weights_only=True, **data)

    def _evaluate(self, run: Callable[..., object]) -> None:
        self._warn_of_different_data(self._checkpoint())
        run(self.model, datamodule=self.datamodule, ckpt_path=self._checkpoint(), weights_only=True, verbose=False)
        for name, value in self.trainer.callback_metrics.items() if self.trainer.is_global_zero else ():
            print(f"{name:<15}{value:.4f}")

    def _checkpoint(self) -> str:
        path = existing_checkpoint(self._option("ckpt_path"), self._chosen)
        self._check_fits(path)
        return path

    def _check_fits(self, path: str) -> None:
        checkpoint = read_checkpoint(path)
        check_checkpoint_fits(self.model, checkpoint, path)
        if self._chosen in ("fit", "validate"):
            check_same_split(checkpoint, self.datamodule.split_seed, path)
        if self._chosen == "fit":
            self._check_resuming(path, checkpoint)
