"""Run folders as `hw1 fit` leaves them, written without training."""

import json
from pathlib import Path
from typing import Any

from tests.study.conftest import write_run

CONFIG = """
seed_everything: {seed}
model:
  class_path: hw1_lightning.models.MLP
  init_args: {{learning_rate: {rate}, dropout: {dropout}}}
data:
  source: {{class_path: hw1_lightning.data.sources.Digits}}
  batch_size: 32
  seed: null
trainer: {{max_epochs: 4, logger: false}}
name: null
"""


def given(folder: Path, accuracy: float = 0.5, seed: int = 1, rate: float = 0.1, **further: Any) -> Path:
    """Write a run's folder; ``further`` may hold ``status``, ``dropout``, ``more`` of config.yaml and ``result``."""
    write_run(folder, accuracy, seed, further.get("status", "finished"))
    (folder / "run.json").unlink()
    text = CONFIG.format(seed=seed, rate=rate, dropout=further.get("dropout", 0.25))
    (folder / "config.yaml").write_text(text + further.get("more", ""))
    change_result(folder, **further.get("result", {}))
    return folder


def change_result(folder: Path, **entries: Any) -> None:
    """Replace entries of result.json."""
    path = folder / "result.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))
