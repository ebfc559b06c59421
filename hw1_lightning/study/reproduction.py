"""What each condition is: all options that set it apart, what its seeds vary, and how to repeat one of its runs."""

import shlex
from typing import Any

from hw1_lightning.study.grouping import KNOWN, Group, options_that_differ, shown
from hw1_lightning.study.results import StudyResults
from hw1_lightning.study.run_folders import GivenRun, read_given
from hw1_lightning.study.run_options import flatten, shared, texts
from hw1_lightning.study.words import DASH, listing

VARIES = {"init": "first weights", "order": "order of examples", "dropout": "dropout"}


def conditions_in_full(results: StudyResults) -> dict[str, Any]:
    """Everything that a page says about what its conditions are.

    Args:
        results: those of a study, or of given runs.

    Returns:
        What the templates call by name: ``option_names`` that set conditions apart, a dictionary for each of
        ``conditions``, and ``shared_options``, texts by name.
    """
    groups, rows = [], []
    for condition in results.study.conditions:
        runs = results.of(condition.name)
        first = read_given(runs[0].folder) if runs else None
        group = Group([first], condition.name) if first is not None and first.options else None
        groups += [group] if group else []
        options = group.options if group else texts(flatten(condition.options))
        row = {"name": condition.name, "slug": condition.slug, "seed": runs[0].seed if runs else None}
        row["varies"] = listing([VARIES.get(what, what) for what in condition.vary])
        rows.append({**row, "options": options, "command": command_of(first) if first else ""})
    given = [name for condition in results.study.conditions for name in texts(flatten(condition.options))]
    names = list(dict.fromkeys([*options_that_differ(groups), *given]))
    for row in rows:
        row["options"] = [shown(row["options"], name) or DASH for name in names]
    alike = shared([group.options for group in groups])
    alike = {name: value for name, value in alike.items() if name not in {*names, *KNOWN}}
    return {"option_names": names, "conditions": rows, "shared_options": alike}


def command_of(run: GivenRun) -> str:
    """The command that repeats a run.

    Args:
        run: of a study, which has recorded its arguments, or by itself.

    Returns:
        A line for a shell: for a run of a study what it was called with, relative to the folder where the study was
        started; for any other its own config.yaml. Empty if there is neither.
    """
    if run.arguments:
        return shlex.join(["hw1", "fit", *run.arguments])
    config = run.folder / "config.yaml"
    return shlex.join(["hw1", "fit", "--config", str(config)]) if config.is_file() else ""
