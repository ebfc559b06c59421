"""The options of `hw1 fit | validate | test | predict` that are not Lightning's own, and what is checked of all."""

import os
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import LearningRateMonitor
from lightning.pytorch.utilities import rank_zero_only

from hw1_lightning.errors import InputError, nearest
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.quadratic import QuadraticNetwork
from hw1_lightning.runs.epoch_table import LEARNING_RATE_PREFIX

TRAINER_DEFAULTS = {
    "logger": False,  # a run's loggers are made with its folder
    "num_sanity_val_steps": 0,
    "enable_model_summary": False,
}
# Options where an integer is a number of minibatches and a float a share of all.
COUNTED = {f"trainer.{name}_batches" for name in ("limit_train", "limit_val", "limit_test", "limit_predict", "overfit")}
MAX_EPOCHS = 20  # unless another limit is given

# Options of fit beside Lightning's: type, default, help. A config of fit may be given to the other subcommands too, so
# those know them but do not show them.
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
OVERRIDE = (
    "with --ckpt_path: take what a --config changes, and other data than the checkpoint was trained on; with the "
    "config.yaml of a run whose options were changed: use the last ones from the start"
)
# The least and the greatest value of numbers that libraries would take badly; numpy sets that of seeds.
SEEDS = (0, 2**32 - 1)
RANGES = {"seed_everything": SEEDS, "dropout_seed": SEEDS, "data.seed": SEEDS, "threads": (1, 1024)}
SEED_HELP = "seed of everything random, a whole number; true draws one, which is printed and recorded"
# Arguments of Trainer.fit and its like that the command line leaves out or offers in its own words.
HIDDEN = {"ckpt_path", "weights_only", "verbose", "return_predictions"}
TITLES = {
    "model": "model: what is trained; `--model.help MLP` lists the options of one",
    "data": "data: what it is trained on; `--data.source.help Landscapes` lists the options of one source",
    "trainer": f"trainer: how it is trained; all of Lightning's Trainer ({MAX_EPOCHS} epochs unless limited otherwise)",
}


def check_ranges(value_of: Callable[[str], Any]) -> None:
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


def chosen_seed(given: bool | int) -> int:
    """The seed of a run: the one that was given, or one that is drawn and printed.

    Args:
        given: a seed; ``True`` draws one. Processes that Lightning starts take the one of the first process.

    Raises:
        InputError: if it is ``False``.
    """
    if given is False:
        raise InputError(
            "seed_everything is false, and a run without a seed cannot be repeated; "
            f"give a whole number from {SEEDS[0]} to {SEEDS[1]}, or true for a random one"
        )
    if given is not True:
        return given
    if rank_zero_only.rank != 0:  # type: ignore[attr-defined] # Lightning sets it, undeclared
        # Lightning's seed_everything leaves it there; without it, other programs started them, which is refused later.
        return int(os.environ.get("PL_GLOBAL_SEED", SEEDS[0]))
    seed = secrets.randbelow(SEEDS[1] + 1)
    print(f"seed           {seed}, drawn at random; --seed_everything {seed} repeats the run", flush=True)
    return seed


def completed_trainer_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """What the trainer gets for options that the user has left open.

    Args:
        options: the arguments of ``Trainer`` as the user gave them.

    Returns:
        The arguments to replace.
    """
    limited = options["max_steps"] != -1 or options["max_time"] is not None
    unlimited = -1 if limited else MAX_EPOCHS
    return {
        "max_epochs": unlimited if options["max_epochs"] is None else options["max_epochs"],
        "log_every_n_steps": options["log_every_n_steps"] or 1,  # Lightning warns where an epoch is shorter than this
    }


def check_precision(trainer: Trainer, asked: object) -> None:
    """Refuse a precision that Lightning replaces by another on this device.

    Args:
        trainer: made with it.
        asked: what the user gave.

    Raises:
        InputError: naming what the device can.
    """
    if str(asked) in {"16", "16-mixed"} and trainer.precision == "bf16-mixed":
        raise InputError(f"trainer.precision is {asked}, which needs a GPU; on a CPU use bf16-mixed or 32-true")


def check_monitors(callbacks: Iterable[Callback], logged: Collection[str]) -> None:
    """Refuse a callback that watches what no such model logs: Lightning would find out after the first epoch.

    Args:
        callbacks: those of the trainer.
        logged: the names of all metrics.

    Raises:
        InputError: naming the metrics there are.
    """
    callbacks = list(callbacks)
    rates = any(isinstance(callback, LearningRateMonitor) for callback in callbacks)
    for callback in callbacks:
        monitor = getattr(callback, "monitor", None)
        if monitor is None or monitor in logged or (rates and monitor.startswith(LEARNING_RATE_PREFIX)):
            continue
        hint = "; add --train_accuracy true" if monitor == "train/accuracy" else nearest(monitor, logged)
        raise InputError(
            f"{type(callback).__name__} monitors '{monitor}', which is not logged; "
            f"there are {', '.join(sorted(logged))}{hint}"
        )


def logged_metrics(model: StackModule, option: Callable[[str], Any]) -> set[str]:
    """The metrics that a run of one of hw1's models logs.

    Args:
        model: the model.
        option: gives an option's value by its name.

    Returns:
        Their names, which are the columns of metrics.csv.
    """
    logged = {"train/loss", *model.weight_metrics()}
    if option("trainer")["limit_val_batches"] != 0:
        logged |= {"val/loss", *(f"val/{name}" for name in model.evaluation.metrics)}
    logged |= {"train/accuracy"} if option("train_accuracy") else set()
    return logged | ({"train/excess_loss"} if option("excess_loss") and isinstance(model, QuadraticNetwork) else set())
