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
CLAIM_KEYS = ("id", "question", "says", "required", "checks")
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
    return _Reader(path).study(name or path.stem)


class _Reader(Document):
    def study(self, name: str) -> Study:
        given = self.value
        self.check_keys((), given, KEYS, ("title",) if "grid" in given else ("title", "baseline", "conditions"))
        reference = self.mapping(("reference",), given.get("reference") or {})
        conditions = self._conditions(named_conditions(self), reference)
        names = [condition.name for condition in conditions]
        baseline = given.get("baseline", names[0])  # a grid's first combination, if none is given
        self.check_one_of(("baseline",), baseline, names, "a condition")
        metrics, allowed = given.get("metrics", ["val/accuracy", "val/loss"]), (*CURVES, "seconds_per_epoch")
        metrics = self.names(("metrics",), metrics, allowed, "a metric to compare by")
        claims = self._claims(self.list_of(("claims",), given.get("claims", []), empty=True), names)
        title = self.text(("title",), given["title"])
        configs = self._files(("config",), given.get("config", []))
        seeds = self.count(("seeds",), given.get("seeds", 10), MAX_SEEDS)
        margin = None if given.get("margin") is None else self.number(("margin",), given["margin"])
        if margin is not None and margin <= 0:
            raise self.error(("margin",), f"margin is {margin}; it must be greater than 0")
        lines = self._lines_of(conditions, claims)
        return Study(
            name=name,
            path=self.path,
            title=title,
            configs=configs,
            seeds=seeds,
            metrics=metrics,
            baseline=baseline,
            conditions=conditions,
            claims=claims,
            margin=margin,
            lines=lines,
        )

    def _lines_of(self, conditions: Iterable[Condition], claims: Iterable[Claim]) -> dict[tuple[str, str], int]:
        """Return the lines of options and claims, as ``Study.lines`` describes them."""
        lines = {("claims", claim.id): self.line(("claims", at)) for at, claim in enumerate(claims)}
        for name, options in ((condition.name, condition.options) for condition in conditions):
            lines |= {(name, option): self.line(where_is(self, name, option)) for option in options}
            lines["vary", name] = self.line(where_is(self, name, "vary"))
        return lines

    def _conditions(self, given: dict[str, Any], reference: dict[str, Any]) -> tuple[Condition, ...]:
        for name in reference:
            self.check_one_of(("reference", name), name, list(given), "a condition")
        conditions = [self._condition(name, options, reference.get(name) or {}) for name, options in given.items()]
        by_slug: dict[str, str] = {}
        for condition in conditions:
            # Some file systems ignore the case of names.
            other = by_slug.setdefault(condition.slug.lower(), condition.name)
            if other != condition.name:
                message = f"conditions '{other}' and '{condition.name}' would share the folder {condition.slug}"
                raise self.error(where_is(self, condition.name), f"{message}; rename one")
            check_condition(self, condition)
        return tuple(conditions)

    def _condition(self, name: str, options: Any, reference: Any) -> Condition:
        where = ("conditions", name)
        options = self.mapping(where, {} if options is None else options)
        numbers = self.mapping(("reference", name), reference)
        varied = options.get("vary", list(DEFAULT_VARY))
        vary = self.names((*where, "vary"), varied, RANDOMNESS, "a kind of randomness")
        for metric, value in numbers.items():
            self.check_one_of(("reference", name, metric), metric, (*CURVES, *FINALS, "seconds"), "a metric")
            self.number(("reference", name, metric), value)
        name = self.text(where, name)
        configs = self._files((*where, "config"), options.get("config", []))
        own = {key: value for key, value in options.items() if key not in CONDITION_KEYS}
        ordered = tuple(what for what in RANDOMNESS if what in vary)
        return Condition(name, own, configs, ordered, {metric: float(value) for metric, value in numbers.items()})

    def _claims(self, given: list[Any], conditions: list[str]) -> tuple[Claim, ...]:
        claims: list[Claim] = []
        for index, entry in enumerate(given):
            where = ("claims", index)
            claim = self.mapping(where, entry)
            self.check_keys(where, claim, CLAIM_KEYS, ("id", "says", "checks"))
            required = claim.get("required", False)
            if not isinstance(required, bool):
                raise self.not_a((*where, "required"), required, "true or false")
            checks = self.list_of((*where, "checks"), claim["checks"])
            read = [self._check((*where, "checks", at), check, conditions) for at, check in enumerate(checks)]
            name, says = (self.text((*where, key), claim[key]) for key in ("id", "says"))
            if name in {other.id for other in claims}:
                raise self.error((*where, "id"), f"the claim '{name}' is given twice; every id must be distinct")
            question = self._question((*where, "question"), claim["question"]) if "question" in claim else ""
            claims.append(Claim(name, says, tuple(read), required, question))
        return tuple(claims)

    def _question(self, where: Where, value: Any) -> str:
        """Return a question's number as the file writes it: 2.1 is a number in YAML, and 1.2b a text."""
        if isinstance(value, bool) or not isinstance(value, str | int | float) or not str(value).strip():
            raise self.not_a(where, value, "the number of a question, such as 2.1 or 1.2b")
        return self.written(where, value).strip()

    def _check(self, where: Where, entry: Any, conditions: list[str]) -> Check:
        given = self.mapping(where, entry)
        self.check_keys(where, given, CHECK_KEYS, required=("metric", "of"))
        against = [key for key in CHECK_KEYS[4:] if key in given]
        if len(against) != 1:
            raise self.error(where, f"a check requires exactly one of {', '.join(CHECK_KEYS[4:])}")
        metric, of, take, last = given["metric"], given["of"], given.get("take", "final"), given.get("last")
        self.check_one_of((*where, "take"), take, tuple(TAKES), "a way to reduce a curve")
        metrics = (*CURVES, *FINALS) if take == "final" else CURVES
        self.check_one_of((*where, "metric"), metric, metrics, f"a metric with a {take} value")
        self.check_one_of((*where, "of"), of, conditions, "a condition")
        others = [name for name in conditions if name != of]
        place, value, compares = (*where, against[0]), given[against[0]], against[0].endswith("than")
        than = self.names(place, value, others, "a condition to compare with") if compares else ()
        if last == 1 and take in CHANGES:
            raise self.error((*where, "last"), f"last is 1; the {take} of a curve requires at least 2 epochs")
        last = None if last is None else self.count((*where, "last"), last, 10**6)
        bound = None if than else self.number(place, value)
        return Check(metric, of, take, last, than, bound, higher=against[0] in ("higher_than", "above"))

    def _files(self, where: Where, value: Any) -> tuple[Path, ...]:
        paths = []
        for entry in value if isinstance(value, list) else [value]:
            path = self.path.parent / self.text(where, entry)
            found = _normalized(path) if path.is_file() else shipped(entry)
            if found is None:
                raise self.error(where, f"config file {path} does not exist")
            paths.append(found)
        return tuple(paths)


def _normalized(path: Path) -> Path:
    """Return a path without ``studies/..``; unchanged where a link makes that another file."""
    plain = Path(os.path.normpath(path))
    return plain if plain.exists() and plain.samefile(path) else path
