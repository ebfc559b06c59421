"""The runs of a study as runs of `hw1 fit`, checked before the first one starts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from hw1_lightning import __version__
from hw1_lightning.commands.fitting.training_cli import TrainingCLI
from hw1_lightning.commands.parser.messages import as_input_errors, quiet_libraries
from hw1_lightning.commands.parser.options import logged_metrics
from hw1_lightning.commands.studies.option_checks import check_not_overridden, check_suits_study, given_options
from hw1_lightning.commands.studies.seed_checks import check_seeds_matter
from hw1_lightning.data.arrays import ArrayData
from hw1_lightning.data.shared import move_to_shared_memory, offer, source_key
from hw1_lightning.errors import InputError
from hw1_lightning.metrics import CURVES
from hw1_lightning.models.base import StackModule
from hw1_lightning.study.identity import identity_of, record_of
from hw1_lightning.study.jobs import Job, arguments_of, folder_of, seed_arguments
from hw1_lightning.study.specification import Condition, Study

Options = dict[str, Any]


class PreparedFit(TrainingCLI):
    """`hw1 fit` up to its checks: options are parsed, model and data are made, no folder is."""

    def fit(self, **_: Any) -> None:
        """Check that training can start."""
        self.check_can_train()


@dataclass(frozen=True)
class Plan:
    """The runs of a study, and the data they share.

    Args:
        jobs: ordered by seed, so that an interrupted study has compared all conditions for some seeds.
        loaded: data by ``source_key`` their source.
        epochs: the limit of epochs of each condition.
    """

    jobs: tuple[Job, ...]
    loaded: dict[str, ArrayData]
    epochs: dict[str, int]


def plan_runs(study: Study, seeds: int, further: Sequence[str], folder: Path) -> Plan:
    """Check every condition as `hw1 fit` would, with the options in ``further``, and load the data.

    The runs have the seeds 1 to ``seeds``. An error names the line of the study file.
    """
    quiet_libraries()
    given = given_options(further)
    loaded: dict[str, ArrayData] = {}
    epochs, of_condition = {}, {}
    for condition in study.conditions:
        prepared = _prepare(study, condition, further, folder_of(folder, condition, 1))
        if move_to_shared_memory(prepared.datamodule.stored):
            loaded[source_key(prepared.datamodule.source)] = prepared.datamodule.stored
            offer(loaded)
        config = prepared.config["fit"].as_dict()
        check_seeds_matter(study, condition, seeds, prepared)
        check_not_overridden(study, condition, given, config)
        check_suits_study(study, condition, config)
        if isinstance(prepared.model, StackModule):  # others may log anything
            check_metrics_logged(study, condition.name, logged_metrics(prepared.model, config.get))
        epochs[condition.name] = prepared.trainer.max_epochs or 0
        record = record_of(config, condition.vary, prepared.datamodule.arrays.sha256, __version__)
        of_condition[condition.name] = config, record
    jobs = tuple(_jobs(study, seeds, further, folder, of_condition))
    _check_conditions_differ(study, jobs[: len(study.conditions)])
    return Plan(jobs, loaded, epochs)


def _jobs(
    study: Study, seeds: int, further: Sequence[str], folder: Path, checked: Mapping[str, tuple[Options, Options]]
) -> Iterator[Job]:
    """Yield the runs of all seeds, with the options and the record of each condition."""
    for seed, condition in product(range(1, seeds + 1), study.conditions):
        config, record = checked[condition.name]
        own = seed_arguments(condition, seed)
        arguments = (*arguments_of(study, condition, further), *own)
        identity = identity_of({**config, "seeds": own}, record["data"], __version__)
        yield Job(condition.name, seed, folder_of(folder, condition, seed), arguments, identity, record)


def _check_conditions_differ(study: Study, jobs: Sequence[Job]) -> None:
    first: dict[str, str] = {}
    for job in jobs:
        other = first.setdefault(job.identity, job.condition)
        if other != job.condition:
            problem = f"{study.path}: '{other}' and '{job.condition}' are the same runs"
            raise InputError(f"{problem}; change or remove one of them")


def check_metrics_logged(study: Study, condition: str, logged: set[str]) -> None:
    """Refuse a metric or a claim about a metric that a condition's runs do not log."""
    there = f"is not logged by '{condition}'; it logs {', '.join(sorted(logged))}"
    for metric in study.metrics:
        if metric in CURVES and metric not in logged:
            raise InputError(f"{study.path}: metric {metric} {there}")
    for claim in study.claims:
        for check in claim.checks:
            if condition in (check.of, *check.than) and check.metric in CURVES and check.metric not in logged:
                line = study.lines["claims", claim.id]
                raise InputError(f"{study.path}:{line}: the claim '{claim.id}' is about {check.metric}, which {there}")


def _prepare(study: Study, condition: Condition, further: Sequence[str], folder: Path) -> PreparedFit:
    arguments = [*arguments_of(study, condition, further), *seed_arguments(condition, 1)]
    try:
        with as_input_errors():
            return PreparedFit(["fit", "--trainer.enable_progress_bar=false", *arguments], folder)
    except InputError as error:
        own = {name: line for (of, name), line in study.lines.items() if of == condition.name}
        line = next((line for name, line in own.items() if name.rpartition(".")[2] in str(error)), None)
        place = f"{study.path}:{line}" if line else f"{study.path}"
        raise InputError(f"{place}: condition '{condition.name}': {error}") from error
