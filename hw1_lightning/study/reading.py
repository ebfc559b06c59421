"""Reads a study file into a ``Study``; an error names the line of the mistake."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hw1_lightning.metrics import CURVES, FINALS
from hw1_lightning.shipped import shipped
from hw1_lightning.statistics.intervals import MAX_SEEDS
from hw1_lightning.study.condition_checks import CONDITION_KEYS, check_condition, named_conditions, where_is
from hw1_lightning.study.quantities import CHANGES, TAKES
from hw1_lightning.study.specification import DEFAULT_VARY, RANDOMNESS, Check, Claim, Condition, Study
from hw1_lightning.study.yaml_lines import Document, Where

KEYS = ("title", "config", "seeds", "metrics", "margin", "baseline", "conditions", "grid", "reference", "claims")
CHECK_KEYS = ("metric", "of", "take", "last", "higher_than", "lower_than", "above", "below")


def read_study(path: Path, name: str | None = None) -> Study:
    """Read a study file; see configs/studies for examples.

    Args:
        path: the file.
        name: the study's name; ``None`` takes the file's name.

    Returns:
        The study, with known names and valid numbers only.

    Raises:
        InputError: naming the file, the line and the mistake.
    """
    return _Reader(Document(path)).study(name or path.stem)


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document

    def study(self, name: str) -> Study:
        given = self.document.value
        required = ("title",) if "grid" in given else ("title", "baseline", "conditions")
        self.document.check_keys((), given, KEYS, required=required)
        reference = self.document.mapping(("reference",), given.get("reference") or {})
        conditions = self._conditions(named_conditions(self.document), reference)
        names = [condition.name for condition in conditions]
        baseline = given.get("baseline", names[0])  # a grid's first combination, if none is given
        self.document.check_one_of(("baseline",), baseline, names, "a condition")
        metrics = self._metrics(given.get("metrics", ["val/accuracy", "val/loss"]))
        claims = self._claims(self.document.list_of(("claims",), given.get("claims", []), empty=True), names)
        return Study(
            name=name,
            path=self.document.path,
            title=self.document.text(("title",), given["title"]),
            configs=self._files(("config",), given.get("config", [])),
            seeds=self.document.count(("seeds",), given.get("seeds", 10), MAX_SEEDS),
            metrics=metrics,
            baseline=baseline,
            conditions=conditions,
            claims=claims,
            margin=self._margin(given.get("margin")),
            lines=self._lines(conditions, claims),
        )

    def _lines(self, conditions: Iterable[Condition], claims: Iterable[Claim]) -> dict[tuple[str, str], int]:
        """Return the lines of options and claims, as ``Study.lines`` describes them."""
        lines = {("claims", claim.id): self.document.line(("claims", at)) for at, claim in enumerate(claims)}
        for condition in conditions:
            for option in condition.options:
                lines[condition.name, option] = self.document.line(where_is(self.document, condition.name, option))
            lines["vary", condition.name] = self.document.line(where_is(self.document, condition.name, "vary"))
        return lines

    def _conditions(self, given: dict[str, Any], reference: dict[str, Any]) -> tuple[Condition, ...]:
        for name in reference:
            self.document.check_one_of(("reference", name), name, list(given), "a condition")
        conditions = [self._condition(name, options, reference.get(name) or {}) for name, options in given.items()]
        by_slug: dict[str, str] = {}
        for condition in conditions:
            # Some file systems ignore the case of names.
            other = by_slug.setdefault(condition.slug.lower(), condition.name)
            if other != condition.name:
                message = f"conditions '{other}' and '{condition.name}' would share the folder {condition.slug}"
                raise self.document.error(where_is(self.document, condition.name), f"{message}; rename one")
            check_condition(self.document, condition)
        return tuple(conditions)

    def _condition(self, name: str, options: Any, reference: Any) -> Condition:
        where = ("conditions", name)
        options = self.document.mapping(where, {} if options is None else options)
        numbers = self.document.mapping(("reference", name), reference)
        vary = self.document.list_of((*where, "vary"), options.get("vary", list(DEFAULT_VARY)))
        for index, what in enumerate(vary):
            self.document.check_one_of((*where, "vary", index), what, RANDOMNESS, "a kind of randomness")
        for metric, value in numbers.items():
            self.document.check_one_of(("reference", name, metric), metric, (*CURVES, *FINALS, "seconds"), "a metric")
            self.document.number(("reference", name, metric), value)
        return Condition(
            name=self.document.text(where, name),
            options={key: value for key, value in options.items() if key not in CONDITION_KEYS},
            configs=self._files((*where, "config"), options.get("config", [])),
            vary=tuple(what for what in RANDOMNESS if what in vary),
            reference={metric: float(value) for metric, value in numbers.items()},
        )

    def _claims(self, given: list[Any], conditions: list[str]) -> tuple[Claim, ...]:
        claims = []
        for index, entry in enumerate(given):
            where = ("claims", index)
            claim = self.document.mapping(where, entry)
            self.document.check_keys(
                where, claim, ("id", "says", "required", "checks"), required=("id", "says", "checks")
            )
            if not isinstance(claim.get("required", False), bool):
                raise self.document.not_a((*where, "required"), claim["required"], "true or false")
            checks = self.document.list_of((*where, "checks"), claim["checks"])
            read = [self._check((*where, "checks", at), check, conditions) for at, check in enumerate(checks)]
            name, says = (self.document.text((*where, key), claim[key]) for key in ("id", "says"))
            claims.append(Claim(name, says, tuple(read), claim.get("required", False)))
            if claims[-1].id in {claim.id for claim in claims[:-1]}:
                raise self.document.error(
                    (*where, "id"), f"the claim '{claims[-1].id}' is given twice; every id must be distinct"
                )
        return tuple(claims)

    def _check(self, where: Where, entry: Any, conditions: list[str]) -> Check:
        given = self.document.mapping(where, entry)
        self.document.check_keys(where, given, CHECK_KEYS, required=("metric", "of"))
        against = [key for key in CHECK_KEYS[4:] if key in given]
        if len(against) != 1:
            raise self.document.error(where, f"a check requires exactly one of {', '.join(CHECK_KEYS[4:])}")
        take = given.get("take", "final")
        self.document.check_one_of((*where, "take"), take, tuple(TAKES), "a way to reduce a curve")
        metrics = (*CURVES, *FINALS) if take == "final" else CURVES
        self.document.check_one_of((*where, "metric"), given["metric"], metrics, f"a metric with a {take} value")
        self.document.check_one_of((*where, "of"), given["of"], conditions, "a condition")
        others = [name for name in conditions if name != given["of"]]
        than = self._others((*where, against[0]), given[against[0]], others) if against[0].endswith("than") else ()
        last = given.get("last")
        if last == 1 and take in CHANGES:
            raise self.document.error((*where, "last"), f"last is 1; the {take} of a curve requires at least 2 epochs")
        return Check(
            metric=given["metric"],
            of=given["of"],
            take=take,
            last=None if last is None else self.document.count((*where, "last"), last, 10**6),
            than=than,
            bound=None if than else self.document.number((*where, against[0]), given[against[0]]),
            higher=against[0] in ("higher_than", "above"),
        )

    def _others(self, where: Where, value: Any, others: list[str]) -> tuple[str, ...]:
        given = self.document.list_of(where, value)
        for index, other in enumerate(given):
            self.document.check_one_of((*where, index), other, others, "a condition to compare with")
        return tuple(given)

    def _metrics(self, value: Any) -> tuple[str, ...]:
        metrics = self.document.list_of(("metrics",), value)
        for index, metric in enumerate(metrics):
            allowed = (*CURVES, "seconds_per_epoch")
            self.document.check_one_of(("metrics", index), metric, allowed, "a metric to compare by")
        return tuple(metrics)

    def _margin(self, value: Any) -> float | None:
        if value is None:
            return None
        margin = self.document.number(("margin",), value)
        if margin > 0:
            return margin
        raise self.document.error(("margin",), f"margin is {margin}; it must be greater than 0")

    def _files(self, where: Where, value: Any) -> tuple[Path, ...]:
        paths = []
        for entry in value if isinstance(value, list) else [value]:
            path = self.document.path.parent / self.document.text(where, entry)
            found = _normalized(path) if path.is_file() else shipped(entry)
            if found is None:
                raise self.document.error(where, f"config file {path} does not exist")
            paths.append(found)
        return tuple(paths)


def _normalized(path: Path) -> Path:
    """Return a path without ``studies/..``; unchanged where a link makes that another file."""
    plain = Path(os.path.normpath(path))
    return plain if plain.exists() and plain.samefile(path) else path
