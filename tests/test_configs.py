"""Every shipped config runs for real, shortly, on the digits and on photographs."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Fit

CONFIGS = sorted(Path("configs").glob("*.yaml"))


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
@pytest.mark.parametrize("source", ["digits", "landscapes"])
def test_config_runs(fit: Fit, config: Path, source: str, npz: Path) -> None:
    overlay = ["--config", f"configs/data/{source}.yaml"]
    overlay += ["--data.source.path", str(npz)] if source == "landscapes" else []
    result = fit("--config", str(config), *overlay, "--trainer.max_epochs=2")
    assert result["status"] == "finished"
    assert result["epochs"] == 2
    assert result["data"]["source"].lower() == source
    assert 0 <= result["test"]["test/accuracy"] <= 1


@pytest.mark.parametrize("config", sorted(Path("configs").rglob("*.yaml")), ids=str)
def test_config_is_short(config: Path) -> None:
    assert len(config.read_text().splitlines()) < 20


# The hyperparameters of the course report, by config: model arguments, batch size, epochs.
REPORT: dict[str, tuple[dict[str, Any], int, int]] = {
    "logistic_regression": ({"learning_rate": 0.001, "weight_decay": 0.01}, 32, 100),
    "learning_rate": ({"learning_rate": 0.001, "weight_decay": 0.01}, 32, 100),
    "mlp": ({"hidden_sizes": [200, 200], "dropout": 0.3, "learning_rate": 0.002}, 64, 200),
    "batch_size": ({"hidden_sizes": [200, 200], "dropout": 0.3, "learning_rate": 0.002}, 512, 200),
    "dropout": ({"hidden_sizes": [200, 200], "dropout": 0.25, "learning_rate": 0.002}, 64, 200),
    "momentum": (
        {"hidden_sizes": [200, 200], "dropout": 0.3, "learning_rate": 0.002, "momentum": 0.9},
        1024,
        200,
    ),
}


@pytest.mark.parametrize("name", REPORT)
def test_hyperparameters_are_the_reports(name: str) -> None:
    config = yaml.safe_load(Path(f"configs/{name}.yaml").read_text())
    model, batch_size, epochs = REPORT[name]
    assert config["model"]["init_args"] == model
    assert config["data"]["batch_size"] == batch_size
    assert config["trainer"]["max_epochs"] == epochs
