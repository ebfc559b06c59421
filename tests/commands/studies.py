"""Study files and folders of finished runs, for tests."""

from pathlib import Path

import torch

from hw1_lightning.commands.studies.preparation import plan_runs
from hw1_lightning.study.reading import read_study

TINY = "configs/studies/extra/tiny.yaml"
CONFIG = Path("configs/learning_rate.yaml").resolve()


def write_study(path: Path, a: str, b: str, config: Path = CONFIG, seeds: int = 1) -> Path:
    """Write a study of the conditions ``a`` and ``b``, whose options are given as YAML."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"title: t\nconfig: [{config}]\nseeds: {seeds}\nbaseline: a\nconditions:\n  a: {a}\n  b: {b}\n")
    return path


def write_tiny(folder: Path, old: str, new: str) -> Path:
    """Write the study tiny, with one text replaced by another."""
    (folder / "study.yaml").write_text(Path(TINY).read_text().replace("../../", f"{CONFIG.parent}/").replace(old, new))
    return folder / "study.yaml"


def write_finished_tiny(runs_dir: Path) -> None:
    """Write tiny's runs of two seeds, finished but one, which has a checkpoint."""
    folder = runs_dir / "tiny"
    for job in plan_runs(read_study(Path(TINY)), 2, [], folder).jobs:
        job.begin()
        (job.folder / "checkpoints").mkdir()
        torch.save({}, job.folder / "checkpoints" / "last.ckpt")
        (job.folder / "result.json").write_text("{}")
    (folder / "slow" / "seed=02" / "result.json").unlink()
    (folder / "study.yaml").write_text("title: mine\n")
