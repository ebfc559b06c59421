"""Reads a report's file into a ``Report``; an error names the line of the mistake."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hw1_lightning.diagnosis.curves import read_curves
from hw1_lightning.diagnosis.given import PERCENT, Given, are_percentages, as_numbers, epoch_problem, read_given
from hw1_lightning.diagnosis.reported import CURVES, METRICS, SET_BY_DIAGNOSIS, Experiment, Report
from hw1_lightning.errors import InputError, file_errors, nearest
from hw1_lightning.shipped import STUDIES, name_of_config, shipped, shipped_configs
from hw1_lightning.study.identity import dotted
from hw1_lightning.study.yaml_lines import Document, Where

SEED, MAX_SEED = 42, 2**32 - 1
KEYS = ("title", "seed", "experiments")
EXPERIMENT_KEYS = ("config", "options", "reported", "curves")
EPOCHS = "trainer.max_epochs"


def read_report(path: Path) -> Report:
    """Read what a report says; docs/diagnosis.md describes the file.

    Args:
        path: the file.

    Returns:
        The report, with accuracies as fractions; its options are not checked.

    Raises:
        InputError: naming the file, the line and the mistake.
    """
    return _Reader(path).report()


@dataclass(frozen=True)
class _Entry:
    """An experiment whose numbers may be percentages."""

    name: str
    configs: tuple[str, ...]
    options: Mapping[str, Any]
    given: tuple[Given, ...]


class _Reader(Document):
    examples = "docs/diagnosis.md for an example"

    def report(self) -> Report:
        given = self.value
        self.check_keys((), given, KEYS, ("experiments",))
        title = self._text_as_written(("title",)) if "title" in given else self.path.stem
        seed = given.get("seed", SEED)
        if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed <= MAX_SEED:
            raise self.error(("seed",), f"seed is {seed!r:.80}; it must be a whole number from 0 to {MAX_SEED}")
        where: Where = ("experiments",)
        named = self.mapping(where, given["experiments"])
        if not named:
            raise self.error(where, "there are no experiments; each has a name, a config and reported numbers")
        entries = [self._entry((*where, name), name, entry) for name, entry in named.items()]
        percent = are_percentages([each for entry in entries for each in entry.given])
        experiments = [
            Experiment(each.name, each.configs, each.options, as_numbers(each.given, percent)) for each in entries
        ]
        return Report(self.path, title, seed, tuple(experiments), (PERCENT,) if percent else ())

    def _text_as_written(self, where: Where) -> str:
        """Return a text; one such as 2.1 is a number in YAML, but not here."""
        value = self.value[str(where[0])]
        is_scalar = isinstance(value, int | float) and not isinstance(value, bool)
        return self.text(where, self.written(where, value) if is_scalar else value).strip()

    def _entry(self, where: Where, name: str, entry: Any) -> _Entry:
        given = self.mapping(where, entry)
        self.check_keys(where, given, EXPERIMENT_KEYS, ("config",))
        paths = self._configs((*where, "config"), given["config"])
        options = self._options((*where, "options"), given.get("options", {}))
        epochs = _epochs(paths, options)
        found = list(self._reported((*where, "reported"), given.get("reported", {}), epochs))
        if "curves" in given:
            file = self.text((*where, "curves"), given["curves"])
            found += self._curves((*where, "curves"), self.path.parent / file, epochs)
        if not found:
            raise self.error(where, f"'{name}' has no numbers; give some as `reported`, or a CSV file as `curves`")
        _check_given_once(found)
        return _Entry(self.text(where, name), tuple(map(name_of_config, paths)), options, tuple(found))

    def _options(self, where: Where, value: Any) -> dict[str, Any]:
        options = self.mapping(where, value)
        for name, _ in dotted(options):
            if reason := {"config": "give `config` next to `options`", **SET_BY_DIAGNOSIS}.get(name):
                raise self.error(where, f"{name} cannot be an option of an experiment: {reason}")
        return options

    def _configs(self, where: Where, value: Any) -> list[Path]:
        entries = self.list_of(where, value) if isinstance(value, list) else [value]
        return [self._config(where, self.text(where, entry)) for entry in entries]

    def _config(self, where: Where, entry: str) -> Path:
        path = self.path.parent / entry
        with file_errors(f"{self.path}:{self.line(where)}: config {entry:.80} cannot be read"):
            if path.is_file():
                return path
        if found := shipped(entry):
            return found
        names = [name for name in shipped_configs() if not name.startswith(STUDIES)]
        known = f"there is no file {path}, and none of the shipped configs has that name{nearest(entry, names)}"
        raise self.error(where, f"unknown config '{entry}': {known}; `hw1 configs` lists them")

    def _reported(self, where: Where, value: Any, epochs: int | None) -> Iterator[Given]:
        for metric, numbers in self.mapping(where, value).items():
            self.check_one_of((*where, metric), metric, METRICS, "a metric")
            yield from self._numbers((*where, metric), metric, numbers, epochs)

    def _numbers(self, where: Where, metric: str, value: Any, epochs: int | None) -> Iterator[Given]:
        if not isinstance(value, dict | list):
            yield self._number(where, metric, value, None)
            return
        if metric not in CURVES:
            problem = f"{metric} is given by epoch, but hw1 evaluates the test split after the last one only"
            raise self.error(where, f"{problem}; give one number")
        by_epoch = value.items() if isinstance(value, dict) else ((str(at + 1), each) for at, each in enumerate(value))
        for at, (epoch, number) in enumerate(by_epoch):
            place = (*where, epoch if isinstance(value, dict) else at)
            if problem := epoch_problem(epoch, epochs):
                raise self.error(place, f"{metric}: {problem}")
            yield self._number(place, metric, number, int(epoch))

    def _number(self, where: Where, metric: str, value: Any, epoch: int | None) -> Given:
        if isinstance(value, dict | list):
            raise self.error(where, f"{metric} is {value!r:.80}; it must be one number, or a mapping or list by epoch")
        return read_given(f"{self.path}:{self.line(where)}", metric, self.written(where, value), epoch)

    def _curves(self, where: Where, path: Path, epochs: int | None) -> list[Given]:
        if not path.is_file():
            raise self.error(where, f"curves is {path}, which is not a file; its path is relative to this file")
        return read_curves(path, epochs)


def _epochs(configs: list[Path], options: Mapping[str, Any]) -> int | None:
    """Return the last epoch of an experiment, as far as it is known; later configs take precedence, then options."""
    trainers = [Document(path).value.get("trainer") for path in configs]
    found = [trainer.get("max_epochs") for trainer in trainers if isinstance(trainer, dict)]
    given = [epochs for epochs in (*found, dict(dotted(options)).get(EPOCHS)) if epochs is not None]
    return given[-1] if given and isinstance(given[-1], int) and given[-1] > 0 else None


def _check_given_once(found: list[Given]) -> None:
    first: dict[tuple[str, int | None], Given] = {}
    for each in found:
        other = first.setdefault((each.metric, each.epoch), each)
        if other is not each:
            when = "" if each.epoch is None else f" of epoch {each.epoch}"
            raise InputError(f"{each.place}: {each.metric}{when} is given twice, first in {other.place}")
