"""The history of a run: which options were changed when it was resumed, and from which step on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hw1_lightning.commands.parser.option_values import is_stack_model, shown
from hw1_lightning.errors import InputError
from hw1_lightning.runs.option_effects import AFTER_TRAINING, MAX_EPOCHS, is_harmless

DATA = "data SHA-256"


@dataclass(frozen=True)
class Change:
    """One option that was changed when a run was resumed.

    Args:
        option: its name on the command line.
        old: its value before.
        new: its value from then on.
        epoch: the first epoch with the new value, from 1; 0 if not known yet.
        step: the first optimiser step with the new value, from 1.
        within_epoch: whether the epoch began with the old value.
    """

    option: str
    old: Any
    new: Any
    epoch: int = 0
    step: int = 0
    within_epoch: bool = False

    def __str__(self) -> str:
        """Return a phrase such as "model.learning_rate 0.1 -> 0.002 from epoch 71 on"."""
        old, new = (f"{value[:12]}..." if self.option == DATA else shown(value) for value in (self.old, self.new))
        change = f"{self.option} {old} -> {new}"
        if self.option in AFTER_TRAINING:
            return change
        start = f"step {self.step} (in epoch {self.epoch})" if self.within_epoch else f"epoch {self.epoch}"
        return f"{change} from {start} on"


def read_history(entries: Iterable[Mapping[str, Any]]) -> list[Change]:
    """Return the history in a config.yaml, which may have been edited."""
    try:
        return [Change(**entry) for entry in entries]
    except TypeError as error:
        raise InputError(f"history in the config is not as hw1 writes it: {error}") from error


def extend_history(history: Sequence[Change], changes: Iterable[Change], start: Change) -> list[Change]:
    """Return a history with further changes; ``start`` is any change with the place where training resumes.

    A change that was never used, because the resumed run ended before its first step was saved, is dropped: the option
    then changes from the value that was last in use.
    """
    unused = [change for change in history if change.step >= start.step]
    latest: dict[str, Change] = {}
    for change in [*unused, *changes]:
        old = latest[change.option].old if change.option in latest else change.old
        latest[change.option] = replace(start, option=change.option, old=old, new=change.new)
    used = [change for change in history if change.step < start.step]
    return [*used, *(change for change in latest.values() if change.old != change.new)]


def check_history(history: Iterable[Change], options: Mapping[str, Any]) -> None:
    """Refuse to repeat a run from its config.yaml if one run from the start cannot repeat it."""
    # A callback, or the user's own model, may depend on max_epochs.
    own = bool(options.get("trainer.callbacks")) or not is_stack_model(options.get("model"))
    changes = [each for each in history if not is_harmless(each.option) or (own and each.option == MAX_EPOCHS)]
    if changes:
        first = next((each for each in changes if each.within_epoch), changes[0])
        until = f"--trainer.max_steps {first.step - 1}" if first.within_epoch else f"--{MAX_EPOCHS} {first.epoch - 1}"
        raise InputError(
            f"this config is of a run whose options were changed when it was resumed ({'; '.join(map(str, changes))}), "
            f"which one run from the start cannot repeat; to come closest, train with the old options and {until}, "
            "then resume with the new ones; or add --override to use the last options from the start"
        )
