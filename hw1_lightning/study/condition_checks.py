"""Collects the conditions of a study file, given one by one or as a grid, and checks their names and options."""

from math import prod
from typing import Any

from hw1_lightning.study.grid import MAX_CONDITIONS, Entry, expand
from hw1_lightning.study.identity import dotted
from hw1_lightning.study.specification import OWN_FILES, SET_BY_STUDY, Condition
from hw1_lightning.study.yaml_lines import Document, Where

CONDITION_KEYS = ("config", "vary")
MAX_SLUG = 255  # bytes of a folder's name on most file systems


def named_conditions(document: Document) -> dict[str, Any]:
    """Return the options of each condition by its name, from ``conditions`` or from a ``grid``.

    Raises:
        InputError: naming the line, if it has both, fewer than two conditions, or an invalid grid.
    """
    given, key = document.value, "grid" if "grid" in document.value else "conditions"
    if key == "grid" and "conditions" in given:
        raise document.error((key,), "a study has either conditions or a grid; remove one of them")
    mapping = document.mapping((key,), given[key])
    named = _combinations(document, mapping) if key == "grid" else mapping
    if len(named) < 2:
        raise document.error((key,), f"the number of conditions is {len(named)}; a comparison requires at least 2")
    return named


def where_is(document: Document, condition: str, *option: str) -> Where:
    """Return where a study file defines a condition, or an option of it."""
    return ("grid", *option) if "grid" in document.value else ("conditions", condition, *option)


def check_condition(document: Document, condition: Condition) -> None:
    """Refuse a condition whose folder cannot be created, or that sets an option that the study sets itself.

    Raises:
        InputError: naming the line.
    """
    name, where, size = condition.name, where_is(document, condition.name), len(condition.slug.encode())
    if condition.slug.lower() in OWN_FILES:
        raise document.error(where, f"condition '{name}' has the name of a file in the study's folder; rename it")
    if size > MAX_SLUG:
        message = f"the folder of condition '{name:.40}...' would have a name of {size} bytes"
        raise document.error(where, f"{message}; the limit is {MAX_SLUG}, so choose a shorter name")
    for written, value in condition.options.items():
        for option, _ in dotted({written: value}):
            if option in SET_BY_STUDY:
                message = f"condition '{name}' cannot set {option}: {SET_BY_STUDY[option]}"
                raise document.error(where_is(document, name, written), message)


def _combinations(document: Document, given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    lists: dict[str, list[Entry]] = {}
    for option, values in given.items():
        where = ("grid", option)
        if option in CONDITION_KEYS:
            raise document.error(where, f"'{option}' is not an option of `hw1 fit`; give it with `conditions`")
        values = document.list_of(where, values)
        texts = [document.written((*where, at), value) for at, value in enumerate(values)]
        for at, text in enumerate(texts):
            if text in texts[:at]:
                raise document.error((*where, at), f"{text} is given twice; every value must be distinct")
        lists[option] = list(zip(texts, values, strict=True))
    count = prod(map(len, lists.values()))
    if count > MAX_CONDITIONS:
        sizes = " x ".join(str(len(values)) for values in lists.values())
        message = f"the grid has {count} combinations ({sizes}), but a study compares at most {MAX_CONDITIONS}"
        raise document.error(("grid",), f"{message}; give fewer values, or make several studies")
    return expand(lists) if lists else {}
