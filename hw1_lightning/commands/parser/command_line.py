"""LightningCLI with hw1's options: from arguments to a model, its data and a trainer."""

import inspect
from argparse import SUPPRESS
from collections.abc import Mapping, Sequence
from typing import Any, cast

from jsonargparse import Namespace
from lightning.pytorch import LightningModule
from lightning.pytorch.cli import ArgsType, LightningArgumentParser

# Importing these two lets the command line find their classes by short names.
import hw1_lightning.data.image_folder
import hw1_lightning.models  # noqa: F401
from hw1_lightning.commands.parser import arguments, options
from hw1_lightning.commands.parser.config_files import ConfigFile, limit_yaml_cost
from hw1_lightning.commands.parser.error_parser import OneLineErrorParser
from hw1_lightning.commands.parser.subcommands import COMMANDS
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.errors import InputError
from hw1_lightning.imports import import_trusted, limit_imports
from hw1_lightning.training.lightning_internals import OpenLightningCLI, set_hyperparameters


class CommandLine(OpenLightningCLI):
    """The parser of one of Lightning's subcommands; there is no data module when the user's own images are predicted.

    Args:
        args: the subcommand and its options.
    """

    def __init__(self, args: Sequence[str]) -> None:
        given, trusted = arguments.split_trusted(args)
        arguments.check_decodable(given)
        self._command = given[0]
        self._pictures = arguments.value_of(given, "--pictures") if self._command == "predict" else None
        import_trusted(trusted)
        limit_imports(trusted)
        limit_yaml_cost()
        description = f"{COMMANDS[self._command][1].capitalize()}. {options.TRUST}"
        super().__init__(
            LightningModule,
            ArrayDataModule if self._pictures is None else None,
            save_config_callback=None,
            parser_kwargs={"prog": "hw1", self._command: {"description": description}},
            seed_everything_default=42,
            parser_class=OneLineErrorParser,
            subclass_mode_model=True,
            args=arguments.with_checkpoint_options(given, trusted),
            load_from_checkpoint_support=False,
        )

    def init_parser(self, **kwargs: Any) -> LightningArgumentParser:
        """Make a parser whose ``--config`` also finds the configs that hw1 ships."""
        parser = self.parser_class(**kwargs)
        text = "a config file, or the name of one that hw1 ships (`hw1 configs` lists them); later ones take precedence"
        parser.add_argument("-c", "--config", action=ConfigFile, help=text)
        return parser

    def subcommands(self) -> dict[str, set[str]]:  # type: ignore[override] # a static method in LightningCLI
        """Return the chosen subcommand only: a parser takes half a second to build."""
        return {self._command: OpenLightningCLI.subcommands()[self._command] | options.HIDDEN}

    def add_core_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add the options of model, data and trainer; the long list comes last."""
        parser.usage = f"hw1 {self._command} [--config FILE ...] [--model NAME] [--OPTION VALUE ...]"
        parser.add_lightning_class_args(self._model_class, "model", subclass_mode=True)
        if self._pictures is None:
            parser.add_lightning_class_args(ArrayDataModule, "data")
            parser.set_defaults({"data.source": {"class_path": "hw1_lightning.data.sources.Digits"}})
        parser.add_lightning_class_args(self.trainer_class, "trainer")
        parser.set_defaults({f"trainer.{name}": value for name, value in options.TRAINER_DEFAULTS.items()})
        parser._option_string_actions["--seed_everything"].help = options.SEED_HELP
        for action in parser._actions:  # Lightning lists float first, and 1 minibatch would become all of them, 1.0
            if action.dest in options.BATCH_LIMITS:
                action._typehint = int | float | None  # type: ignore[attr-defined] # jsonargparse sets it
        for name, group in (parser.groups or {}).items():
            group.title = options.GROUP_TITLES.get(name, group.title)

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add the run's own options, and link the sizes of the data to the model."""
        for name, (kind, default, text) in options.FIT_OPTIONS.items():
            shown = text if self._command == "fit" else SUPPRESS
            parser.add_argument(f"--{name}", type=kind, default=default, help=shown)
        parser.add_argument("--ckpt_path", type=str | None, help=options.CKPT_PATH)
        parser.add_argument("--history", type=list[dict[str, Any]] | None, help=SUPPRESS)  # of a run's config.yaml
        if self._command == "fit":
            parser.add_argument("--override", action="store_true", help=options.OVERRIDE)
        if self._command == "predict":
            for name, (kind, default, text) in options.PREDICT_OPTIONS.items():
                parser.add_argument(f"--{name}", type=kind, default=default, help=text)
        if self._pictures is not None:
            return
        # Links to arguments that the model does not have are left out.
        for name in ("input_shape", "input_scale", "class_names", "num_outputs"):
            parser.link_arguments(f"data.{name}", f"model.init_args.{name}", apply_on="instantiate")
        parser.link_arguments("data.class_names", "model.init_args.num_classes", compute_fn=len, apply_on="instantiate")

    def parse_arguments(self, parser: LightningArgumentParser, args: ArgsType) -> None:
        """Parse without Lightning's warning about arguments that do not come from ``sys.argv``."""
        self.config = self._read_options(parser, cast("list[str]", args))
        for name in ("trainer", "data"):
            value = self.config[self._command].get(name, {})
            if not isinstance(value, Mapping | Namespace):
                raise InputError(f"{name} is {value}; it must be a mapping of its options")
        option = self.config[self._command].get
        options.check_ranges(option)
        if self._command == "fit":
            self.config[self._command]["seed_everything"] = options.chosen_seed(option("seed_everything"))
        if option("lr_scheduler") and not option("optimizer"):
            raise InputError("--lr_scheduler requires --optimizer; give both, or choose --model.lr_scheduler NAME")

    def _read_options(self, parser: LightningArgumentParser, args: list[str]) -> Namespace:
        try:
            return parser.parse_args(args)
        except UnicodeDecodeError as error:
            problem = f"a config file is not UTF-8 text ({error.reason} at byte {error.start})"
            raise InputError(f"{problem}; save it as UTF-8") from error
        except RecursionError as error:
            raise InputError("a config or an option is nested too deeply; use fewer levels") from error

    def after_model(self) -> None:
        """Save the hyperparameters of a model that does not save its own, for its checkpoints."""
        if self.model.hparams:
            return
        given = self._option("model").get("init_args")
        taken = set(arguments.FROM_DATA) & set(inspect.signature(type(self.model).__init__).parameters)
        from_data = {name: getattr(self.datamodule, name) for name in taken if hasattr(self.datamodule, name)}
        if "num_classes" in taken and self.datamodule is not None:
            from_data["num_classes"] = len(self.datamodule.class_names)
        set_hyperparameters(self.model, {**(given.as_dict() if given else {}), **from_data})

    def _option(self, name: str) -> Any:
        return self.option_in(self.config, name)
