"""What other groups published for the experiments of studies, read from a YAML file; an error names the line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hw1_lightning.errors import InputError, nearest
from hw1_lightning.metrics import CURVES, FINALS
from hw1_lightning.shipped import shipped_replications
from hw1_lightning.study.specification import Study
from hw1_lightning.study.yaml_lines import Document, Where

KEYS = ("data", "experiments", "mistakes")
SPLITS = ("train", "val", "test")
MAX_EXAMPLES = 10**9


@dataclass(frozen=True)
class Experiment:
    """What other groups published for one condition of a study.

    Args:
        study, condition: names.
        note: what a reader should know about the numbers; may be empty.
        numbers: for each metric the value of each group.
    """

    study: str
    condition: str
    note: str
    numbers: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Mistake:
    """What a group's program does differently.

    Args:
        group: the group.
        says: the difference.
        conditions: for each study the conditions whose numbers it changes; empty if it changes none.
    """

    group: str
    says: str
    conditions: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Replications:
    """What other groups published.

    Args:
        path: the file.
        sizes: examples of each split of the data that all of them used; empty if unknown.
        experiments: at least one.
        mistakes: may be empty.
        lines: the line of each experiment in the file.
    """

    path: Path
    sizes: Mapping[str, int]
    experiments: tuple[Experiment, ...]
    mistakes: tuple[Mistake, ...]
    lines: tuple[int, ...]

    def of(self, studies: Sequence[Study]) -> list[Experiment]:
        """Return the experiments that are conditions of these studies."""
        names = {(study.name, condition.name) for study in studies for condition in study.conditions}
        return [each for each in self.experiments if (each.study, each.condition) in names]

    def without_study(self, studies: Sequence[Study]) -> list[str]:
        """Return the names of studies in the file that are not among these."""
        given = {study.name for study in studies}
        return [name for name in dict.fromkeys(each.study for each in self.experiments) if name not in given]

    def check_conditions(self, studies: Sequence[Study]) -> None:
        """Refuse a condition that its study does not have, and a file of which nothing matches.

        Raises:
            InputError: naming the file, and the line if there is one.
        """
        by_name = {study.name: [condition.name for condition in study.conditions] for study in studies}
        for each, line in zip(self.experiments, self.lines, strict=True):
            known = by_name.get(each.study)
            if known is not None and each.condition not in known:
                problem = f"{self.path}:{line}: '{each.condition}' is not a condition of the study {each.study}"
                raise InputError(f"{problem}; it has {', '.join(known)}{nearest(each.condition, known)}")
        if not self.of(studies):
            other = ", ".join(self.without_study(studies))
            problem = f"{self.path} has numbers for the studies {other}, but the summary is of {', '.join(by_name)}"
            raise InputError(f"{problem}; `study` must be the name of a study's folder")


def replications_for(studies: Sequence[Study], path: Path | None) -> Replications:
    """Read what others published for some studies.

    Args:
        studies: those of a summary.
        path: a file, whose conditions must exist in those studies that it names; ``None`` takes the shipped file, as
            far as it matches.
    """
    published = read_replications(path or shipped_replications())
    if path:
        published.check_conditions(studies)
    return published


def read_replications(path: Path) -> Replications:
    """Read a file of replications; see configs/studies/replications.yaml for an example.

    Raises:
        InputError: naming the file, the line and the mistake.
    """
    return _Reader(path).replications()


class _Reader(Document):
    def replications(self) -> Replications:
        given = self.value
        self.check_keys((), given, KEYS, ("experiments",))
        entries = self.list_of(("experiments",), given["experiments"])
        experiments = tuple(self._experiment(("experiments", at), entry) for at, entry in enumerate(entries))
        seen: set[tuple[str, str]] = set()
        for at, each in enumerate(experiments):
            if (each.study, each.condition) in seen:
                problem = f"'{each.condition}' of the study {each.study} is given twice"
                raise self.error(("experiments", at), f"{problem}; every experiment must be distinct")
            seen.add((each.study, each.condition))
        mistakes = self.list_of(("mistakes",), given.get("mistakes", []), empty=True)
        read = tuple(self._mistake(("mistakes", at), entry, experiments) for at, entry in enumerate(mistakes))
        lines = tuple(self.line(("experiments", at, "condition")) for at in range(len(entries)))
        return Replications(self.path, self._sizes(given.get("data")), experiments, read, lines)

    def _sizes(self, value: Any) -> dict[str, int]:
        if value is None:
            return {}
        sizes = self.mapping(("data",), value)
        self.check_keys(("data",), sizes, SPLITS, SPLITS)
        return {split: self.count(("data", split), sizes[split], MAX_EXAMPLES) for split in SPLITS}

    def _experiment(self, where: Where, entry: Any) -> Experiment:
        given = self.mapping(where, entry)
        metrics = (*CURVES, *FINALS, "seconds")
        self.check_keys(where, given, ("study", "condition", "note", *metrics), ("study", "condition"))
        study, condition = (self.text((*where, key), given[key]) for key in ("study", "condition"))
        note = self.text((*where, "note"), given["note"]) if "note" in given else ""
        found = [metric for metric in metrics if metric in given]
        if not found:
            raise self.error(where, "an experiment requires the numbers of a metric, such as test/accuracy: {A: 0.6}")
        return Experiment(study, condition, note, {metric: self._numbers((*where, metric), given) for metric in found})

    def _numbers(self, where: Where, given: dict[str, Any]) -> dict[str, float]:
        metric = where[-1]
        numbers = {}
        for group, value in self.mapping(where, given[str(metric)]).items():
            number = self.number((*where, group), value)
            if str(metric).endswith("/accuracy") and not 0 <= number <= 1:
                raise self.error((*where, group), f"{metric} of {group} is {number:g}; it must be between 0 and 1")
            numbers[group] = number
        return numbers

    def _mistake(self, where: Where, entry: Any, experiments: Iterable[Experiment]) -> Mistake:
        given = self.mapping(where, entry)
        self.check_keys(where, given, ("group", "says", "conditions"), ("group", "says"))
        group, says = (self.text((*where, key), given[key]) for key in ("group", "says"))
        known: dict[str, list[str]] = {}
        for each in experiments:
            known.setdefault(each.study, []).append(each.condition)
        named = self.mapping((*where, "conditions"), given.get("conditions", {}))
        conditions = {}
        for study, names in named.items():
            place = (*where, "conditions", study)
            self.check_one_of(place, study, known, "a study in `experiments`")
            conditions[study] = self.names(place, names, known[study], f"a condition of {study} in `experiments`")
        return Mistake(group, says, conditions)
