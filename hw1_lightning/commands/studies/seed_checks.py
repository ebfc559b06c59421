"""A check that a condition's numbers depend on the seed."""

from lightning.pytorch import seed_everything
from lightning.pytorch.utilities.seed import isolate_rng
from torch import nn

from hw1_lightning.commands.fitting.training_cli import TrainingCLI
from hw1_lightning.data.generated import GeneratedExamples
from hw1_lightning.errors import InputError
from hw1_lightning.models.base import StackModule
from hw1_lightning.study.specification import Condition, Study
from hw1_lightning.training.lightning_internals import callbacks_of, overfit_batches_of

# The code of Lightning and hw1 draws only the random numbers that `vary` names; other code may draw more.
KNOWN = ("hw1_lightning.", "lightning.")


def check_seeds_matter(study: Study, condition: Condition, seeds: int, prepared: TrainingCLI) -> None:
    """Refuse a condition whose runs would all have the same numbers, because nothing depends on the seed."""
    parts = [prepared.model, *callbacks_of(prepared.trainer)]
    if seeds == 1 or not all(type(part).__module__.startswith(KNOWN) for part in parts):
        return
    reasons = {what: _why_no_effect(what, prepared) for what in condition.vary}
    if None in reasons.values():
        return
    listed = ", ".join(f"{what} ({reason})" for what, reason in reasons.items())
    line = study.lines.get(("vary", condition.name))
    place = f"{study.path}:{line}" if line else f"{study.path}"
    problem = f"{place}: condition '{condition.name}' would give the same numbers with all {seeds} seeds"
    reason = f"it does not depend on {listed}"
    raise InputError(f"{problem}: {reason}; vary something else, such as [split], or use one seed")


def _why_no_effect(what: str, prepared: TrainingCLI) -> str | None:
    """Return why the numbers do not depend on a kind of randomness; ``None`` if they do."""
    if what == "init":
        return None if _has_random_weights(prepared.model) else "its initial weights are not random"
    if what == "dropout":
        return None if _has_dropout(prepared.model) else "it has no dropout"
    return _why_without_order(prepared) if what == "order" else None


def _has_random_weights(model: nn.Module) -> bool:
    """Return whether two seeds give different initial weights."""
    if not isinstance(model, StackModule):
        return True
    weights = []
    with isolate_rng():
        for seed in (1, 2):
            seed_everything(seed, verbose=False)
            weights.append(type(model)(**model.hparams).state_dict())
    return any(not value.equal(weights[1][name]) for name, value in weights[0].items())


def _has_dropout(model: nn.Module) -> bool:
    return any(isinstance(module, nn.Dropout) and 0 < module.p < 1 for module in model.modules())


def _why_without_order(prepared: TrainingCLI) -> str | None:
    data, trainer = prepared.datamodule, prepared.trainer
    if not getattr(prepared.model, "order_matters", True):
        return "it does not depend on the order of examples"
    if isinstance(data.arrays.train, GeneratedExamples) or overfit_batches_of(trainer) > 0:
        return "its examples keep their order"
    if data.batch_size >= len(data.arrays.train) and not _has_dropout(prepared.model):
        return f"each step takes the whole training split, {len(data.arrays.train)} examples"
    return None
