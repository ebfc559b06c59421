"""hw1's models compared with independent plain LightningModules: the same numbers with every option."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import (
    EMAWeightAveraging,
    GradientAccumulationScheduler,
    LearningRateFinder,
    ModelPruning,
    StochasticWeightAveraging,
    WeightAveraging,
)
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from hw1_lightning.data.arrays import Split
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.models import MLP, LogisticRegression, Perceptron
from hw1_lightning.models.base import StackModule
from tests.training.test_training import Blobs, trainer

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*overriding `LightningModule.optimizer_"),
    pytest.mark.filterwarnings("ignore:The `srun` command is available"),
]
SEED = 5


def perceptron_loss(scores: Tensor, targets: Tensor) -> Tensor:
    return (scores.max(1).values - scores[torch.arange(len(targets)), targets]).mean()


MODELS: dict[str, tuple[Callable[..., StackModule], Callable[[], nn.Module], Callable[..., Tensor]]] = {
    "perceptron": (Perceptron, lambda: nn.Linear(4, 3), perceptron_loss),
    "logistic": (LogisticRegression, lambda: nn.Linear(4, 3), nn.functional.cross_entropy),
    "mlp": (
        lambda **options: MLP(hidden_sizes=[5], activation="tanh", **options),
        lambda: nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)),
        nn.functional.cross_entropy,
    ),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "clipped norm": {"gradient_clip_val": 0.05},
    "clipped values": {"gradient_clip_val": 0.02, "gradient_clip_algorithm": "value"},
    "accumulated": {"accumulate_grad_batches": 3},
    "steps": {"max_steps": 9},
    "three minibatches": {"limit_train_batches": 3},
    "one minibatch": {"limit_train_batches": 1},
    "half": {"limit_train_batches": 0.5},
    "overfit": {"overfit_batches": 2},
    "validated often": {"val_check_interval": 3},
    "validated seldom": {"check_val_every_n_epoch": 2},
    "never validated": {"limit_val_batches": 0},
    "64 bits": {"precision": "64-true"},
    "bfloat16": {"precision": "bf16-mixed"},
}
CALLBACKS: dict[str, Callable[[], Callback]] = {
    "accumulation scheduler": lambda: GradientAccumulationScheduler({0: 1, 1: 2}),
    "SWA": lambda: StochasticWeightAveraging(swa_lrs=0.05, swa_epoch_start=1),
    "EMA": lambda: EMAWeightAveraging(decay=0.9),
    "averaging": lambda: WeightAveraging(),
    "pruning": lambda: ModelPruning("l1_unstructured", amount=0.3),
}
OPTIMIZERS: dict[str, tuple[dict[str, Any], Callable[[Any], Any]]] = {
    "AdamW": ({"optimizer": "AdamW", "learning_rate": 0.02}, lambda weights: torch.optim.AdamW(weights, 0.02)),
    "momentum": ({"momentum": 0.9, "weight_decay": 0.1}, lambda weights: torch.optim.SGD(weights, 0.1, 0.9, 0, 0.1)),
}


class Plain(LightningModule):
    """What a user of Lightning writes."""

    def __init__(self, layers: nn.Module, loss: Callable[..., Tensor], optimizer: Callable[[Any], Any] | None) -> None:
        super().__init__()
        self.layers, self.loss, self.optimizer, self.learning_rate = layers, loss, optimizer, 0.1

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        return self.loss(self.layers(batch[0]), batch[1])

    def validation_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
        self.log("val/loss", self.loss(self.layers(batch[0]), batch[1]))

    def configure_optimizers(self) -> Any:
        return (
            self.optimizer(self.parameters())
            if self.optimizer
            else torch.optim.SGD(self.parameters(), self.learning_rate)
        )


class Steps(Callback):
    """Records the loss of each step."""

    def __init__(self) -> None:
        self.losses: list[float] = []

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, outputs: Any, *_: Any) -> None:
        self.losses.append(outputs["loss"].item())


def loader(split: Split, batch_size: int, shuffled: bool) -> DataLoader[Any]:
    examples = TensorDataset(*split.take(slice(None)))
    generator = torch.Generator().manual_seed(SEED)
    return DataLoader(examples, batch_size, shuffle=shuffled, generator=generator)


def pair(kind: str, plain: Callable[[Any], Any] | None = None, **model: Any) -> tuple[StackModule, Plain]:
    """Make a model of hw1 and a plain one with the same weights."""
    make, layers, loss = MODELS[kind]
    torch.manual_seed(0)
    own = make(**{"input_shape": (4,), "num_classes": 3, "learning_rate": 0.1, **model})
    theirs = Plain(layers(), loss, plain)
    for one, other in zip(own.parameters(), theirs.parameters(), strict=True):
        other.data.copy_(one.data)
    return own, theirs


def train(module: LightningModule, folder: Path, options: dict[str, Any], *callbacks: Callback) -> tuple[Tensor, float]:
    """Train, and return the loss of every step and of the last validation."""
    steps = Steps()
    settings = {"max_epochs": 3, "num_sanity_val_steps": 0, "log_every_n_steps": 1, **options}
    run = trainer(callbacks=[steps, *callbacks], default_root_dir=folder, **settings)
    data = ArrayDataModule(Blobs(), batch_size=8, seed=SEED)
    if isinstance(module, StackModule):
        run.fit(module, datamodule=data)
    else:
        shuffled = "overfit_batches" not in options
        run.fit(module, loader(data.arrays.train, 8, shuffled), loader(data.arrays.val, 128, False))
    return torch.tensor(steps.losses), run.callback_metrics.get("val/loss", torch.zeros(())).item()


def compare(
    pair: tuple[StackModule, Plain],
    folder: Path,
    options: dict[str, Any],
    callback: Callable[[], Callback] | None = None,
) -> None:
    """Train both, and compare every step's loss, the weights and the validation."""
    (losses, value), (expected, expected_value) = (
        train(module, folder, options, *([callback()] if callback else [])) for module in pair
    )
    rtol, atol = (2e-2, 2e-2) if options.get("precision") == "bf16-mixed" else (1e-5, 1e-6)
    torch.testing.assert_close(losses, expected, rtol=rtol, atol=atol)
    for ours, theirs in zip(pair[0].parameters(), pair[1].parameters(), strict=True):
        torch.testing.assert_close(ours.data, theirs.data, rtol=rtol, atol=atol)
    assert value == pytest.approx(expected_value, rel=rtol, abs=atol)


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("kind", MODELS)
def test_options(kind: str, name: str, tmp_path: Path) -> None:
    compare(pair(kind), tmp_path, OPTIONS[name])


@pytest.mark.parametrize("name", CALLBACKS)
@pytest.mark.parametrize("kind", MODELS)
def test_callbacks(kind: str, name: str, tmp_path: Path) -> None:
    compare(pair(kind), tmp_path, {}, CALLBACKS[name])


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("kind", MODELS)
def test_optimisers_keep_their_own_defaults(kind: str, name: str, tmp_path: Path) -> None:
    given, optimizer = OPTIMIZERS[name]
    compare(pair(kind, optimizer, **given), tmp_path, {"accumulate_grad_batches": 2})


def test_the_same_learning_rate_is_found(tmp_path: Path) -> None:
    own, plain = pair("mlp")
    for module in (own, plain):
        train(module, tmp_path, {}, LearningRateFinder(num_training_steps=40))
    assert own.learning_rate == plain.learning_rate != 0.1
