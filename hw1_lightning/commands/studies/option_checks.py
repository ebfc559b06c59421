"""Options of `hw1 fit` after a study file: those that apply to every run, and those that are refused."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from hw1_lightning.commands.parser.config_files import load_yaml
from hw1_lightning.errors import InputError
from hw1_lightning.study.identity import SEEDS, dotted
from hw1_lightning.study.jobs import seed_arguments
from hw1_lightning.study.specification import SET_BY_STUDY, Condition, Study

SPLIT_SEED = "data.split_seed"
# A config file may set the rest of SET_BY_STUDY, as a default that the study replaces.
CHECKED_IN_CONFIGS = ("data.seed", "dropout_seed", "ckpt_path", "trainer.fast_dev_run")


def given_options(further: Sequence[str]) -> list[str]:
    """Return the dotted names of the options of `hw1 fit` that apply to all runs, without config files."""
    names = []
    for option, value in option_pairs(further, "study files"):
        if option not in ("--config", "--trust"):
            names += [name for name, _ in dotted({option.lstrip("-"): _plain(value)})]
    for name in names:
        if name in SET_BY_STUDY:
            raise InputError(f"--{name} cannot be set for a study: {SET_BY_STUDY[name]}")
    return names


def check_not_overridden(study: Study, condition: Condition, given: Sequence[str], config: Mapping[str, Any]) -> None:
    """Refuse options that would have no effect on a condition's runs, because the condition sets them itself.

    Args:
        study: the study.
        condition: one of its conditions.
        given: names of the user's options, from ``given_options``.
        config: all options of one of the condition's runs.
    """
    kept = {name for name, _ in dotted(config)}
    if "split" in condition.vary and SPLIT_SEED in (*given, *(name for name, _ in dotted(condition.options))):
        problem = f"{study.path}: {SPLIT_SEED} has no effect on condition '{condition.name}', which varies the split"
        reason = "its runs divide the examples by their own seeds"
        raise InputError(f"{problem}: {reason}; leave it out, or remove split from vary")
    for written, value in condition.options.items():
        for own, _ in dotted({written: value}):
            for name in given:
                # A condition that chooses another class drops the options of the class before.
                dropped = name.startswith(f"{own}.") and name not in kept
                if (name == own and not written.endswith("+")) or dropped:
                    place = f"{study.path}:{study.lines[condition.name, written]}"
                    idle = f"has no effect on condition '{condition.name}', which sets {written} itself"
                    raise InputError(f"{place}: --{name} {idle}; leave it out, or change the study file")


def check_suits_study(study: Study, condition: Condition, config: Mapping[str, Any]) -> None:
    """Refuse a config file that sets what a study sets itself, such as a seed that ``vary`` chooses."""
    own = {argument.removeprefix("--").partition("=")[0] for argument in seed_arguments(condition, 1)}
    for name, value in dotted(config):
        is_given = value is not None and (value or name in SEEDS)  # 0 is a seed
        if name in CHECKED_IN_CONFIGS and name not in own and is_given:
            problem = f"{study.path}: a config file of condition '{condition.name}' sets {name} to {value}"
            reason = f"which cannot be set for a study: {SET_BY_STUDY[name]}"
            raise InputError(f"{problem}, {reason}; remove it from that file")


def option_pairs(further: Sequence[str], files: str) -> Iterator[tuple[str, str | None]]:
    """Yield options with their values, which follow them or an equals sign.

    Args:
        further: what comes after a command's files.
        files: what these are, for error messages.
    """
    rest = list(further)
    while rest:
        option, equals, value = rest.pop(0).partition("=")
        if not option.startswith("--"):
            raise InputError(f"'{option}{equals}{value}' is not an option; {files} come first, then the options")
        yield option, value if equals else (rest.pop(0) if rest and not rest[0].startswith("--") else None)


def _plain(text: str | None) -> Any:
    try:
        return load_yaml(text or "")
    except (yaml.YAMLError, ValueError):  # `hw1 fit` reports it
        return text
