"""Groups runs that share everything but their seeds, and names the groups."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hw1_lightning.errors import printable
from hw1_lightning.runs.option_effects import is_of_source
from hw1_lightning.study.run_folders import GivenRun
from hw1_lightning.study.run_options import SEEDS, differing, texts
from hw1_lightning.study.specification import DEFAULT_VARY, RANDOMNESS, Condition
from hw1_lightning.study.words import listing

# What a run's numbers depend on besides its options: the data's SHA-256 and versions, from result.json.
KNOWN = ("data", "hw1", "torch")
NAME_LENGTH, VALUE_LENGTH = 48, 16


@dataclass
class Group:
    """Runs that share everything but their seeds.

    Args:
        runs: those with a result first.
        name: unique among the groups.
        seeds: one for each run, by which it is paired with runs of other groups.
    """

    runs: list[GivenRun]
    name: str = ""
    seeds: list[int] = field(default_factory=list)

    @property
    def options(self) -> dict[str, str]:
        """What its runs share: options and, of a run with a result, what ``KNOWN`` names."""
        return determinants(self.runs[0])

    @property
    def vary(self) -> tuple[str, ...]:
        """Which randomness follows the seeds; for a single run the default."""
        columns = zip(*map(seeds_of, self.runs), strict=True)
        kinds = (kind for kind, seeds in zip(RANDOMNESS, columns, strict=True) if len(set(seeds)) > 1)
        return tuple(kinds) or DEFAULT_VARY

    @property
    def numbered(self) -> list[tuple[int, GivenRun]]:
        """Its runs with their seeds, in the order of the seeds."""
        return sorted(zip(self.seeds, self.runs, strict=True), key=lambda pair: pair[0])

    @property
    def finished(self) -> int:
        """How many runs have a result."""
        return sum(run.result is not None for run in self.runs)


def determinants(run: GivenRun) -> dict[str, str]:
    """Return all that a run's numbers depend on, except its seeds."""
    if run.result is None:
        return texts(run.options)
    known = {**run.result["versions"], "data": run.result["data"]["sha256"]}
    return texts(run.options) | {name: known[name] for name in KNOWN if name in known}


def seeds_of(run: GivenRun) -> tuple[Any, ...]:
    """Return the effective seed of each kind in ``RANDOMNESS``; ``None`` for the source's own division into splits."""
    first, order, dropout, split = (run.options.get(name) for name in SEEDS)
    return first, first if order is None else order, first if dropout is None else dropout, split


def group_runs(runs: Sequence[GivenRun]) -> list[Group]:
    """Group runs that share everything but their seeds.

    Data are the same if their SHA-256 is, wherever they came from. A run that repeats another one, including its seeds,
    is no further evidence and starts a group of its own. A run without a result joins the first group with its options.

    Args:
        runs: those whose config.yaml could be read.

    Returns:
        The groups, in the order of their first runs, named and with seeds.
    """
    groups: list[Group] = []
    for run in sorted(runs, key=lambda run: run.result is None):
        home = next((each for each in groups if _belongs(run, each)), None)
        if home is None:
            groups.append(home := Group([]))
        home.runs.append(run)
    order = {run.folder: place for place, run in enumerate(runs)}
    groups.sort(key=lambda each: min(order[run.folder] for run in each.runs))
    _name(groups)
    _number(groups)
    return groups


def _belongs(run: GivenRun, group: Group) -> bool:
    if seeds_of(run) in map(seeds_of, group.runs):
        return False
    ours, theirs = determinants(run), group.options
    if run.result is None:
        return all(theirs.get(name) == value for name, value in ours.items())
    return _without_source(ours) == _without_source(theirs)


def repeats(groups: Sequence[Group]) -> list[str]:
    """Describe the groups that share all options and a seed, one line for each set of them."""
    alike: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for each in groups:
        if each.finished:
            alike.setdefault(tuple(sorted(_without_source(each.options).items())), []).append(each.name)
    text = "A repeat is no further evidence, so each is a condition of its own."
    found = [listing(names) for names in alike.values() if len(names) > 1]
    return [f"Same options and a seed in common: {names}. {text}" for names in found]


def _without_source(options: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in options.items() if not is_of_source(name)}


def options_that_differ(groups: Sequence[Group]) -> list[str]:
    """Return the names of options that differ between groups; sources do not count where the data are the same."""
    options = [each.options for each in groups]
    # What is unknown for a run without a result is not a difference.
    same = {name for name in KNOWN if len({each[name] for each in options if name in each}) < 2}
    names = [name for name in differing(options) if name not in same]
    return names if "data" in names else [name for name in names if not is_of_source(name)]


def shown(options: dict[str, str], name: str) -> str:
    """Return an option's value as a table shows it; empty if it is not set."""
    value = options.get(name, "")
    return value[:12] if name == "data" else value


def _number(groups: Sequence[Group]) -> None:
    """Number runs by the first kind of seed that differs between all runs of their group."""
    for each in groups:
        columns = zip(*map(seeds_of, each.runs), strict=True)
        telling = (list(column) for column in columns if len(set(column)) == len(column))
        each.seeds = next((column for column in telling if all(isinstance(seed, int) for seed in column)), [])
    if not all(each.seeds for each in groups):
        # Where no single seed differs between all runs, number the combinations, and pair equal ones.
        numbers: dict[tuple[Any, ...], int] = {}
        for each in groups:
            each.seeds = [numbers.setdefault(seeds_of(run), len(numbers) + 1) for run in each.runs]


def _name(groups: Sequence[Group]) -> None:
    """Name groups by their conditions or folders and, where those are equal, by the options that differ."""
    names = [_own_name(each.runs[0]) for each in groups]
    for each, own in zip(groups, names, strict=True):
        each.name = own
        if names.count(own) > 1:
            alike = [other for other, name in zip(groups, names, strict=True) if name == own]
            parts = [_part(name, shown(each.options, name)) for name in options_that_differ(alike)]
            text = ", ".join(parts if len(set(names)) == 1 else [own, *parts])
            each.name = text if parts and len(text) <= NAME_LENGTH else printable(each.runs[0].folder.as_posix())
    taken: dict[str, int] = {}
    for each in groups:  # number equal names, and names with equal links
        slug = Condition(each.name, {}).slug.lower()
        taken[slug] = taken.get(slug, 0) + 1
        each.name += f" ({taken[slug]})" if taken[slug] > 1 else ""


def _own_name(run: GivenRun) -> str:
    folder = run.folder.absolute()
    return printable(run.condition or (folder.parent if folder.name.startswith("version_") else folder).name)


def _part(name: str, value: str) -> str:
    """Return an option for a group's name, such as ``dropout 0.5``, or ``no history`` where it is not set."""
    last, short = name.rpartition(".")[2], value[: VALUE_LENGTH - 3] + "..."
    return f"{last} {value if len(value) <= VALUE_LENGTH else short}" if value else f"no {last}"
