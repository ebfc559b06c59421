"""runs.json: the runs that a study consists of, each with the identity that is also in its run.json."""

import json
from collections.abc import Mapping
from pathlib import Path

from hw1_lightning.files import replacing
from hw1_lightning.study.jobs import folder_of, read_mapping
from hw1_lightning.study.specification import Study

FILE = "runs.json"


def write_planned(folder: Path, planned: Mapping[tuple[str, int], str]) -> None:
    """Write runs.json atomically; `hw1 study run` does so before the first run starts.

    Args:
        folder: the study's folder.
        planned: the identity of each run by condition and seed.

    Raises:
        InputError: if it cannot be written.
    """
    by_condition: dict[str, dict[str, str]] = {}
    for (condition, seed), identity in planned.items():
        by_condition.setdefault(condition, {})[str(seed)] = identity
    with replacing(folder / FILE, "; choose --runs_dir") as temporary:
        temporary.write_text(json.dumps(by_condition, indent=2) + "\n", encoding="utf-8")


def read_planned(folder: Path) -> dict[tuple[str, int], str] | None:
    """Read runs.json from the study's folder.

    Returns:
        The identity of each run by condition and seed; ``None`` if the file is damaged or, as in folders of older
        versions of hw1, missing.
    """
    found = read_mapping(folder / FILE)
    if found is None or not all(isinstance(seeds, dict) for seeds in found.values()):
        return None
    try:
        return {(name, int(seed)): str(identity) for name, seeds in found.items() for seed, identity in seeds.items()}
    except ValueError:
        return None


def why_stale(run_folder: Path, identity: str | None) -> str | None:
    """Explain why the run in a folder is not part of the study.

    Args:
        run_folder: the run's folder.
        identity: that of the study's run in this folder.

    Returns:
        The reason; ``None`` if the run is part of the study.
    """
    known = (read_mapping(run_folder / "run.json") or {}).get("identity")
    if known is None:
        return "run.json is missing or damaged"
    return None if known == identity else "made with other options, other data or another version of hw1"


def unplanned_runs(study: Study, folder: Path) -> list[tuple[str, int, str]]:
    """Find finished runs in a study's folder whose condition or seed the study does not have.

    Returns:
        Condition, or its folder's name, seed, and what the study does not have.
    """
    places = {folder_of(folder, one, seed) for one, seed in study.each_run()}
    names = {condition.slug: condition.name for condition in study.conditions}
    found = []
    for place in sorted(folder.glob("*/seed=*")):
        number = place.name.removeprefix("seed=")
        if place not in places and number.isdecimal() and (place / "result.json").is_file():
            slug, seeds = place.parent.name, f"{study.seeds} seed{'s' * (study.seeds > 1)}"
            why = f"the study has {seeds if slug in names else 'no such condition'}"
            found.append((names.get(slug, slug), int(number), why))
    return found
