"""The programs without a mistake equal the references of questions 1 and 2, bit for bit in torch."""

from typing import Any

import numpy as np
import pytest
import torch

from hw1_lightning.data.sources import Digits
from tests import numpy_loop, reference
from tests.diagnosis.scripts import torch_programs
from tests.diagnosis.scripts.data import digits
from tests.diagnosis.scripts.registry import CORRECT

DATA = digits()
EPOCHS = 2


def as_tensors(split: str) -> reference.Split:
    return torch.from_numpy(DATA.splits[split][0]).float(), torch.from_numpy(DATA.splits[split][1])


def test_the_digits_are_those_of_hw1() -> None:
    for name, split in Digits().load().splits.items():
        assert np.array_equal(DATA.splits[name][0], split.inputs.flatten(1).numpy())
        assert np.array_equal(DATA.splits[name][1], split.targets.numpy())


@pytest.mark.parametrize("experiment", torch_programs.EXPERIMENTS)
def test_the_correct_torch_program_is_the_reference(experiment: str) -> None:
    program: Any = torch_programs.EXPERIMENTS[experiment]
    hyperparameters = ("batch_size", "learning_rate", "momentum", "weight_decay")
    curves = reference.plain_loop(
        lambda: reference.mlp(64, 10, program.dropout) if program.hidden else reference.logistic_regression(64, 10),
        *map(as_tensors, ("train", "val", "test")),
        epochs=EPOCHS,
        **{name: getattr(program, name) for name in hyperparameters},
    )
    report = CORRECT[experiment, "correct"](epochs=EPOCHS, data=DATA)
    assert report["train/loss"] == curves.train_loss
    assert report["val/loss"] == curves.val_loss
    assert report["val/accuracy"] == curves.val_accuracy
    assert report["test/accuracy"] == curves.test_accuracy[-1]


def numpy_splits() -> list[numpy_loop.Split]:
    return [(numpy_loop.with_constant(images, 1.0), labels) for images, labels in DATA.splits.values()]


@pytest.mark.parametrize(
    ("experiment", "step"),
    [
        ("perceptron", numpy_loop.perceptron),
        ("logistic_online", numpy_loop.logistic(0.001)),
        ("logistic_online=softmax", numpy_loop.logistic(0.001, link="softmax")),
        ("l2", numpy_loop.logistic(0.001, l2=0.01)),
        ("l2=softmax", numpy_loop.logistic(0.001, l2=0.01, link="softmax")),
    ],
)
def test_the_correct_linear_numpy_program_is_the_reference(experiment: str, step: numpy_loop.Step) -> None:
    curves = numpy_loop.linear(step, *numpy_splits(), classes=10, epochs=EPOCHS)
    report = CORRECT[experiment, "correct"](epochs=EPOCHS, data=DATA)
    for name, right in (("train", curves.train), ("val", curves.val)):
        assert report[f"{name}/accuracy"] == pytest.approx(np.array(right) / len(DATA.splits[name][1]))
    assert report["weights/l2_norm"] == pytest.approx(curves.norm, rel=1e-12)
    assert report["test/accuracy"] == curves.test[-1] / 360


def test_the_correct_numpy_network_is_the_reference() -> None:
    generator = np.random.RandomState(42)
    network, (inputs, labels) = numpy_loop.Network(generator, 64, 100, 10), DATA.splits["train"]
    order = next(numpy_loop.orders(generator, len(inputs)))
    losses = [network.step(inputs[i], labels[i], 0.001) for i in order]
    report = CORRECT["mlp_online", "correct"](epochs=1, data=DATA)
    assert report["train/loss"] == pytest.approx([np.mean(losses)], rel=1e-9)
    right = network.scores(DATA.splits["test"][0])[1].argmax(1) == DATA.splits["test"][1]
    assert report["test/accuracy"] == right.mean()
