"""Which options of a recorded run are repeated; the folder may come from another person."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from hw1_lightning.commands.parser.received import check_trusted
from hw1_lightning.commands.verifying.recorded_run import RecordedRun

# Options that change numbers: hw1's, and the trainer's. Other options could write files, or have no effect.
OPTIONS = (
    *("seed_everything", "dropout_seed", "threads", "train_accuracy", "excess_loss", "test_after_fit", "test_weights"),
    *("model", "data", "optimizer", "lr_scheduler"),
)
TRAINER = (
    *("max_epochs", "max_steps", "precision", "gradient_clip_val", "gradient_clip_algorithm"),
    *("accumulate_grad_batches", "limit_train_batches", "limit_val_batches", "limit_test_batches", "overfit_batches"),
    *("val_check_interval", "check_val_every_n_epoch", "num_sanity_val_steps", "log_every_n_steps", "deterministic"),
    *("benchmark", "detect_anomaly", "inference_mode", "use_distributed_sampler", "sync_batchnorm"),
    *("reload_dataloaders_every_n_epochs", "enable_checkpointing", "devices", "num_nodes"),
)
# Callbacks of Lightning's that change numbers and write nothing.
_AVERAGING = ("EMAWeightAveraging", "StochasticWeightAveraging", "WeightAveraging")
_NAMES = ("EarlyStopping", "GradientAccumulationScheduler", *_AVERAGING)
CALLBACKS = tuple(f"lightning.pytorch.callbacks.{name}" for name in _NAMES)
# These can change numbers too, but could run any code, or decide when training ends.
LEFT_OUT = ("plugins", "profiler", "min_steps")


def repeatable_options(run: RecordedRun) -> dict[str, Any]:
    """Return the options that a run's numbers depend on, in the form of a config; classes must be trusted."""
    options, config = run.options, run.folder / "config.yaml"
    check_trusted("model", _class_path(options["model"]), config, run.trusted)
    check_trusted("data.source", _class_path(options["data"].get("source")), config, run.trusted)
    for name in ("optimizer", "lr_scheduler"):
        if (given := options.get(name)) is not None:
            check_trusted(name, _class_path(given), config, (*run.trusted, "torch.optim", "lightning.pytorch.cli"))
    kept = deepcopy({**{name: options[name] for name in OPTIONS if name in options}, "trainer": _trainer(run)})
    for change in reversed(run.changes):
        _set(kept, str(change.get("option")), change.get("old"))
    return kept


def options_left_out(run: RecordedRun) -> list[str]:
    """Return the options that the numbers may depend on and that are not repeated."""
    given = run.options.get("trainer") or {}
    names = [name for name in LEFT_OUT if given.get(name)]
    names += ["callbacks"] if any(_class_path(each) not in CALLBACKS for each in _callbacks(given)) else []
    strategy = given.get("strategy", "auto")
    other = strategy != "auto" and not (isinstance(strategy, str) and strategy.startswith("ddp"))
    return [f"trainer.{name}" for name in [*names, *(["strategy"] if other else [])]]


def _trainer(run: RecordedRun) -> dict[str, Any]:
    given = run.options.get("trainer") or {}
    kept = {name: given[name] for name in TRAINER if name in given}
    if given.get("max_time") and kept.get("max_epochs") is None:
        kept["max_epochs"] = -1
    if isinstance(given.get("strategy"), str) and given["strategy"].startswith("ddp"):
        kept["strategy"] = given["strategy"]
    if callbacks := [each for each in _callbacks(given) if _class_path(each) in CALLBACKS]:
        kept["callbacks"] = callbacks
    return {**kept, "accelerator": "cpu" if given.get("accelerator") == "cpu" else "auto"}


def _set(options: dict[str, Any], name: str, value: object) -> None:
    """Set an option by its name on the command line, if it is one of those that are repeated."""
    *groups, last = name.split(".")
    place: Any = options
    for group in groups:
        place = place.get(group) if isinstance(place, dict) else None
        place = place.setdefault("init_args", {}) if isinstance(place, dict) and "class_path" in place else place
    if isinstance(place, dict) and (groups[:1] != ["trainer"] or last in TRAINER) and (groups or last in OPTIONS):
        place[last] = value


def _callbacks(trainer: Mapping[str, Any]) -> list[Any]:
    given = trainer.get("callbacks") or []
    return given if isinstance(given, list) else [given]


def _class_path(given: Any) -> object:
    return given.get("class_path") if isinstance(given, dict) else given
