"""Classes that configs, options and checkpoints name are imported only from trusted packages."""

import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from lightning.pytorch.core.optimizer import LightningOptimizer

from hw1_lightning.cli import main
from hw1_lightning.errors import InputError
from hw1_lightning.imports import concrete_subclasses
from hw1_lightning.models import MLP
from hw1_lightning.runs.loading import load_model
from tests.conftest import Fit, Refused

SHORT = ("--config=configs/mlp.yaml", "--trainer.max_epochs=1", "--model.hidden_sizes=[4]")


class Stranger:
    """A module on the path that records that it was executed."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.mark = name, folder / "executed"
        code = f"open({str(self.mark)!r}, 'w').close()\nfrom hw1_lightning.models import MLP\nclass Own(MLP): pass\n"
        (folder / f"{name}.py").write_text(code)

    @property
    def executed(self) -> bool:
        return self.mark.exists()


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Stranger:
    """Return a module of a new name for each test, since trust lasts until the process ends."""
    folder = tmp_path / "code"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return Stranger(f"stranger_{abs(hash(request.node.name))}", folder)


CONFIGS: dict[str, Callable[[str], Any]] = {
    "model": lambda path: {"model": {"class_path": path}},
    "model by name": lambda path: {"model": path},
    "callback": lambda path: {"model": "MLP", "trainer": {"callbacks": [{"class_path": path}]}},
    "logger": lambda path: {"model": "MLP", "trainer": {"logger": {"class_path": path}}},
    "strategy": lambda path: {"model": "MLP", "trainer": {"strategy": {"class_path": path}}},
    "source": lambda path: {"model": "MLP", "data": {"source": {"class_path": path}}},
}


@pytest.mark.parametrize("kind", CONFIGS)
@pytest.mark.parametrize("way", ["module", "os.system", "torch.os.system"])
def test_a_config_imports_nothing_from_elsewhere(
    kind: str, way: str, stranger: Stranger, tmp_path: Path, refused: Refused
) -> None:
    path = f"{stranger.name}.Own" if way == "module" else way
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(CONFIGS[kind](path)))
    error = refused("fit", f"--config={config}", f"--runs_dir={tmp_path}")
    assert "which is not imported: it is outside hw1_lightning, lightning, torch" in error
    if way == "module":
        assert f"--trust {stranger.name}" in error
    assert not stranger.executed
    assert stranger.name not in sys.modules


def test_a_class_in_an_option_of_any_type_is_not_created(stranger: Stranger, tmp_path: Path, refused: Refused) -> None:
    option = f'--model.optimizer_options={{"class_path": "{stranger.name}.Own"}}'
    assert "has no option class_path" in refused("fit", *SHORT, option, f"--runs_dir={tmp_path}")
    assert not stranger.executed


def test_trust_is_for_the_command_line_alone(stranger: Stranger, fit: Fit, tmp_path: Path, refused: Refused) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"trust: {stranger.name}\nmodel: {stranger.name}.Own\n")
    refused("fit", f"--config={config}")
    assert not stranger.executed
    run = fit("--trust", stranger.name, f"--model={stranger.name}.Own", "--trainer.max_epochs=1")
    assert stranger.executed
    assert "trust:" not in (run["folder"] / "config.yaml").read_text()


@pytest.mark.parametrize("name", ["a b", "", "jsonargparse", "x;y"])
def test_trust_requires_the_name_of_a_package(name: str, refused: Refused) -> None:
    assert "must be the name of a Python package" in refused("fit", f"--trust={name}", *SHORT)


class _Bomb:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


@pytest.fixture
def checkpoint(fit: Fit) -> Path:
    """Train a model and return its checkpoint, alone in a folder."""
    path: Path = fit(*SHORT)["folder"] / "checkpoints" / "last.ckpt"
    return path.rename(path.parents[4] / "alone.ckpt")


@pytest.mark.parametrize("command", ["test", "validate", "predict", "fit"])
def test_a_checkpoint_with_a_pickled_call_is_refused(
    command: str, checkpoint: Path, tmp_path: Path, refused: Refused
) -> None:
    content = torch.load(checkpoint, weights_only=True)
    torch.save({**content, "extra": _Bomb(tmp_path / "executed")}, checkpoint)
    error = refused(command, *SHORT, f"--ckpt_path={checkpoint}", f"--runs_dir={tmp_path / 'new'}")
    assert "not a checkpoint that can be read safely" in error
    assert not (tmp_path / "executed").exists()
    checkpoint.write_bytes(pickle.dumps(_Bomb(tmp_path / "executed")))
    refused(command, *SHORT, f"--ckpt_path={checkpoint}", f"--runs_dir={tmp_path / 'new'}")
    assert not (tmp_path / "executed").exists()
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("command", ["test", "predict"])
def test_the_class_path_of_a_checkpoint_is_not_followed(
    command: str, checkpoint: Path, stranger: Stranger, tmp_path: Path, refused: Refused
) -> None:
    content = torch.load(checkpoint, weights_only=True)
    content["class_path"] = f"{stranger.name}.Own"
    torch.save(content, checkpoint)
    assert "which is not imported" in refused(command, f"--ckpt_path={checkpoint}")
    with pytest.raises(InputError, match="which is neither a model of hw1 nor an imported subclass of one"):
        load_model(checkpoint)
    assert not stranger.executed


@pytest.mark.parametrize("command", ["test", "fit"])
def test_lightnings_instantiator_is_not_followed(
    command: str, checkpoint: Path, stranger: Stranger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = torch.load(checkpoint, weights_only=True)
    instantiator = {"_instantiator": f"{stranger.name}.Own", "_class_path": f"{stranger.name}.Own"}
    content["hyper_parameters"] |= instantiator
    content["datamodule_hyper_parameters"] = instantiator
    torch.save(content, checkpoint)
    monkeypatch.chdir(tmp_path)
    config = Path(__file__).parents[1] / "configs" / "mlp.yaml"
    given = [command, f"--config={config}", "--trainer.max_epochs=2", SHORT[2], f"--ckpt_path={checkpoint}"]
    assert main(given) == 0
    assert not stranger.executed


@pytest.mark.parametrize("value", [torch.zeros(2), {"a": [torch.zeros(1)]}, {1: 2}, torch.float32])
def test_hyperparameters_are_plain_values(value: object, checkpoint: Path) -> None:
    content = torch.load(checkpoint, weights_only=True)
    content["hyper_parameters"]["dropout"] = value
    torch.save(content, checkpoint)
    with pytest.raises(InputError, match="hyperparameter dropout is not a plain value"):
        load_model(checkpoint)


def test_a_remote_checkpoint_is_not_fetched(refused: Refused) -> None:
    for command in ("fit", "test", "predict"):
        error = refused(command, *SHORT, "--ckpt_path=https://example.com/best.ckpt")
        assert "is not a local file; download it" in error


def test_a_model_is_loaded_from_its_checkpoint_alone(checkpoint: Path) -> None:
    model = load_model(checkpoint)
    assert isinstance(model, MLP)
    assert not model.training
    stored = torch.load(checkpoint, weights_only=True)["state_dict"]
    assert all(torch.equal(value, stored[name]) for name, value in model.state_dict().items())
    assert model.class_names == tuple("0123456789")


def test_sizes_that_differ_from_the_weights_are_refused_before_memory_is_used(checkpoint: Path) -> None:
    content = torch.load(checkpoint, weights_only=True)
    content["hyper_parameters"]["hidden_sizes"] = [10**9, 10**9]
    torch.save(content, checkpoint)
    with pytest.raises(InputError, match=r"does not fit the hw1_lightning.models.mlp.MLP"):
        load_model(checkpoint)


def test_classes_that_cannot_be_imported_by_name_are_not_choices() -> None:
    made = LightningOptimizer(torch.optim.SGD([torch.zeros(1, requires_grad=True)]))
    assert type(made).__name__ == "LightningSGD"
    choices = concrete_subclasses(torch.optim.Optimizer)
    assert choices["SGD"] is torch.optim.SGD
    assert all(getattr(torch.optim, name) is kind for name, kind in choices.items())
