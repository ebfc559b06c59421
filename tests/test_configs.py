"""Every shipped config runs for two epochs, on the digits and on photographs."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Fit

CONFIGS = sorted(Path("configs").glob("*.yaml"))
REGRESSION = [config for config in CONFIGS if "Diabetes" in config.read_text()]


@pytest.mark.parametrize("config", [c for c in CONFIGS if c not in REGRESSION], ids=lambda path: path.stem)
@pytest.mark.parametrize("source", ["digits", "landscapes"])
def test_config_runs(fit: Fit, config: Path, source: str, npz: Path) -> None:
    overlay = ["--config", f"configs/data/{source}.yaml"]
    overlay += ["--data.source.path", str(npz)] if source == "landscapes" else []
    result = fit("--config", str(config), *overlay, "--trainer.max_epochs=2")
    assert result["status"] == "finished"
    assert result["epochs"] == 2
    assert result["data"]["source"].lower() == source
    assert 0 <= result["test"]["test/accuracy"] <= 1


@pytest.mark.filterwarnings("ignore:the 66 quadratic features of 310 examples have rank 65 only")
@pytest.mark.parametrize("config", REGRESSION, ids=lambda path: path.stem)
@pytest.mark.parametrize("options", [[], ["--data.source=Teacher", "--data.source.n_inputs=4"]], ids=["own", "teacher"])
def test_regression_config_runs(fit: Fit, config: Path, options: list[str]) -> None:
    result = fit("--config", str(config), *options, "--trainer.max_epochs=2")
    assert result["status"] == "finished"
    assert result["epochs"] == 2
    assert result["data"]["source"] == ("Teacher" if options else "Diabetes")
    assert result["test"]["test/loss"] == pytest.approx(result["test"]["test/mse"], rel=1e-5)
    assert result["test"]["test/r2"] < 1


def test_both_regression_configs_ship() -> None:
    assert [config.stem for config in REGRESSION] == ["quadratic", "quadratic_exact"]


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
