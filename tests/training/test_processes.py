"""Two CPU processes count each example once, and find what one process finds."""

import json
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


def run_python(*arguments: str) -> str:
    """Run Python in a process of its own, and return what it printed."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_two_processes_with_uneven_parts_find_what_one_finds(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    run_python(str(tmp_path / "script.py"), str(tmp_path))
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


DESCENT = """
import sys
import lightning.pytorch as pl
import torch
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.models import MLP
from tests.training.test_training import Blobs

torch.manual_seed(0)
model = MLP(
    input_shape=(4,), num_classes=3, hidden_sizes=[7], learning_rate=0.1, momentum=0.9, init=sys.argv[3]
)
quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False, "enable_model_summary": False}
options = {"devices": 2, "strategy": "ddp"} if sys.argv[2] == "2" else {"devices": 1}
trainer = pl.Trainer(accelerator="cpu", max_epochs=3, precision="64-true", **options, **quiet)
trainer.fit(model, datamodule=ArrayDataModule(Blobs(), batch_size=7, steps_per_execution=3, seed=1, order=sys.argv[4]))
metrics = {name: value.item() for name, value in trainer.callback_metrics.items()}
torch.save({"weights": model.state_dict(), "metrics": metrics}, f"{sys.argv[1]}/{sys.argv[2]}-{trainer.global_rank}.pt")
"""


@pytest.mark.slow
@pytest.mark.parametrize(("init", "order"), [("default", "torch"), ("numpy", "numpy")])
def test_two_processes_share_each_minibatch_and_learn_what_one_learns(init: str, order: str, tmp_path: Path) -> None:
    # 50 examples in minibatches of 7: shares of 4 and 3, and a last minibatch of one example that both take.
    (tmp_path / "script.py").write_text(DESCENT)
    for processes in ("1", "2"):
        run_python(str(tmp_path / "script.py"), str(tmp_path), processes, init, order)
    single, *both = (torch.load(tmp_path / f"{name}.pt", weights_only=True) for name in ("1-0", "2-0", "2-1"))
    for shared in both:
        for name, value in single["weights"].items():
            assert torch.allclose(shared["weights"][name], value, rtol=1e-9, atol=1e-12), name
        assert shared["metrics"] == pytest.approx(single["metrics"], rel=1e-6)


@pytest.mark.slow
def test_two_processes_of_the_command_make_one_run(tmp_path: Path) -> None:
    options = ["--config=configs/mlp.yaml", "--model.dropout=0", "--trainer.max_epochs=3", "--trainer.accelerator=cpu"]
    for name, several in (("one", []), ("two", ["--trainer.devices=2", "--trainer.strategy=ddp"])):
        where = [f"--runs_dir={tmp_path}", f"--name={name}"]
        assert run_python("-m", "hw1_lightning", "fit", *options, *several, *where).count("test/accuracy") == 1
        assert [path.name for path in (tmp_path / name).iterdir()] == ["version_0"]
    one, two = (json.loads((tmp_path / name / "version_0" / "result.json").read_text()) for name in ("one", "two"))
    assert two["final"] == pytest.approx(one["final"], rel=1e-4)
    assert two["test"] == pytest.approx(one["test"], abs=0.006)  # an example or two may tip over by rounding
    assert two["steps"] == one["steps"]
    checkpoint = tmp_path / "two" / "version_0" / "checkpoints" / "last.ckpt"
    given = ["--trainer.accelerator=cpu", *several, f"--ckpt_path={checkpoint}"]
    output = f"--output={tmp_path / 'predictions.csv'}"
    assert run_python("-m", "hw1_lightning", "predict", *given, output).count("(360 rows)") == 1
    assert len((tmp_path / "predictions.csv").read_text().splitlines()) == 361
