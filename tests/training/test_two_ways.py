"""Stacks of steps and single steps give the same numbers, also when a run is resumed the other way."""

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from lightning.pytorch import Callback
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from torch.utils.data import DataLoader, TensorDataset

from hw1_lightning.data.arrays import ArrayData, Examples
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.data.sources import Diabetes, Digits, Source
from hw1_lightning.imports import concrete_subclasses
from hw1_lightning.models import MLP, LogisticRegression, Perceptron
from hw1_lightning.models.base import StackModule
from hw1_lightning.training.watching import why_one_step_at_a_time
from tests.training.test_training import Blobs, trainer

CONFIGS = sorted(Path("configs").glob("*.yaml"))


class Watcher(Callback):
    """Counts backward passes."""

    passes = 0

    def on_after_backward(self, *_: Any) -> None:
        self.passes += 1


def trained(config: dict[str, Any], k: int | None) -> tuple[StackModule, dict[str, Any]]:
    """Train two epochs of a config that hw1 ships, with stacks of k steps."""
    kind = concrete_subclasses(StackModule)[config["model"]["class_path"].rpartition(".")[2]]
    numbers = kind.__name__ in {"QuadraticNetwork", "QuadraticRegression"}
    source: Any = Diabetes() if numbers else Digits()
    chosen = config.get("data", {})
    data = ArrayDataModule(source, chosen.get("batch_size", 64), k, seed=1, order=chosen.get("order", "torch"))
    from_data: dict[str, Any] = {"input_shape": data.input_shape, "input_scale": data.input_scale}
    from_data |= {"num_outputs": data.num_outputs} if numbers else {"num_classes": len(data.class_names)}
    given = config["model"].get("init_args", {})
    if given.get("init") == "numpy":  # mlp_online: losses of 200 at the start make its steps chaotic, in 64 bits too
        given["learning_rate"] = 1e-5
    torch.manual_seed(0)
    model: StackModule = kind(**from_data, **given)
    run = trainer(max_epochs=2, precision="64-true")  # in 32 bits, rounding grows to digits in so many single steps
    torch.manual_seed(1)
    run.fit(model, datamodule=data)
    return model, model.epoch.metrics


@pytest.mark.filterwarnings("ignore:the 66 quadratic features")
@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_shipped_configs_give_the_same_either_way(path: Path) -> None:
    config = yaml.safe_load(path.read_text())
    (stacked, metrics), (single, expected) = trained(config, None), trained(config, 1)
    assert stacked.why_one_step_at_a_time is None
    assert single.why_one_step_at_a_time == "data.steps_per_execution is 1"
    for ours, theirs in zip(stacked.parameters(), single.parameters(), strict=True):
        torch.testing.assert_close(ours.data, theirs.data, rtol=1e-7, atol=1e-9)
        assert ours.is_contiguous()
    assert metrics == pytest.approx(expected, rel=1e-7, abs=1e-9)


def fit(model: StackModule, *callbacks: Callback, k: int = 4, ckpt_path: Any = None, **options: Any) -> Any:
    run = trainer(callbacks=list(callbacks), **options)
    run.fit(model, datamodule=ArrayDataModule(Blobs(), 8, k, seed=3), ckpt_path=ckpt_path, weights_only=True)
    return run


def model() -> MLP:
    torch.manual_seed(0)
    momentum: dict[str, Any] = {"learning_rate": 0.1, "momentum": 0.9}
    return MLP(input_shape=(4,), num_classes=3, hidden_sizes=[5, 7, 3], activation="tanh", **momentum)


def same_weights(one: StackModule, other: StackModule) -> None:
    for ours, theirs in zip(one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(ours.data, theirs.data, rtol=1e-5, atol=1e-6)


def test_a_callback_that_the_model_brings_is_seen() -> None:
    class Watched(MLP):
        def configure_callbacks(self) -> list[Callback]:
            return [watcher]

    watcher = Watcher()
    torch.manual_seed(0)
    watched = Watched(input_shape=(4,), num_classes=3, hidden_sizes=[5], learning_rate=0.1)
    fit(watched)
    assert watched.why_one_step_at_a_time == "Watcher needs to see each step"
    assert watcher.passes == 2 * 7


@pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty")
def test_a_run_resumed_in_the_middle_of_an_epoch_ends_as_an_uninterrupted_one(tmp_path: Path) -> None:
    whole, part, again = model(), model(), model()
    fit(whole, max_epochs=3, k=1)

    def often() -> ModelCheckpoint:
        return ModelCheckpoint(tmp_path, "{step}", every_n_train_steps=10, save_top_k=-1)

    fit(part, often(), enable_checkpointing=True)
    middle = tmp_path / "step=10.ckpt"
    run = fit(again, often(), enable_checkpointing=True, max_epochs=3, ckpt_path=middle)
    assert run.global_step == 3 * 7
    same_weights(again, whole)


@pytest.mark.parametrize(("first", "second"), [(4, 1), (1, 4)])
def test_a_run_resumes_in_the_other_way(first: int, second: int, tmp_path: Path) -> None:
    whole, part, again = model(), model(), model()
    fit(whole, max_epochs=4)
    fit(part, k=first).save_checkpoint(tmp_path / "two.ckpt")
    run = fit(again, k=second, max_epochs=4, ckpt_path=tmp_path / "two.ckpt")
    assert run.global_step == 4 * 7
    same_weights(again, whole)


class Wide(Source):
    """Examples of so many features that the first layer is laid out for training."""

    def load(self) -> ArrayData:
        generator = torch.Generator().manual_seed(0)
        examples = Examples(torch.randn(24, 1100, generator=generator), torch.arange(24) % 3)
        return ArrayData(examples, examples, examples, class_names=("a", "b", "c"))


def test_wide_layers_are_in_the_ordinary_layout_after_training() -> None:
    wide = MLP(input_shape=(1100,), num_classes=3, hidden_sizes=[1100, 4], learning_rate=0.1)
    trainer().fit(wide, datamodule=ArrayDataModule(Wide(), batch_size=8))
    assert wide.why_one_step_at_a_time is None
    assert all(parameter.is_contiguous() for parameter in wide.parameters())


@pytest.mark.filterwarnings("ignore:.*does not have many workers")
@pytest.mark.parametrize("kind", [Perceptron, LogisticRegression, MLP])
def test_a_plain_loader_trains_validates_and_tests(kind: type[StackModule], tmp_path: Path) -> None:
    given: dict[str, Any] = {"input_shape": (4,), "num_classes": 3, **({"hidden_sizes": [5]} if kind is MLP else {})}
    own = kind(**given)
    splits = ArrayDataModule(Blobs()).arrays.splits
    loaders = {name: DataLoader(TensorDataset(*split.take(slice(None))), 8) for name, split in splits.items()}
    run = trainer()
    run.fit(own, loaders["train"], loaders["val"])
    assert own.why_one_step_at_a_time == "the minibatches come from another loader"
    (validated,) = run.validate(own, loaders["val"], verbose=False)
    (tested,) = run.test(own, loaders["test"], verbose=False)
    assert set(validated) == {"val/loss", "val/accuracy"}
    assert set(tested) == {"test/loss", "test/accuracy"} == set(run.logged_metrics)
    run.save_checkpoint(tmp_path / "own.ckpt")
    again = kind.load_from_checkpoint(tmp_path / "own.ckpt", weights_only=True)
    same_weights(again, own)
    inputs = splits["test"].take(slice(None))[0]
    assert torch.equal(again.eval()(inputs), own.eval()(inputs))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"gradient_clip_val": 1.0}, "trainer.gradient_clip_val is 1.0"),
        ({"detect_anomaly": True}, "trainer.detect_anomaly checks each backward pass"),
        ({"profiler": "simple"}, "SimpleProfiler measures each step"),
        ({"callbacks": [Watcher()]}, "Watcher needs to see each step"),
        ({"callbacks": [LearningRateMonitor()]}, "LearningRateMonitor needs to see each step"),
    ],
)
def test_the_reason_for_single_steps_is_named(options: dict[str, Any], reason: str) -> None:
    assert why_one_step_at_a_time(trainer(**options), model(), ArrayDataModule(Blobs())) == reason
