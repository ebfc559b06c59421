"""Damaged and hostile study files, config files and checkpoints."""

import io
import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import torch
import yaml

from benchmarks.fuzz_bytes import mutate
from hw1_lightning.commands.parser.messages import as_input_errors, quiet_libraries
from hw1_lightning.commands.studies.preparation import PreparedFit
from hw1_lightning.models import MLP
from hw1_lightning.runs.loading import load_model

CONFIGS = Path(__file__).parent.parent / "configs"
ODD_VALUES: tuple[Any, ...] = (
    None, True, "", " ", "x", "é\u2028", -1, 0, 1, 10**9, 10**30, 1e-300, float("nan"), float("inf"), [], {}, [[]], [0],
    {"class_path": "os.system"}, {"class_path": "MLP"}, {"a": {"b": 1}}, "os.system", "torch.os.system", "SGD", "../..",
    "!!python/object/apply:os.system ['true']", "*a", "2024-01-01", "https://example.com/x",
)  # fmt: skip
ODD_TEXTS = (
    "!!python/object/apply:os.system ['true']", "&a [*a]", "<<: *a", "- ", ": ", "{", "[" * 2000, "\x00", "\r\n",
    "\ufeff", "? ", "|\n", "%YAML 9\n", "---\n", "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n", "\t", "'",
)  # fmt: skip


def study_file(rng: Random, folder: Path) -> Path:
    """Write one of the shipped studies, damaged, with the configs that it names."""
    for config in CONFIGS.glob("*.yaml"):
        (folder / config.name).write_bytes(config.read_bytes())
    source = rng.choice(sorted((CONFIGS / "studies").glob("*.yaml")))
    (folder / "studies").mkdir()
    path = folder / "studies" / "damaged.yaml"
    path.write_bytes(_damaged(rng, source.read_bytes()))
    return path


def config_file(rng: Random, folder: Path) -> Path:
    """Write one of the shipped configs, damaged."""
    path = folder / "damaged.yaml"
    path.write_bytes(_damaged(rng, rng.choice(sorted(CONFIGS.glob("*.yaml"))).read_bytes()))
    return path


def prepare_fit(path: Path) -> None:
    """Read a config as `hw1 fit` does, until it would create the run's folder."""
    quiet_libraries()
    with as_input_errors():
        PreparedFit(["fit", "--trainer.enable_progress_bar=false", "--config", str(path)])


def checkpoint_file(rng: Random, folder: Path) -> Path:
    """Write a checkpoint with damaged bytes, or an intact file with odd content."""
    path = folder / "damaged.ckpt"
    if rng.random() < 0.5:
        path.write_bytes(mutate(rng, _saved(_checkpoint())))
    else:
        path.write_bytes(_saved(_with_odd_entry(rng, _checkpoint())))
    return path


def read_model(path: Path) -> None:
    """Load the model of a checkpoint."""
    load_model(path)


def _checkpoint() -> dict[str, Any]:
    model = _model()
    return {
        "state_dict": dict(model.state_dict()),
        "hyper_parameters": dict(model.hparams),
        "class_path": "hw1_lightning.models.mlp.MLP",
        "epoch": 3,
    }


@cache
def _model() -> MLP:
    return MLP(input_shape=(4, 4, 1), num_classes=3, hidden_sizes=[5], dropout=0.1)


def _saved(content: object) -> bytes:
    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()


def _damaged(rng: Random, text: bytes) -> bytes:
    kind = rng.randrange(3)
    if kind == 0:
        return mutate(rng, text)
    if kind == 1:
        place, piece = rng.randrange(len(text)), rng.choice(ODD_TEXTS).encode(errors="replace")
        return text[:place] + piece + text[place + rng.choice((0, 0, 1, 20)) :]
    content = _with_odd_entry(rng, yaml.safe_load(text))
    dumped = yaml.safe_dump(content, allow_unicode=True) if rng.random() < 0.7 else json.dumps(content)
    return dumped.replace("\n", rng.choice(("\n", "\r\n"))).encode(errors="replace")


def _with_odd_entry(rng: Random, content: dict[str, Any]) -> dict[str, Any]:
    """Change, rename, remove or add one entry at any depth."""
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [content]
    while waiting:
        inner = waiting.pop()
        keys = list(inner) if isinstance(inner, dict) else range(len(inner))
        places += [(inner, key) for key in keys]
        waiting += [inner[key] for key in keys if isinstance(inner[key], dict | list)]
    inner, key = rng.choice(places)
    kind = rng.randrange(4)
    if kind == 0 and isinstance(inner, dict):
        inner[rng.choice(("x", "", "class_path", "model", "seeds", str(key) + "s"))] = inner.pop(key)
    elif kind == 1:
        inner.pop(key)
    elif kind == 2 and isinstance(inner, dict):
        inner[rng.choice(("x", "__path__", "class_path", "trainer", "claims"))] = rng.choice(ODD_VALUES)
    else:
        inner[key] = rng.choice(ODD_VALUES)
    return content
