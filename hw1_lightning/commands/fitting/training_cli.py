"""`hw1 fit | validate | test | predict`: Lightning's command line, with a folder for each run."""

import math
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal

from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import ProgressBar

from hw1_lightning.commands.fitting import run_summary
from hw1_lightning.commands.fitting.fit import Fit
from hw1_lightning.commands.fitting.measured import metrics_of, tested_part
from hw1_lightning.commands.parser import limits, locations, options
from hw1_lightning.commands.parser.callbacks import callbacks_for
from hw1_lightning.commands.parser.messages import keep_traceback
from hw1_lightning.commands.resuming.checkpoint_checks import is_finished
from hw1_lightning.commands.resuming.resumable import ResumableCommandLine
from hw1_lightning.errors import InputError
from hw1_lightning.evaluation.mistakes import record_test
from hw1_lightning.evaluation.predictions import Predictions
from hw1_lightning.evaluation.user_images import images_to_predict
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.runs.checkpoints import read_checkpoint
from hw1_lightning.runs.folder import create_run_folder, exclusive_lock
from hw1_lightning.runs.loading import epochs_in
from hw1_lightning.runs.result import has_finite_losses
from hw1_lightning.training.lightning_internals import callbacks_of, stopped_within_epoch
from hw1_lightning.training.threads import threads_for


class TrainingCLI(ResumableCommandLine):
    """One of Lightning's subcommands, from its arguments to its exit status, ``status``.

    Args:
        args: the subcommand and its options.
        folder: where `hw1 fit` runs, from its last checkpoint if it has one; ``None`` makes a new folder.
        callbacks: additional callbacks.
    """

    def __init__(self, args: Sequence[str], folder: Path | None = None, callbacks: Sequence[Callback] = ()) -> None:
        self.status, self._callbacks = 0, callbacks
        super().__init__(args, folder)

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:
        """Make the trainer, with the callbacks of the subcommand."""
        folder = None if self._command == "fit" else Path(self._checkpoint()).parent
        given = self.option_in(self.config_init, "trainer")["callbacks"] or []
        bar = any(isinstance(callback, ProgressBar) for callback in (given if isinstance(given, list) else [given]))
        own = callbacks_for(self._command, self.model, self._option, folder, has_progress_bar=bar)
        self.trainer_defaults = {"callbacks": [*own, *self._callbacks]}
        trainer_options = self._option("trainer")
        if trainer_options["barebones"]:
            raise InputError("trainer.barebones is true, which turns off everything that a run records; leave it out")
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message=".*fp16 is not supported on CPU")
                trainer = super().instantiate_trainer(**options.default_trainer_options(trainer_options), **kwargs)
        except (TypeError, ValueError, ModuleNotFoundError) as error:
            raise InputError(f"--trainer: {' '.join(str(error).split())}") from error
        options.check_precision(trainer, trainer_options["precision"])
        if self._command == "fit" and isinstance(self.model, StackModule):  # others may log anything
            options.check_monitors(callbacks_of(trainer), options.logged_metrics(self.model, self._option))
        # Lightning would do so only after it has loaded a checkpoint, whose float64 weights would be rounded.
        trainer.precision_plugin.convert_module(self.model)
        return trainer

    def fit(self, **_: Any) -> None:
        """Train in a new folder, test, and print where everything is."""
        if self._option("trainer")["fast_dev_run"]:
            if self._option("ckpt_path") or self._resumed is not None:
                raise InputError("trainer.fast_dev_run starts from new weights; leave out --ckpt_path")
            self.trainer.fit(self.model, datamodule=self.datamodule)
            print(run_summary.dev_run_text(self.trainer))
            return
        self.check_can_train()
        folder, checkpoint, resumes = self._run_location()
        with exclusive_lock(folder) if self.trainer.is_global_zero else nullcontext(), keep_traceback(folder):
            self._fit_in(folder, checkpoint, resumes)

    def check_can_train(self) -> None:
        """Refuse options that would fail only after the run's folder is made."""
        limits.check_training_not_empty(self.trainer, self.datamodule)
        limits.check_requirements(self.trainer, self.model, self._test_weights)
        limits.check_schedule_length(self.trainer, self.model, self.datamodule)

    def _fit_in(self, folder: Path, checkpoint: str | None, resumes: bool) -> None:
        before = read_checkpoint(checkpoint) if checkpoint is not None else {}
        if self.trainer.is_global_zero:
            self._record_options(folder, before, resumes)
        seeds = self._option("seed_everything"), self._option("dropout_seed")
        where = folder, *seeds, self._test_weights, checkpoint, resumes, self._rate_given

        sizes = math.prod(self.datamodule.input_shape), self.datamodule.batch_size
        with threads_for(self.model, *sizes, self._option("threads")) as threads:
            finished, done = resumes and is_finished(before, self.trainer), epochs_in(before)
            run_text = run_summary.training_text(self.trainer, self.model, self.datamodule, threads, done)
            what = run_summary.finished_run_text(done) if finished else run_text
            line = f"resuming {what} in {folder}" if resumes else self._start_message(what, folder)
            if self.trainer.is_global_zero:
                print(f"hw1: {line}", file=sys.stderr, flush=True)
            result = Fit(self.trainer, self.model, self.datamodule, *where).run()
        if not self.trainer.is_global_zero:
            return
        print(run_summary.summary(result, folder, self._test_weights or "", stopped_within_epoch(self.trainer)))
        if result["status"] == "diverged":
            print(f"hw1: {run_summary.divergence(result['epochs'], self.model)}", file=sys.stderr)
            self.status = 1

    @property
    def _test_weights(self) -> Literal["final", "best"] | None:
        weights: Literal["final", "best"] = self._option("test_weights")
        return weights if self._option("test_after_fit") else None

    def _start_message(self, what: str, folder: Path) -> str:
        return f"training {what} in {folder}"

    def _run_location(self) -> tuple[Path, str | None, bool]:
        """Return the run's folder, the checkpoint to start from, and whether that is the run's own."""
        ckpt_path = self._option("ckpt_path")
        if not self.trainer.is_global_zero:
            return locations.shared_location(ckpt_path, self._resumed is not None)
        if self._resumed is not None:
            found = locations.location_in(self._resumed.folder)
            self._check_fits(str(found[1]))
        elif self._folder is not None:
            found = locations.location_in(self._folder)
        else:
            name = locations.run_name(self._option("name"), self._option("config") or [], type(self.model).__name__)
            checkpoint = self._checkpoint() if ckpt_path else None
            found = create_run_folder(self._option("runs_dir"), name), checkpoint, False
        if self.trainer.world_size > 1:
            locations.share_folder(found[0])
        return found

    def validate(self, **_: Any) -> None:
        """Evaluate on the validation split and print the metrics."""
        self._evaluate(self.trainer.validate)

    def test(self, **_: Any) -> None:
        """Evaluate on the test split, print the metrics, and draw the mistakes."""
        self._evaluate(self.trainer.test)
        if isinstance(self.model, Classifier) and self.trainer.is_global_zero:
            metrics = metrics_of(self.trainer)
            finite = has_finite_losses(metrics)
            if not finite:
                print("hw1: the test loss is NaN or infinite, so there is no accuracy", file=sys.stderr)
                self.status = 1
            tested = tested_part(self.trainer, self.model, self.datamodule) if finite else None
            print(record_test(Path(self._checkpoint()), self.model, self.datamodule.arrays, tested, metrics))

    def predict(self, **_: Any) -> None:
        """Write the predictions for the user's images, or for the test split."""
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
