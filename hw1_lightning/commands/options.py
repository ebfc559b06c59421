"""The options of `hw1 fit | validate | test | predict` that are not Lightning's own, and those that cannot hold."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from lightning.pytorch import Callback

from hw1_lightning.errors import InputError, nearest
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.classifier import Classifier

TRAINER_DEFAULTS = {
    "max_epochs": 20,
    "logger": False,  # a run's loggers are made with its folder
    "log_every_n_steps": 1,  # Lightning warns where an epoch has fewer stacks than this
    "num_sanity_val_steps": 0,
    "enable_model_summary": False,
}


# Options of fit beside Lightning's: type, default, help. A run's config.yaml holds them and serves the other
# subcommands too, so those know them but do not show them.
FIT_OPTIONS: dict[str, tuple[Any, Any, str]] = {
    "name": (str | None, None, "name of the run (default: that of the first config file)"),
    "runs_dir": (Path, Path("runs"), "folder of all runs"),
    "test_after_fit": (bool, True, "whether to end with the test split"),
    "test_weights": (Literal["final", "best"], "final", "which weights meet the test split; best on validation"),
    "dropout_seed": (int | None, None, "seed of dropout alone (default: it goes on after seed_everything)"),
    "threads": (int | None, None, "CPU threads (default: 1 for a tiny model, else torch's own choice)"),
    "train_accuracy": (bool, False, "whether to log train/accuracy after each epoch; costs a pass over the data"),
    "excess_loss": (
        bool,
        True,
        "whether a QuadraticNetwork logs its distance to the optimum; costs a pass at the start",
    ),
    "templates_every_n_epochs": (int, 10, "how often to draw a linear model's weights in TensorBoard; 0 for never"),
}
PREDICT_OPTIONS: dict[str, tuple[Any, Any, str]] = {
    "pictures": (
        str | None,
        None,
        "a folder of JPEG, PNG or WebP files, or a single one, in place of the data: all of them are predicted",
    ),
    "on_error": (Literal["raise", "skip"], "raise", "what to do with a picture that cannot be read"),
    "output": (Path, Path("predictions.csv"), "the file to write; a contact sheet is beside it, .png"),
}
TRUST = (
    "Options and config files may name classes of hw1_lightning, lightning and torch only; `--trust PACKAGE` adds a "
    "package, whose code is then imported and so executed."
)
# The least and the greatest value of numbers that libraries would take badly; numpy sets that of seeds.
SEEDS = (0, 2**32 - 1)
RANGES = {"seed_everything": SEEDS, "dropout_seed": SEEDS, "data.seed": SEEDS, "threads": (1, 1024)}
# What a callback may watch.
METRICS = ("train/loss", "val/loss", "weights/l2_norm")
CLASSIFICATION_METRICS = ("train/accuracy", "val/accuracy", "weights/zero_fraction")
REGRESSION_METRICS = ("train/excess_loss", "val/mse", "val/r2")
# Arguments of Trainer.fit and its like that the command line leaves out or offers in its own words.
HIDDEN = {"ckpt_path", "weights_only", "verbose", "return_predictions"}
TITLES = {
    "model": "model: what is trained; `--model.help MLP` lists the options of one",
    "data": "data: what it is trained on; `--data.source.help Landscapes` lists the options of one source",
    "trainer": "trainer: how it is trained; all of Lightning's Trainer",
}


def refuse_out_of_range(value_of: Callable[[str], Any]) -> None:
    """Refuse numbers that random generators or threads do not take.

    Args:
        value_of: gives an option's value by its name; ``None`` if it is not given.

    Raises:
        InputError: naming the option and its range.
    """
    for name, (low, high) in RANGES.items():
        value = value_of(name)
        if value is not None and not low <= value <= high:
            raise InputError(f"{name} is {value}; it must be a whole number from {low} to {high}")


def refuse_what_cannot_hold(options: Mapping[str, Any]) -> None:
    """Refuse options of the trainer that a stack of steps cannot honour, before anything is written.

    Args:
        options: the arguments of ``Trainer`` as the user gave them.

    Raises:
        InputError: saying what to do instead.
    """
    if options["gradient_clip_val"]:
        raise InputError(
            f"trainer.gradient_clip_val is {options['gradient_clip_val']}, but a stack of steps clips no gradients; "
            "leave it out and lower --model.learning_rate"
        )
    if options["accumulate_grad_batches"] != 1:
        raise InputError(
            f"trainer.accumulate_grad_batches is {options['accumulate_grad_batches']}, but it must be 1; "
            "raise --data.batch_size instead, which is the number of examples in a step"
        )
    if str(options["precision"]) in {"16", "16-mixed"}:
        raise InputError(
            "trainer.precision is 16-mixed, whose loss scaling is not supported; use bf16-mixed or 32-true"
        )


def refuse_unknown_monitors(callbacks: Iterable[Callback], model: StackModule) -> None:
    """Refuse a callback that watches what no such model logs: Lightning would find out after the first epoch.

    Args:
        callbacks: those of the trainer.
        model: what is trained.

    Raises:
        InputError: naming the metrics there are.
    """
    metrics = METRICS + (CLASSIFICATION_METRICS if isinstance(model, Classifier) else REGRESSION_METRICS)
    for callback in callbacks:
        monitor = getattr(callback, "monitor", None)
        if monitor is not None and monitor not in metrics:
            raise InputError(
                f"{type(callback).__name__} watches '{monitor}', which nothing logs; "
                f"there are {', '.join(metrics)}{nearest(monitor, metrics)}"
            )
