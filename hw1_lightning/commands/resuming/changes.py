"""The options of a resumed run: its own, with the changes that the command line asks for."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from jsonargparse import Namespace

from hw1_lightning.commands.parser.arguments import split_option, values_of
from hw1_lightning.commands.parser.error_parser import RefusedArguments
from hw1_lightning.commands.parser.option_values import flat_options, is_stack_model, shown
from hw1_lightning.commands.resuming.history import Change
from hw1_lightning.commands.resuming.write_paths import WRITERS, check_write_paths
from hw1_lightning.errors import InputError
from hw1_lightning.runs.option_effects import HISTORY, PLACE

Parse = Callable[[list[str]], Namespace]

# Options of which a resumed run keeps its own values.
KEPT = (*PLACE, HISTORY)
_STATE = "last.ckpt holds the state of the old one"
_WEIGHTS = "the weights in last.ckpt were trained with it"
# Why an option cannot change in the middle of a run.
FIXED = {
    "seed_everything": "the initial weights and the order of the examples were drawn with it",
    "dropout_seed": "dropout continues with the random numbers of the old seed",
    "data.seed": "the order of the examples continues with the old seed",
    "data.order": "the order of the examples continues with the old generator",
    "data.batch_size": "it changes which examples are in one step",
    **{f"trainer.{name}_batches": "it changes which examples are trained on" for name in ("limit_train", "overfit")},
    "trainer.limit_val_batches": "the best epoch can only be chosen if all epochs are validated on the same examples",
    "model": "last.ckpt holds the weights of another class",
    **dict.fromkeys(("optimizer", "lr_scheduler", "model.optimizer", "model.lr_scheduler"), _STATE),
    **{f"model.lr_scheduler_{name}": _STATE for name in ("options", "interval")},
    **{f"model.{name}": _WEIGHTS for name in ("hidden_sizes", "hidden_size", "activation", "link", "init")},
}
_OTHER_MODEL = "only models of hw1 pass a changed option on to an optimiser that last.ckpt restores"
_OTHER_OPTIMIZER = "--optimizer sets the optimiser, and last.ckpt restores its options"


@dataclass(frozen=True)
class Resumed:
    """A run that is about to be resumed in its own folder.

    Args:
        folder: the run's folder.
        text: its config.yaml, as read.
        config: its options with the changes, as parsed.
        changes: what differs from the run's own options.
    """

    folder: Path
    text: str
    config: Namespace
    changes: tuple[Change, ...]


def resumed_options(folder: Path, args: Sequence[str], parse: Parse) -> Resumed:
    """Return a run's own options, with the changes that the command line asks for.

    A config that differs from the run's options is refused, and so is a change of an option that is fixed.
    """
    own = folder / "config.yaml"
    text = own.read_text(encoding="utf-8")
    first, rest = [args[0], f"--config={own}"], list(args[1:])
    as_before = _own_options(own, partial(parse, first))[args[0]]
    before = _options(as_before)
    given = [name for name in WRITERS if any(arg.startswith(f"--trainer.{name}") for arg in rest)]
    kept = {name: value for name, value in as_before.as_dict()["trainer"].items() if name not in given}
    check_write_paths(folder, kept)
    parsed = parse([*first, *rest])
    config = parsed[args[0]]
    _keep_own_callbacks(config, rest, before)
    changes = _differences(before, _options(config))
    if values_of(args, "--config") and not config["override"]:
        try:
            explicit = parse([*first, *split_option(rest, "--config")[0]])[args[0]]
        except RefusedArguments:  # an option that only makes sense with the config
            explicit = as_before
        _keep_own_callbacks(explicit, rest, before)
        _check_config(folder, _differences(before, _options(explicit)), changes)
    for change in changes:
        _check_fixed_options(folder, change, before)
    for name in KEPT:
        config[name] = as_before[name]
    return Resumed(folder, text, parsed, changes)


def _own_options(path: Path, parse: Callable[[], Namespace]) -> Namespace:
    """Parse a run's config.yaml; an error in it names that file, not the command line."""
    try:
        return parse()
    except RefusedArguments as error:
        fix = "" if "add --trust" in error.message else "; correct or remove it in that file"
        raise InputError(f"{path}: {error.message}{fix}") from error


def _options(config: Namespace) -> dict[str, Any]:
    flat, others = flat_options(config), (*KEPT, "override")
    return {name: value for name, value in flat.items() if name.partition(".")[0] not in others}


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    pairs = [(name, before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])]
    return tuple(Change(name, old, new) for name, old, new in pairs if old != new)


def _keep_own_callbacks(config: Namespace, args: Sequence[str], before: Mapping[str, Any]) -> None:
    """Ignore ``--trainer.callbacks+ X`` for a run whose list already ends with X."""
    if not any(re.match(r"--trainer\.callbacks\+", arg) for arg in args):
        return
    old, new = before.get("trainer.callbacks") or [], flat_options(config)["trainer.callbacks"]
    added = new[len(old) :]
    if new[: len(old)] == old and old[-len(added) :] == added:
        config["trainer.callbacks"] = config["trainer.callbacks"][: len(old)]


def _check_config(folder: Path, explicit: Sequence[Change], changes: Sequence[Change]) -> None:
    asked = {change.option: change.new for change in explicit}
    differing = [each for each in changes if each.option not in asked or asked[each.option] != each.new]
    if differing:
        listed = "; ".join(f"{each.option} is {shown(each.new)}, not {shown(each.old)}" for each in differing)
        keep = "leave out --config (give --name) to keep the run's own options"
        problem = f"--config differs from the options of {folder}: {listed}"
        raise InputError(f"{problem}; {keep}, or add --override to change them")


def _check_fixed_options(folder: Path, change: Change, before: Mapping[str, Any]) -> None:
    group = change.option.partition(".")[0]
    reason = FIXED.get(group if group in {"optimizer", "lr_scheduler"} else change.option)
    if group == "model" and reason is None and not is_stack_model(before.get("model")):
        reason = _OTHER_MODEL
    if group == "model" and reason is None and before.get("optimizer"):
        reason = _OTHER_OPTIMIZER
    if reason is not None:
        problem = f"{change.option} cannot change from {shown(change.old)} to {shown(change.new)}"
        where = f"in the middle of the run in {folder}"
        raise InputError(f"{problem} {where}: {reason}; leave it out, or start a new run")
