"""The identity of a run: a hash of all that its numbers depend on, and a record to show what differs."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from hw1_lightning.runs.option_effects import PLACE

# Options that a study sets for each run, so that `vary` and `--seeds` are true.
SEEDS = ("seed_everything", "data.seed", "dropout_seed")
ABSENT = "(absent)"


def identity_of(config: Mapping[str, Any], data_sha256: str, version: str) -> str:
    """Hash all that a run's numbers depend on.

    Args:
        config: all options of `hw1 fit`.
        data_sha256: the hash of the data, which replaces their source.
        version: of this package.

    Returns:
        SHA-256 in hexadecimal.
    """
    without = {name: value for name, value in config.items() if name not in PLACE}
    without["data"] = {name: value for name, value in without.get("data", {}).items() if name != "source"}
    text = json.dumps([without, data_sha256, version], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def record_of(config: Mapping[str, Any], vary: tuple[str, ...], data_sha256: str, version: str) -> dict[str, Any]:
    """Return all that a run's numbers depend on except its seeds, readable and as JSON stores it.

    Args:
        config: all options of `hw1 fit`.
        vary: which randomness follows the seed.
        data_sha256: the hash of the data.
        version: of this package.

    Returns:
        Options by their dotted names, ``vary``, ``data`` and ``hw1``, the version.
    """
    options = {name: value for name, value in dotted(config) if name not in (*PLACE, *SEEDS)}
    kept = {name: value for name, value in options.items() if not f"{name}.".startswith("data.source.")}
    plain = json.loads(json.dumps({**kept, "vary": list(vary)}, default=str))
    return {"options": plain, "data": data_sha256, "hw1": version}


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Describe how two records differ.

    Args:
        old: one from ``record_of``.
        new: another one.

    Returns:
        Texts such as ``model.dropout 0.25 -> 0.5``, in the order of the new record's options.

    Example:
        >>> old = {"options": {"model.dropout": 0.25}, "data": "0123456789ab", "hw1": "0.1.0"}
        >>> differences(old, {**old, "options": {"model.dropout": None}, "data": "ba9876543210"})
        ['model.dropout 0.25 -> null', 'data (SHA-256) 01234567 -> ba987654']
    """
    before, after = old["options"], new["options"]
    names = [name for name in dict.fromkeys([*after, *before]) if before.get(name, ABSENT) != after.get(name, ABSENT)]
    changed = [f"{name} {_shown(before, name)} -> {_shown(after, name)}" for name in names]
    if old["data"] != new["data"]:
        changed.append(f"data (SHA-256) {old['data'][:8]} -> {new['data'][:8]}")
    return [*changed, f"hw1 {old['hw1']} -> {new['hw1']}"] if old["hw1"] != new["hw1"] else changed


def dotted(options: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Flatten nested options to the dotted names that the command line accepts.

    Args:
        options: by name; a value may be a mapping of further ones.
        before: a prefix of each name.

    Yields:
        Name and value, without ``class_path`` and ``init_args``.

    Example:
        >>> list(dotted({"model": {"class_path": "MLP", "init_args": {"dropout": 0.5}}}))
        [('model', 'MLP'), ('model.dropout', 0.5)]
    """
    for name, value in options.items():
        whole = canonical(f"{before}{name}")
        if isinstance(value, Mapping):
            yield from dotted(value, f"{whole}.")
        else:
            yield whole, value


def canonical(name: str) -> str:
    """Return an option's dotted name without the parts that the command line allows to leave out.

    Example:
        >>> canonical("model.init_args.dropout"), canonical("trainer.callbacks+")
        ('model.dropout', 'trainer.callbacks')
    """
    return ".".join(part for part in name.removesuffix("+").split(".") if part not in ("class_path", "init_args"))


def _shown(options: Mapping[str, Any], name: str) -> str:
    if name not in options:
        return ABSENT
    text = options[name] if isinstance(options[name], str) else json.dumps(options[name])
    return text if len(text) <= 60 else f"{text[:57]}..."
