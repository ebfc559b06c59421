"""The options that hw1 adds to Lightning's, their help, and checks of their values."""

import os
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import LearningRateMonitor

from hw1_lightning.errors import InputError, nearest
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.quadratic import QuadraticNetwork
from hw1_lightning.runs.metrics_writer import LEARNING_RATE_PREFIX
from hw1_lightning.training.lightning_internals import process_rank

# No logger: a run's loggers are made with its folder.
TRAINER_DEFAULTS = {"logger": False, "num_sanity_val_steps": 0, "enable_model_summary": False}
# In these options an integer is a number of minibatches, a float a share of all.
_LIMITED = ("limit_train", "limit_val", "limit_test", "limit_predict", "overfit")
BATCH_LIMITS = {f"trainer.{name}_batches" for name in _LIMITED}
MAX_EPOCHS = 20  # unless another limit is given

# Options of fit in addition to Lightning's: type, default, help. The other subcommands accept them too, since a config
# of fit may be given to them, but do not list them in their help.
FIT_OPTIONS: dict[str, tuple[Any, Any, str]] = {
    "name": (str | None, None, "name of the run (default: that of the first config file)"),
    "runs_dir": (Path, Path("runs"), "folder of all runs"),
    "test_after_fit": (bool, True, "evaluate on the test split after training"),
    "test_weights": (Literal["final", "best"], "final", "weights to test: the last ones, or those of the best epoch"),
    "dropout_seed": (int | None, None, "seed of dropout alone (default: dropout follows seed_everything)"),
    "threads": (int | None, None, "CPU threads (default: 1 for a tiny model, otherwise torch's own choice)"),
    "train_accuracy": (bool, False, "log train/accuracy after each epoch; costs one more pass over the training data"),
    "excess_loss": (bool, True, "log how far a QuadraticNetwork is above the optimum; costs one pass at the start"),
    "templates_every_n_epochs": (int, 10, "epochs between images of a linear model's weights in TensorBoard; 0: none"),
}
PICTURES = "predict these images, not the test split: a folder of JPEG, PNG and WebP files, or one file"
PREDICT_OPTIONS: dict[str, tuple[Any, Any, str]] = {
    "pictures": (str | None, None, PICTURES),
    "on_error": (Literal["raise", "skip"], "raise", "what to do with an image that cannot be read"),
    "output": (Path, Path("predictions.csv"), "the file to write; a contact sheet is written next to it, as .png"),
}
TRUST = """Options and config files may name classes of hw1_lightning, lightning and torch only. `--trust PACKAGE`
adds a package; its code is then imported, and so executed."""
OVERRIDE = (
    "with --ckpt_path: allow a --config to change options, and data other than those of the checkpoint; with the "
    "config.yaml of a run whose options were changed: use the last options from the start"
)
CKPT_PATH = "a checkpoint; fit: `last` resumes the newest run of that name, a run's last.ckpt resumes that run"
# The least and the greatest value of numbers; numpy sets the limits of seeds.
SEEDS = (0, 2**32 - 1)
RANGES = {"seed_everything": SEEDS, "dropout_seed": SEEDS, "data.seed": SEEDS, "threads": (1, 1024)}
SEED_HELP = "seed of all random numbers, a whole number; true chooses one at random, prints and records it"
# Arguments of Trainer.fit, Trainer.test, ... that are not options, or that hw1 defines itself.
HIDDEN = {"ckpt_path", "weights_only", "verbose", "return_predictions"}
GROUP_TITLES = {
    "model": "model: the model to train; `--model.help MLP` lists the options of a model",
    "data": "data: the data to train on; `--data.source.help Landscapes` lists the options of a source",
    "trainer": f"trainer: the options of Lightning's Trainer ({MAX_EPOCHS} epochs unless another limit is given)",
}


def check_ranges(value_of: Callable[[str], Any]) -> None:
    """Refuse numbers that random generators or torch's threads do not support."""
    for name, (low, high) in RANGES.items():
        if (value := value_of(name)) is not None and not low <= value <= high:
            raise InputError(f"{name} is {value}; it must be a whole number from {low} to {high}")


def chosen_seed(given: bool | int) -> int:
    """Return the seed of a run; ``True`` draws one and prints it, ``False`` is refused.

    Processes that Lightning starts use the seed of the first process.
    """
    if given is False:
        problem = "seed_everything is false, and a run without a seed cannot be repeated"
        raise InputError(f"{problem}; give a whole number from {SEEDS[0]} to {SEEDS[1]}, or true for a random one")
    if given is not True:
        return given
    if process_rank() != 0:
        # Lightning's seed_everything sets it; otherwise another program started this process, which is refused later.
        return int(os.environ.get("PL_GLOBAL_SEED", SEEDS[0]))
    seed = secrets.randbelow(SEEDS[1] + 1)
    print(f"seed           {seed}, drawn at random; --seed_everything {seed} repeats the run", flush=True)
    return seed


def default_trainer_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of ``Trainer`` that replace Lightning's defaults."""
    unlimited = -1 if options["max_steps"] != -1 or options["max_time"] is not None else MAX_EPOCHS
    epochs = unlimited if options["max_epochs"] is None else options["max_epochs"]
    # Lightning warns where an epoch is shorter than log_every_n_steps.
    return {"max_epochs": epochs, "log_every_n_steps": options["log_every_n_steps"] or 1}


def check_precision(trainer: Trainer, asked: object) -> None:
    """Refuse a precision that this device lacks, or that Lightning has replaced by another one on it."""
    if trainer.precision == "64-true" and trainer.strategy.root_device.type == "mps":
        raise InputError("trainer.precision is 64-true, which Apple's GPUs lack; add --trainer.accelerator cpu")
    if str(asked) in {"16", "16-mixed"} and trainer.precision == "bf16-mixed":
        raise InputError(f"trainer.precision is {asked}, which requires a GPU; on a CPU use bf16-mixed or 32-true")


def check_monitors(callbacks: Sequence[Callback], logged: Collection[str]) -> None:
    """Refuse a callback that monitors a metric which is not logged: Lightning would fail after the first epoch."""
    rates = any(isinstance(callback, LearningRateMonitor) for callback in callbacks)
    for callback in callbacks:
        monitor = getattr(callback, "monitor", None)
        if monitor is None or monitor in logged or (rates and monitor.startswith(LEARNING_RATE_PREFIX)):
            continue
        hint = "; add --train_accuracy true" if monitor == "train/accuracy" else nearest(monitor, logged)
        problem = f"{type(callback).__name__} monitors '{monitor}', which is not logged"
        raise InputError(f"{problem}; the logged metrics are {', '.join(sorted(logged))}{hint}")


def logged_metrics(model: StackModule, option: Callable[[str], Any]) -> set[str]:
    """Return the metrics that a run of one of hw1's models logs, which are the columns of metrics.csv."""
    logged = {"train/loss", *model.weight_metrics()}
    if option("trainer")["limit_val_batches"] != 0:
        logged |= {"val/loss", *(f"val/{name}" for name in model.evaluation.metrics)}
    logged |= {"train/accuracy"} if option("train_accuracy") else set()
    return logged | ({"train/excess_loss"} if option("excess_loss") and isinstance(model, QuadraticNetwork) else set())
