"""A run's folder from another person brings a model and data only: it writes no file and runs no code."""

import inspect
import json
import shutil
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from hw1_lightning.cli import main
from hw1_lightning.commands.parser.arguments import with_checkpoint_options
from hw1_lightning.data.sources import Source
from hw1_lightning.imports import concrete_subclasses
from hw1_lightning.models.base import StackModule
from tests.conftest import Capture, Fit, Refused

SHORT = ("--config=configs/mlp.yaml", "--trainer.max_epochs=1", "--model.hidden_sizes=[4]", "--name=run")

Received = Callable[..., Path]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one epoch."""
    runs = tmp_path_factory.mktemp("runs")
    main(["fit", *SHORT, f"--runs_dir={runs}"])
    return runs / "run" / "version_0"


@pytest.fixture
def received(original: Path, tmp_path: Path) -> Received:
    """The run's folder as a gift, with options written into its config.yaml; returns its best.ckpt."""

    def change(**options: Any) -> Path:
        folder = shutil.copytree(original, tmp_path / "gift")
        content = yaml.safe_load((folder / "config.yaml").read_text())
        for name, value in options.items():
            content[name] = {**content[name], **value} if isinstance(value, dict) else value
        (folder / "config.yaml").write_text(yaml.safe_dump(content))
        return folder / "checkpoints" / "best.ckpt"

    return change


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file of the user's that must not change."""
    path = tmp_path / "home" / ".profile"
    path.parent.mkdir()
    path.write_text("the user's own")
    return path


ATTACKS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "output": lambda path: {"output": str(path)},
    "pictures": lambda path: {"pictures": str(path.parent), "output": str(path)},
    "profiler": lambda path: {
        "trainer": {
            "profiler": {
                "class_path": "lightning.pytorch.profilers.SimpleProfiler",
                "init_args": {"dirpath": str(path.parent), "filename": "profile"},
            }
        }
    },
    "callbacks": lambda path: {
        "trainer": {
            "callbacks": [
                {
                    "class_path": "lightning.pytorch.callbacks.ModelCheckpoint",
                    "init_args": {"dirpath": str(path.parent), "filename": "a", "save_top_k": -1},
                }
            ]
        }
    },
    "logger": lambda path: {
        "trainer": {
            "logger": {
                "class_path": "lightning.pytorch.loggers.CSVLogger",
                "init_args": {"save_dir": str(path.parent), "flush_logs_every_n_steps": 1},
            }
        }
    },
    "default_root_dir": lambda path: {"trainer": {"default_root_dir": str(path.parent), "logger": True}},
    "runs": lambda path: {"runs_dir": str(path.parent), "name": path.name, "threads": 999, "seed_everything": -5},
    "unknown": lambda path: {"no_such_option": str(path), "trust": "os"},
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_only_model_and_data_come_from_the_config_next_to_a_checkpoint(
    attack: str, received: Received, victim: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = received(**ATTACKS[attack](victim))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for command in ("predict", "test"):
        assert main([command, f"--ckpt_path={checkpoint}"]) == 0
    assert victim.read_text() == "the user's own"
    assert list(victim.parent.iterdir()) == [victim]
    assert sorted(path.name for path in Path().iterdir()) == ["predictions.csv", "predictions.png"]


def test_a_received_config_sets_only_model_data_and_precision(received: Received) -> None:
    checkpoint = received(trainer={"precision": "64-true", "limit_test_batches": 1, "accelerator": "tpu"})
    brought = with_checkpoint_options(["test", f"--ckpt_path={checkpoint}", "--data.batch_size=3"])
    assert [option.partition("=")[0] for option in brought] == [
        *("test", "--model", "--data", "--trainer.precision", "--ckpt_path", "--data.batch_size")
    ]
    assert json.loads(brought[1].partition("=")[2])["init_args"]["hidden_sizes"] == [4]
    assert brought[3] == "--trainer.precision=64-true"


@pytest.mark.slow
def test_a_run_of_other_callbacks_is_evaluated_without_a_warning(fit: Fit, recwarn: pytest.WarningsRecorder) -> None:
    run = fit(*SHORT, "--trainer.callbacks=EarlyStopping", "--trainer.callbacks.monitor=val/loss")
    for command in ("test", "validate"):
        main([command, f"--ckpt_path={run['folder'] / 'checkpoints' / 'last.ckpt'}"])
    assert not [str(warning.message) for warning in recwarn if "callbacks" in str(warning.message)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": {"class_path": "os.system"}}, "model names os.system, which is not imported"),
        (
            {"model": {"class_path": "lightning.pytorch.demos.transformer.LightningTransformer"}},
            "it is outside hw1_lightning; if you trust it, add --trust lightning",
        ),
        ({"data": {"source": {"class_path": "torch.hub.load"}}}, "data.source names torch.hub.load"),
        ({"data": {"source": "sources.yaml"}}, "data.source names sources.yaml, which is not imported"),
        ({"data": {"source": "/etc/passwd"}}, "data.source is /etc/passwd; it must name a class"),
        ({"model": ["MLP"]}, "model is ['MLP']; it must be a mapping"),
        ({"data": None}, "data is None; it must be a mapping"),
        ({"trainer": {"precision": {"class_path": "x.y"}}}, "trainer.precision is {'class_path': 'x.y'}"),
        ({"trainer": {"precision": "/etc/passwd"}}, "trainer.precision is /etc/passwd"),
    ],
)
def test_other_classes_and_values_are_refused(
    options: dict[str, Any], message: str, received: Received, refused: Refused
) -> None:
    assert message in refused("test", f"--ckpt_path={received(**options)}")


@pytest.mark.parametrize("content", [b"model: [", b"a: &a [*a]", b"\xff\xfe\xfd", b"- 1", b"[" * 2000])
def test_a_damaged_config_is_named(content: bytes, received: Received, refused: Refused) -> None:
    checkpoint = received()
    config = checkpoint.parents[1] / "config.yaml"
    config.write_bytes(content)
    assert str(config) in refused("test", f"--ckpt_path={checkpoint}")


def test_a_lone_checkpoint_names_no_class_of_lightnings(original: Path, tmp_path: Path, refused: Refused) -> None:
    content = torch.load(original / "checkpoints" / "best.ckpt", weights_only=True)
    content["class_path"] = "lightning.pytorch.demos.transformer.LightningTransformer"
    torch.save(content, tmp_path / "alone.ckpt")
    assert "its model names lightning.pytorch.demos" in refused("test", f"--ckpt_path={tmp_path / 'alone.ckpt'}")


def test_a_folder_of_the_test_that_is_a_link_is_not_followed(received: Received, victim: Path, capsys: Capture) -> None:
    checkpoint = received()
    victim.rename(victim.with_name("result.json"))
    (victim.parent / "events.out.tfevents.1").touch()
    (checkpoint.parents[1] / "test_best").symlink_to(victim.parent)
    with pytest.raises(SystemExit):  # after the metrics are printed
        main(["test", f"--ckpt_path={checkpoint}"])
    assert "is a link to another folder" in capsys.readouterr().err
    assert (victim.parent / "result.json").read_text() == "the user's own"
    assert len(list(victim.parent.iterdir())) == 2


@pytest.mark.parametrize("base", [StackModule, Source])
def test_arguments_of_hw1s_own_classes_are_plain_values(base: type) -> None:
    """Then a received file cannot name further classes in the arguments of the class that it names."""
    plain = {str, int, float, bool, type(None)}
    for kind in concrete_subclasses(base).values():
        if not kind.__module__.startswith("hw1_lightning"):
            continue  # other tests define some
        for each in (kind, *kind.__mro__):
            hints = (
                typing.get_type_hints(vars(each)["__init__"])
                if "__init__" in vars(each) and base in each.__mro__
                else {}
            )
            for name, hint in hints.items():
                leaves = {leaf for leaf in _leaves(hint) if inspect.isclass(leaf)}
                assert leaves <= plain | {typing.Any} or name == "metrics", (each, name, leaves)


def _leaves(hint: Any) -> set[Any]:
    inner = [entry for entry in typing.get_args(hint) if not isinstance(entry, str | int)]
    origin = typing.get_origin(hint)
    if origin is typing.Literal or not inner:
        return set() if origin is typing.Literal else {hint}
    return set().union(*map(_leaves, inner))
