"""The experiments of a report as runs of `hw1 fit`, checked before the first one starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hw1_lightning import __version__
from hw1_lightning.commands.diagnosing.mistaken_run import MistakenJob
from hw1_lightning.commands.parser.messages import as_input_errors, quiet_libraries
from hw1_lightning.commands.parser.option_values import flat_options
from hw1_lightning.commands.studies.preparation import PreparedFit
from hw1_lightning.data.arrays import ArrayData
from hw1_lightning.data.shared import move_to_shared_memory, offer, source_key
from hw1_lightning.diagnosis.catalogue.entry import Change, Options
from hw1_lightning.diagnosis.outcome import Limit
from hw1_lightning.diagnosis.reported import Experiment, Report
from hw1_lightning.errors import InputError
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.study.identity import identity_of
from hw1_lightning.study.run_options import text_of

# What a run does in addition to training, which changes no number.
QUIET = ("--templates_every_n_epochs=0", "--excess_loss=false", "--test_after_fit=true")


@dataclass(frozen=True)
class Prepared:
    """An experiment of a report, and how it is run.

    Args:
        experiment: as reported.
        arguments: of `hw1 fit`, without a seed.
        options: all options by their dotted names, with the short name of the model and the scale of the inputs.
        config: the same, as `hw1 fit` reads them.
        data: the data set.
        source: name of the data set.
        cache: the folder of the outcomes.
    """

    experiment: Experiment
    arguments: tuple[str, ...]
    options: Options
    config: dict[str, Any]
    data: ArrayData
    source: str
    cache: Path

    def job(
        self, seed: int, change: Change | None = None, limits: Sequence[Limit] = (), order: int | None = None
    ) -> MistakenJob:
        """Return a run of this experiment.

        Args:
            seed: of all random numbers.
            order: another seed for the order of the examples.
            change: what a mistake changes.
            limits: numbers by which the run is excluded.
        """
        change = change or Change("")
        own = tuple(f"--{name}={text_of(value)}" for name, value in change.options.items())
        seeds = [f"--seed_everything={seed}", *([] if order is None else [f"--data.seed={order}"])]
        what = {**self.config, "changed": [*own, *seeds, repr(change.wrappers)]}
        identity = identity_of(what, self.data.sha256, __version__)
        arguments = (*self.arguments, *own, *seeds)
        folder = self.cache / identity[:20]
        return MistakenJob(self.experiment.name, seed, folder, arguments, identity, {}, change.wrappers, tuple(limits))


def prepare(report: Report, further: Sequence[str], cache: Path) -> tuple[list[Prepared], dict[str, ArrayData]]:
    """Check every experiment as `hw1 fit` would, and load the data.

    Args:
        report: as read.
        further: options of `hw1 fit` for all runs.
        cache: the folder of the outcomes.

    Returns:
        The experiments, and the data by ``source_key`` their source.

    Raises:
        InputError: naming the experiment.
    """
    quiet_libraries()
    found, loaded = [], dict[str, ArrayData]()
    for experiment in report.experiments:
        arguments = _arguments(experiment, further)
        fit = _checked(report, experiment, arguments, cache)
        if not isinstance(fit.model, Classifier):
            kind = type(fit.model).__name__
            raise InputError(f"{report.path}: experiment '{experiment.name}': {kind} is not a classifier")
        data = fit.datamodule.stored
        if move_to_shared_memory(data):
            loaded[source_key(fit.datamodule.source)] = data
            offer(loaded)
        options = flat_options(fit.config["fit"])
        own = {"model": type(fit.model).__name__, "model.input_scale": fit.model.input_scale}
        own |= {f"model.{name}": getattr(fit.model.optimization, name) for name in ("momentum", "weight_decay")}
        config = {name: value for name, value in fit.config["fit"].as_dict().items() if name != "seed_everything"}
        source = type(fit.datamodule.source).__name__
        found.append(Prepared(experiment, arguments, {**options, **own}, config, fit.datamodule.arrays, source, cache))
    return found, loaded


def _arguments(experiment: Experiment, further: Sequence[str]) -> tuple[str, ...]:
    configs = [f"--config={config}" for config in experiment.configs]
    own = [f"--{name}={text_of(value)}" for name, value in experiment.options.items()]
    measures = any(number.metric == "train/accuracy" for number in experiment.numbers)
    return (*configs, *further, *own, *QUIET, f"--train_accuracy={str(measures).lower()}")


def _checked(report: Report, experiment: Experiment, arguments: Sequence[str], cache: Path) -> PreparedFit:
    try:
        with as_input_errors():
            return PreparedFit(["fit", "--trainer.enable_progress_bar=false", *arguments, "--seed_everything=0"], cache)
    except InputError as error:
        raise InputError(f"{report.path}: experiment '{experiment.name}': {error}") from error
