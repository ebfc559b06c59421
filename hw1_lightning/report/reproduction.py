"""The conditions in full: options that differ, what the seeds vary, and commands that repeat a run."""

import shlex
from dataclasses import dataclass
from typing import Any

from hw1_lightning.runs.option_effects import HISTORY
from hw1_lightning.study.grouping import KNOWN, Group, options_that_differ, shown
from hw1_lightning.study.results import StudyResults
from hw1_lightning.study.run_folders import GivenRun, read_given
from hw1_lightning.study.run_options import flatten, shared, texts
from hw1_lightning.study.words import DASH, listing

VARIES = {"init": "initial weights", "order": "order of examples", "split": "division into training and validation"}


@dataclass(frozen=True)
class Described:
    """A condition on a page.

    Args:
        name: its name.
        options: the text of each option that is shown; a dash if it is not set.
        varies: what its seeds vary.
        seed: the seed of the run that ``command`` repeats; ``None`` without a run.
        command: a shell command; empty without a run.
    """

    name: str
    options: list[str]
    varies: str
    seed: int | None
    command: str


def conditions_in_full(results: StudyResults) -> dict[str, Any]:
    """Describe the conditions of a study or of given runs.

    Returns:
        Values for the templates by name: ``option_names`` of options that differ, ``conditions`` as ``Described``, and
        ``shared_options``, texts by name.
    """
    study = results.study
    firsts = {one.name: next(iter(results.of(one.name)), None) for one in study.conditions}
    given = {name: read_given(run.folder) for name, run in firsts.items() if run is not None}
    groups = {name: Group([run], name) for name, run in given.items() if run.options}
    asked = {one.name: texts(flatten(one.options)) for one in study.conditions}
    named = [name for each in asked.values() for name in each]
    names = dict.fromkeys([*options_that_differ([*groups.values()]), *named])
    alike = shared([each.options for each in groups.values()])
    if len(groups) == len(study.conditions) > 1:  # a study file may set an option alike in all conditions
        names = dict.fromkeys(name for name in names if name not in alike)
    described = []
    for one in study.conditions:
        options = groups[one.name].options if one.name in groups else asked[one.name]
        values = [shown(options, name) or DASH for name in names]
        varies = listing([VARIES.get(what, what) for what in one.vary])
        first, command = firsts[one.name], command_of(given[one.name]) if one.name in given else ""
        described.append(Described(one.name, values, varies, first.seed if first else None, command))
    alike = {name: value for name, value in alike.items() if name not in {*names, *KNOWN}}
    return {"option_names": list(names), "conditions": described, "shared_options": alike}


def command_of(run: GivenRun) -> str:
    """Return the shell command that repeats a run.

    A run of a study is repeated with its recorded arguments, relative to the folder where the study was started; any
    other run with its config.yaml. The command is empty if both are missing, or if options were changed when the run
    was resumed, which no single run repeats.
    """
    if HISTORY in texts(run.options):
        return ""
    if run.arguments:
        return shlex.join(["hw1", "fit", *run.arguments])
    config = run.folder / "config.yaml"
    return shlex.join(["hw1", "fit", "--config", str(config)]) if config.is_file() else ""
