"""train/excess_loss: the difference between the training loss and its global minimum."""

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from hw1_lightning.data.sources import Diabetes, Source
from hw1_lightning.evaluation.excess_loss import ExcessLoss
from hw1_lightning.models import MLP, QuadraticNetwork, QuadraticRegression
from hw1_lightning.runs.metrics_reader import read_metrics
from tests.conftest import Fit
from tests.models.regression_data import NoisyQuadratic, least_squares, rows, sizes, trained
from tests.training.test_training import Blobs

SOURCE = NoisyQuadratic()


def excess(model: QuadraticNetwork, source: Source, epochs: int = 1) -> float:
    return trained(model, source, epochs, 32, callbacks=[ExcessLoss()]).callback_metrics["train/excess_loss"].item()


@pytest.mark.parametrize("source", [SOURCE, Diabetes()], ids=["unique", "rank deficient"])
def test_it_is_the_training_error_above_that_of_least_squares(source: Source) -> None:
    data = source.load()
    torch.manual_seed(0)
    model = QuadraticNetwork(hidden_size=9, learning_rate=0.005, **sizes(data))
    value = excess(model, source)
    design, targets = rows(data, "train")
    least = np.mean((design @ least_squares(data).T - targets) ** 2)
    reached = np.mean((model.double()(data.train.inputs).detach().numpy() - targets) ** 2)
    assert value == pytest.approx(reached - least, rel=1e-5)


def test_it_is_zero_at_the_optimum_and_only_there() -> None:
    data = SOURCE.load()
    exact = QuadraticRegression(**sizes(data))
    trained(exact, SOURCE)
    network = exact.equivalent_network()
    still = QuadraticNetwork(hidden_size=network.layers.hidden.out_features, learning_rate=0.0, **sizes(data)).double()
    still.load_state_dict(network.state_dict())
    assert 0 <= excess(still, SOURCE) < 1e-24
    still.layers.output.bias.data += 0.25  # shifts every output: the mean squared error grows by the square
    assert excess(still, SOURCE) == pytest.approx(0.25**2, rel=1e-9)


def test_with_too_few_hidden_units_it_stays_above_zero() -> None:
    torch.manual_seed(0)
    source = NoisyQuadratic(o=1)
    values = []
    for hidden_size in (1, 12):
        model = QuadraticNetwork(hidden_size=hidden_size, learning_rate=0.02, optimizer="Adam", **sizes(source.load()))
        values.append(excess(model, source, epochs=150))
    assert values[0] > 0.3
    assert values[1] < values[0] / 5


def test_its_curve_is_in_tensorboard_and_decreases(fit: Fit) -> None:
    folder = fit("--config=configs/quadratic.yaml", "--trainer.max_epochs=20")["folder"]
    events = EventAccumulator(str(folder))
    events.Reload()
    curve = {event.step: event.value for event in events.Scalars("train/excess_loss")}
    values = {int(row["epoch"]): row["train/excess_loss"] for row in read_metrics(folder / "metrics.csv")}
    assert curve == pytest.approx(values)
    assert sorted(curve) == list(range(1, 21))
    assert curve[20] < curve[1] / 5


def test_it_can_be_turned_off_and_changes_nothing_else(fit: Fit) -> None:
    options = ("--config=configs/quadratic.yaml", "--trainer.max_epochs=3")
    with_it, without = (fit(*options, f"--excess_loss={choice}")["final"] for choice in ("true", "false"))
    assert with_it.pop("train/excess_loss") > 0
    assert with_it == without


def test_other_models_do_not_log_it() -> None:
    model = MLP(input_shape=(4,), num_classes=3, hidden_sizes=[3])
    assert "train/excess_loss" not in trained(model, Blobs(), callbacks=[ExcessLoss()]).callback_metrics


def test_training_continues_if_the_optimum_cannot_be_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hw1_lightning.memory.memory_size", lambda device: 13_000.0)
    model = QuadraticNetwork(hidden_size=9, learning_rate=0.005, **sizes(SOURCE.load()))
    with pytest.warns(UserWarning, match=r"train/excess_loss is not logged: .* GiB"):
        metrics = trained(model, SOURCE, callbacks=[ExcessLoss()]).callback_metrics
    assert "train/excess_loss" not in metrics
    assert metrics["train/loss"] > 0
