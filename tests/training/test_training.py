"""Training of small models: steps, schedules, metrics, checkpoints and refused options."""

from typing import Any

import lightning.pytorch as pl
import pytest
import torch
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from torch import nn

from hw1_lightning.data.arrays import ArrayData, Examples
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.data.sources import Source
from hw1_lightning.errors import InputError
from hw1_lightning.models import MLP, LogisticRegression, StackModule


class Blobs(Source):
    """A Gaussian blob for each of 3 classes, in 4 dimensions."""

    def load(self) -> ArrayData:
        generator = torch.Generator().manual_seed(0)

        def split(count: int) -> Examples:
            targets = torch.arange(count) % 3
            inputs = torch.randn(count, 4, generator=generator)
            inputs[:, :3] += 2 * nn.functional.one_hot(targets, 3)
            return Examples(inputs, targets)

        return ArrayData(split(50), split(21), split(30), class_names=("a", "b", "c"))


def trainer(**options: Any) -> pl.Trainer:
    quiet = {
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
    }
    return pl.Trainer(**{**quiet, "accelerator": "cpu", "max_epochs": 2, **options})


def fitted(options: dict[str, Any] | None = None, k: int = 4, **model: Any) -> tuple[LogisticRegression, pl.Trainer]:
    torch.manual_seed(0)
    module = LogisticRegression(input_shape=(4,), num_classes=3, **{"learning_rate": 0.1, **model})
    run = trainer(**(options or {}))
    run.fit(module, datamodule=ArrayDataModule(Blobs(), batch_size=8, steps_per_execution=k))
    return module, run


def fit_in_double(
    kind: type[StackModule], options: dict[str, Any], **data: Any
) -> tuple[StackModule, dict[str, float]]:
    """Train a model for two epochs in float64; return it with its metrics."""
    torch.manual_seed(0)
    model, run = kind(**options), trainer(precision="64-true")
    run.fit(model, datamodule=ArrayDataModule(Blobs(), **data))
    return model, {name: value.item() for name, value in run.callback_metrics.items()}


@pytest.mark.parametrize("k", [1, 4, 100])
def test_global_step_counts_optimizer_steps(k: int) -> None:
    assert fitted(k=k)[1].global_step == 2 * 7


@pytest.mark.parametrize("max_steps", [1, 5, 6, 7, 9, 14])
def test_max_steps_stops_exactly_there(max_steps: int) -> None:
    module, run = fitted({"max_steps": max_steps, "max_epochs": -1})
    single, _ = fitted({"max_steps": max_steps, "max_epochs": -1}, k=1)
    assert run.global_step == max_steps
    assert torch.equal(module.linear.weight, single.linear.weight)


def test_a_resumed_run_takes_the_remaining_steps(tmp_path: Any) -> None:
    module, run = fitted({"max_epochs": 1})
    run.save_checkpoint(tmp_path / "a.ckpt")
    again = LogisticRegression(input_shape=(4,), num_classes=3, learning_rate=0.1)
    more = trainer(max_epochs=2)
    more.fit(again, datamodule=ArrayDataModule(Blobs(), batch_size=8), ckpt_path=tmp_path / "a.ckpt")
    assert more.global_step == 2 * 7
    assert not torch.equal(module.linear.weight, again.linear.weight)


@pytest.mark.parametrize("optimizer", ["Adam", "RMSprop", "Adagrad"])
def test_any_optimizer_takes_the_steps_torch_would(optimizer: str) -> None:
    module, _ = fitted({"max_epochs": 1}, optimizer=optimizer, learning_rate=0.01, weight_decay=0.1)
    torch.manual_seed(0)
    reference = nn.Linear(4, 3)
    stepper = getattr(torch.optim, optimizer)(reference.parameters(), lr=0.01, weight_decay=0.1)
    for inputs, targets in ArrayDataModule(Blobs(), batch_size=8, steps_per_execution=1, seed=0).train_dataloader():
        stepper.zero_grad()
        nn.functional.cross_entropy(reference(inputs[0]), targets[0]).backward()
        stepper.step()
    assert torch.equal(module.linear.weight, reference.weight)


def test_optimizer_options_reach_the_optimizer() -> None:
    _, run = fitted({"max_epochs": 1}, momentum=0.9, optimizer_options={"nesterov": True})
    assert run.optimizers[0].defaults["nesterov"] is True
    assert run.optimizers[0].defaults["momentum"] == 0.9


@pytest.mark.parametrize(("interval", "times"), [("epoch", 2), ("step", 14)])
def test_scheduler_advances_once_an_interval(interval: str, times: int) -> None:
    _, run = fitted(lr_scheduler="ExponentialLR", lr_scheduler_options={"gamma": 0.5}, lr_scheduler_interval=interval)
    assert run.optimizers[0].param_groups[0]["lr"] == pytest.approx(0.1 * 0.5**times)


def test_plateau_scheduler_watches_the_validation_loss() -> None:
    options = {"patience": 0, "threshold": 1e9, "threshold_mode": "abs"}  # nothing is ever an improvement
    _, run = fitted({"max_epochs": 4}, lr_scheduler="ReduceLROnPlateau", lr_scheduler_options=options)
    assert run.optimizers[0].param_groups[0]["lr"] == pytest.approx(0.1 * 0.1**3)


def test_early_stopping_and_checkpoints_see_the_validation_metrics(tmp_path: Any) -> None:
    stop = EarlyStopping("val/accuracy", mode="max", patience=1, min_delta=2.0)
    best = ModelCheckpoint(tmp_path, monitor="val/loss", filename="best")
    _, run = fitted({"max_epochs": 10, "callbacks": [stop, best], "enable_checkpointing": True})
    assert run.current_epoch == 2
    assert (tmp_path / "best.ckpt").is_file()
    assert best.best_model_score == run.callback_metrics["val/loss"]


def test_train_loss_is_the_mean_of_the_minibatch_losses() -> None:
    module, run = fitted({"max_epochs": 1})
    torch.manual_seed(0)
    reference = nn.Linear(4, 3)
    losses = []
    for inputs, targets in ArrayDataModule(Blobs(), batch_size=8, steps_per_execution=1, seed=0).train_dataloader():
        loss = nn.functional.cross_entropy(reference(inputs[0]), targets[0])
        losses.append(loss.item())
        for parameter, gradient in zip(
            reference.parameters(), torch.autograd.grad(loss, list(reference.parameters())), strict=True
        ):
            parameter.data -= 0.1 * gradient
    assert len(losses) == 7
    assert run.callback_metrics["train/loss"].item() == pytest.approx(sum(losses) / 7, rel=1e-6)
    assert torch.allclose(module.linear.weight, reference.weight, rtol=1e-6)


def test_divergence_stops_the_run_and_is_recorded() -> None:
    module, run = fitted({"max_epochs": 50}, learning_rate=1e38)
    assert module.diverged
    assert run.current_epoch < 50
    assert not fitted()[0].diverged


def test_checkpoint_gives_the_model_back(tmp_path: Any) -> None:
    torch.manual_seed(0)
    module = MLP(input_shape=(4,), num_classes=3, hidden_sizes=[5, 6], activation="tanh", dropout=0.5, input_scale=0.5)
    run = trainer(max_epochs=1)
    run.fit(module, datamodule=ArrayDataModule(Blobs()))
    run.save_checkpoint(tmp_path / "a.ckpt")
    again = MLP.load_from_checkpoint(tmp_path / "a.ckpt", weights_only=True).eval()
    inputs = torch.randn(9, 4)
    assert torch.equal(again(inputs), module.eval()(inputs))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"learning_rate": -0.1}, "learning_rate is -0.1; it must be a finite number of at least 0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"learning_rate": float("inf")}, "learning_rate is inf"),
        ({"weight_decay": -1.0}, "weight_decay is -1.0"),
        ({"momentum": 1.5}, "momentum is 1.5; it must be from 0 to 1"),
        ({"optimizer": "Adem"}, "did you mean 'Adam'?"),
        ({"optimizer": "Adam", "momentum": 0.9}, "optimizer Adam has no option momentum"),
        ({"optimizer_options": {"nesterof": True}}, "did you mean 'nesterov'?"),
        ({"optimizer_options": {"nesterov": True}}, "Nesterov momentum requires a momentum"),
        ({"lr_scheduler": "StepLr"}, "did you mean 'StepLR'?"),
        ({"lr_scheduler": "StepLR"}, "step_size"),
        ({"lr_scheduler": "ReduceLROnPlateau", "lr_scheduler_interval": "step"}, "use epoch"),
    ],
)
def test_bad_hyperparameters_are_refused_when_the_model_is_made(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        LogisticRegression(input_shape=(4,), num_classes=3, **options)
    assert said in str(caught.value)
