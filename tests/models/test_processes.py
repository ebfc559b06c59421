"""Two CPU processes: every example is counted once, and all processes agree."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from hw1_lightning.models import QuadraticRegression
from tests.models.regression_data import NoisyQuadratic, sizes, trained

SCRIPT = """
import sys
import lightning.pytorch as pl
import torch
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.models import QuadraticRegression
from tests.models.regression_data import NoisyQuadratic, sizes

source = NoisyQuadratic(n=4101)
model = QuadraticRegression(**sizes(source.load()))
quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False, "enable_model_summary": False}
trainer = pl.Trainer(accelerator="cpu", devices=2, strategy="ddp", max_epochs=1, **quiet)
trainer.fit(model, datamodule=ArrayDataModule(source, batch_size=7))
metrics = {name: value.item() for name, value in trainer.callback_metrics.items()}
result = {"coefficients": model.coefficients.detach(), "count": model.solution.count, "metrics": metrics}
torch.save(result, f"{sys.argv[1]}/{trainer.global_rank}.pt")
"""


def test_two_processes_with_uneven_parts_find_what_one_finds(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1))
    source = NoisyQuadratic(n=4101)
    single = QuadraticRegression(**sizes(source.load()))
    metrics = trained(single, source).callback_metrics
    assert first["count"] == second["count"] == 4101
    assert torch.equal(first["coefficients"], second["coefficients"])
    assert torch.allclose(first["coefficients"], single.coefficients, rtol=1e-12, atol=1e-13)
    for name in ("train/loss", "val/loss", "val/mse", "val/r2"):
        assert first["metrics"][name] == second["metrics"][name], name
        assert first["metrics"][name] == pytest.approx(metrics[name].item(), rel=1e-6), name
