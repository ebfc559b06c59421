"""`hw1 fit | validate | test | predict`: Lightning's command line, with a folder for each run."""

import sys
from argparse import SUPPRESS
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from lightning.pytorch import Callback, Trainer
from lightning.pytorch.cli import ArgsType, LightningArgumentParser, LightningCLI

# These two make classes known by their short names.
import hw1_lightning.data.image_folder
import hw1_lightning.models  # noqa: F401
from hw1_lightning.cli import COMMANDS
from hw1_lightning.commands.callbacks import callbacks_for
from hw1_lightning.commands.fit import Fit, summary
from hw1_lightning.commands.locations import (
    existing_checkpoint,
    place_in,
    place_of_first_process,
    place_of_fit,
    tell_other_processes,
    with_config_of_run,
)
from hw1_lightning.commands.messages import mistakes_told, quiet_libraries
from hw1_lightning.commands.options import (
    FIT_OPTIONS,
    HIDDEN,
    TITLES,
    TRAINER_DEFAULTS,
    refuse_unknown_monitors,
    refuse_what_cannot_hold,
)
from hw1_lightning.commands.parser import OneLineErrorParser
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.errors import InputError
from hw1_lightning.models.base import StackModule
from hw1_lightning.threads import threads_for


def run(args: Sequence[str]) -> int:
    """Run one of Lightning's subcommands.

    Args:
        args: the subcommand and its options.

    Returns:
        The exit status: 0, or 1 if training diverged.

    Raises:
        InputError: if the options, the data or their combination cannot work.
    """
    quiet_libraries()
    with mistakes_told():
        return TrainingCLI(args).status


class TrainingCLI(LightningCLI):
    """One of Lightning's subcommands, from its arguments to its exit status, ``status``.

    Args:
        args: the subcommand and its options.
        folder: where `hw1 fit` runs, on from its last checkpoint if there is one; ``None`` makes a new folder.
        callbacks: further ones.
    """

    def __init__(self, args: Sequence[str], folder: Path | None = None, callbacks: Sequence[Callback] = ()) -> None:
        self.status, self._folder, self._callbacks = 0, folder, callbacks
        self._chosen = args[0]
        super().__init__(
            StackModule,
            ArrayDataModule,
            save_config_callback=None,
            parser_kwargs={"prog": "hw1", args[0]: {"description": COMMANDS[args[0]][1].capitalize() + "."}},
            seed_everything_default=42,
            parser_class=OneLineErrorParser,
            subclass_mode_model=True,
            args=with_config_of_run(list(args)),
            auto_configure_optimizers=False,
            load_from_checkpoint_support=False,
        )

    def subcommands(self) -> dict[str, set[str]]:  # type: ignore[override] # a static method in LightningCLI
        """The chosen subcommand only: a parser takes half a second to build."""
        return {self._chosen: LightningCLI.subcommands()[self._chosen] | HIDDEN}

    def add_core_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add the options of model, data and trainer, the long list last."""
        parser.usage = f"hw1 {self._chosen} [--config FILE ...] [--model NAME] [--OPTION VALUE ...]"
        parser.add_lightning_class_args(self._model_class, "model", subclass_mode=True)
        parser.add_lightning_class_args(self._datamodule_class, "data")
        parser.add_lightning_class_args(self.trainer_class, "trainer")
        parser.set_defaults({f"trainer.{name}": value for name, value in TRAINER_DEFAULTS.items()})
        parser.set_defaults({"data.source": {"class_path": "hw1_lightning.data.sources.Digits"}})
        groups = parser.groups or {}
        for name, title in TITLES.items():
            groups[name].title = title

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add the run's own options, and let the data tell the model its sizes."""
        for name, (kind, default, text) in FIT_OPTIONS.items():
            shown = text if self._chosen == "fit" else SUPPRESS
            parser.add_argument(f"--{name}", type=kind, default=default, help=shown)
        parser.add_argument(
            "--ckpt_path",
            type=str | None,
            help="a checkpoint, runs/.../last.ckpt; fit: `last` goes on with the newest run of that name",
        )
        if self._chosen == "predict":
            parser.add_argument("--output", type=Path, default=Path("predictions.csv"), help="the file to write")
        # A link to what the chosen model does not take is left out; what it takes and the data lack, it refuses.
        for name in ("input_shape", "input_scale", "class_names", "num_outputs"):
            parser.link_arguments(f"data.{name}", f"model.init_args.{name}", apply_on="instantiate")
        parser.link_arguments("data.class_names", "model.init_args.num_classes", compute_fn=len, apply_on="instantiate")

    def parse_arguments(self, parser: LightningArgumentParser, args: ArgsType) -> None:
        """Parse without Lightning's warning about arguments that do not come from ``sys.argv``."""
        self.config = parser.parse_args(cast("list[str]", args))

    def _parse_ckpt_path(self) -> None:
        """Leave the options as given: Lightning would let a checkpoint's hyperparameters override them."""

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:
        """Make the trainer, with the progress bar and what the subcommand writes."""
        options = self._option("trainer")
        refuse_what_cannot_hold(options)
        folder = None if self._chosen == "fit" else Path(self._checkpoint()).parent
        own = callbacks_for(self._chosen, self.model, self._option, folder)
        self.trainer_defaults = {"callbacks": [*own, *self._callbacks]}
        try:
            trainer = super().instantiate_trainer(**kwargs)
        except (TypeError, ValueError) as error:
            raise InputError(f"--trainer: {' '.join(str(error).split())}") from error
        refuse_unknown_monitors(trainer.callbacks, self.model)  # type: ignore[attr-defined] # Lightning sets it, undeclared
        return trainer

    def fit(self, **_: Any) -> None:
        """Train in a new folder, test, and say where everything is."""
        if self._option("trainer")["fast_dev_run"]:
            self.trainer.fit(self.model, datamodule=self.datamodule)
            return
        folder, checkpoint, resumes = self._place()
        if not resumes and self.trainer.is_global_zero:
            self._parser("fit").save(self.config["fit"], str(folder / "config.yaml"), skip_unset=False)
        weights = self._option("test_weights") if self._option("test_after_fit") else None
        seeds = self._option("seed_everything"), self._option("dropout_seed")
        run = Fit(folder, seeds[0], weights, checkpoint, resumes, seeds[1])
        size, batch_size = self.model.input_size, self.datamodule.batch_size
        with threads_for(self.model, size, batch_size, self._option("threads")):
            result = run.run(self.trainer, self.model, self.datamodule)
        if not self.trainer.is_global_zero:
            return
        print(summary(result, folder, weights or ""))
        if self.model.diverged:
            message = f"training diverged in epoch {result['epochs']}: the loss is no number any more"
            print(
                f"hw1: {message}; lower --model.learning_rate (now {self.model.optimization.learning_rate:g})",
                file=sys.stderr,
            )
            self.status = 1

    def _place(self) -> tuple[Path, str | None, bool]:
        """The run's folder, the checkpoint to go on from, and whether that is the run's own."""
        place = self._option("runs_dir"), self._run_name(), self._option("ckpt_path")
        if not self.trainer.is_global_zero:
            return place_of_first_process(place[2])
        found = place_of_fit(*place) if self._folder is None else place_in(self._folder)
        if self.trainer.world_size > 1:
            tell_other_processes(found[0])
        return found

    def validate(self, **_: Any) -> None:
        """Evaluate on the validation split and print the metrics."""
        self._evaluate(self.trainer.validate)

    def test(self, **_: Any) -> None:
        """Evaluate on the test split and print the metrics."""
        self._evaluate(self.trainer.test)

    def predict(self, **_: Any) -> None:
        """Write the predictions for the test split."""
        self.trainer.predict(self.model, datamodule=self.datamodule, ckpt_path=self._checkpoint(), weights_only=True)

    def _evaluate(self, run: Callable[..., object]) -> None:
        run(self.model, datamodule=self.datamodule, ckpt_path=self._checkpoint(), weights_only=True, verbose=False)
        for name, value in self.trainer.callback_metrics.items():
            print(f"{name:<15}{value:.4f}")

    def _checkpoint(self) -> str:
        return existing_checkpoint(self._option("ckpt_path"), self._chosen)

    def _run_name(self) -> str:
        configs = self._option("config")
        default = Path(str(configs[0])).stem if configs else type(self.model).__name__
        return self._option("name") or default

    def _option(self, name: str) -> Any:
        return self._get(self.config, name)
