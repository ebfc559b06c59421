"""Mistakes in hw1's models give the numbers of independent programs with the same mistakes."""

from typing import Any

import pytest
import torch
from lightning.pytorch import Trainer, seed_everything

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.data.sources import Digits
from hw1_lightning.diagnosis.mistaken import evaluation, examples, layers, losses, rounding, steps
from hw1_lightning.diagnosis.mistaken.wrapper import Wrapper, apply_mistakes
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.models.logistic_regression import LogisticRegression
from hw1_lightning.models.mlp import MLP
from hw1_lightning.models.perceptron import Perceptron
from tests.diagnosis.scripts.registry import ALL

EPOCHS = {"mlp_online": 1}  # others: 2; its training is chaotic
DATA: dict[str, Any] = {"input_shape": (8, 8, 1), "num_classes": 10}
Q1: dict[str, Any] = {"batch_size": 1, "order": "numpy"}
ONLINE: dict[str, Any] = {"link": "one_vs_rest", "init": "zeros", "learning_rate": 0.001}
# Each experiment's model, its options, those of the data, and the precision.
EXPERIMENTS: dict[str, tuple[type[Classifier], dict[str, Any], dict[str, Any], Any]] = {
    "logistic_regression": (
        LogisticRegression, {"learning_rate": 0.001, "weight_decay": 0.01}, {"batch_size": 32}, "32-true",
    ),
    "mlp": (MLP, {"dropout": 0.3, "learning_rate": 0.002}, {"batch_size": 64}, "32-true"),
    "perceptron": (Perceptron, {}, Q1, "64-true"),
    "logistic_online": (LogisticRegression, ONLINE, Q1, "64-true"),
    "l2": (LogisticRegression, {**ONLINE, "l2_penalty": 0.01}, Q1, "64-true"),
    "mlp_online": (MLP, {"hidden_sizes": [100], "init": "numpy", "learning_rate": 0.001}, Q1, "64-true"),
}  # fmt: skip
CASES: dict[tuple[str, str], Wrapper] = {
    ("logistic_regression", "softmax_before_loss"): losses.NormalisedTwice("softmax"),
    ("logistic_regression", "sum_loss"): losses.SummedLoss(),
    ("logistic_regression", "weight_decay_wrong_sign"): steps.PenaltyGrows(),
    ("logistic_regression", "weight_decay_not_on_biases"): steps.BiasesNotPenalised(),
    ("logistic_regression", "gradients_not_zeroed"): steps.GradientsKept(),
    ("logistic_regression", "no_shuffling"): examples.ExamplesInOrder("as stored"),
    ("logistic_regression", "last_batch_dropped"): examples.LastMinibatchLeftOut(),
    ("logistic_regression", "means_of_batches"): evaluation.AveragedOverMinibatches(32),
    ("logistic_regression", "bias_missing"): layers.NoBias(),
    ("logistic_regression", "init_zero"): layers.FirstWeights("zero"),
    ("logistic_regression", "pixels_15"): examples.PixelScale(1 / 15),
    ("logistic_regression", "pixels_standardised"): examples.Standardised("all"),
    ("logistic_regression", "pixels_standardised_by_pixel"): examples.Standardised("each"),
    ("mlp", "softmax_before_loss"): losses.NormalisedTwice("softmax"),
    ("mlp", "dropout_missing_first"): layers.NoDropout((0,)),
    ("mlp", "dropout_missing_last"): layers.NoDropout((1,)),
    ("mlp", "dropout_on_inputs"): layers.DropoutOn("inputs"),
    ("mlp", "train_mode_forgotten"): evaluation.DropoutOnce(),
    ("mlp", "last_batch_dropped"): examples.LastMinibatchLeftOut(),
    ("mlp", "means_of_batches"): evaluation.AveragedOverMinibatches(64),
    ("mlp", "one_vs_rest"): losses.OneVsRest(),
    ("mlp", "sigmoid"): layers.SigmoidUnits(),
    ("mlp", "bias_missing"): layers.NoBias(),
    ("perceptron", "wrong_class_unchanged"): losses.PerceptronUpdate("right class only"),
    ("perceptron", "every_example"): losses.PerceptronUpdate("every example"),
    ("perceptron", "times_label"): losses.TimesLabel(),
    ("perceptron", "times_own_label"): losses.PerceptronUpdate("own label"),
    ("perceptron", "no_shuffling"): examples.ExamplesInOrder("as stored"),
    ("perceptron", "shuffled_once"): examples.ExamplesInOrder("the same each epoch"),
    ("perceptron", "permutation_not_composed"): examples.ExamplesInOrder("not composed"),
    ("perceptron", "bias_missing"): layers.NoBias(),
    ("logistic_online", "permutation_not_composed"): examples.ExamplesInOrder("not composed"),
    ("l2", "penalty_wrong_sign"): steps.PenaltyGrows(),
    ("l2", "penalty_not_on_bias"): steps.BiasesNotPenalised(),
    ("mlp_online", "init_he"): layers.FirstWeights("He normal"),
}  # fmt: skip


def trained(experiment: str, wrapper: Wrapper) -> tuple[Classifier, dict[str, float]]:
    kind, of_model, of_data, precision = EXPERIMENTS[experiment]
    seed_everything(42, verbose=False)
    data = ArrayDataModule(Digits(), **of_data)
    model = kind(**DATA, **of_model)
    if precision == "64-true":
        model = model.double()
    apply_mistakes([wrapper], model, data)
    quiet = {
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
    }
    options = {"max_epochs": EPOCHS.get(experiment, 2), "accelerator": "cpu", "precision": precision, **quiet}
    trainer = Trainer(**options)
    trainer.fit(model, datamodule=data)
    return model, {name: float(value) for name, value in trainer.callback_metrics.items()}


@pytest.mark.parametrize(("experiment", "name"), CASES, ids=map("-".join, CASES))
def test_the_numbers_are_those_of_an_independent_program(experiment: str, name: str) -> None:
    found = trained(experiment, CASES[experiment, name])[1]
    theirs = {
        key: each[-1] if isinstance(each, list) else each
        for key, each in ALL[experiment, name](epochs=EPOCHS.get(experiment, 2)).items()
    }
    compared = {
        key for key in ("val/accuracy", "val/loss", "weights/l2_norm", "train/loss") if key in theirs and key in found
    }
    if name == "sum_loss":
        compared.remove("val/loss")  # the program prints the sum over the split
    assert len(compared) >= 2
    for key in compared:
        assert found[key] == pytest.approx(theirs[key], rel=2e-4), key


def test_the_derivative_of_rectified_units_is_missing() -> None:
    """The network that lacks it is chaotic, so its numbers are not compared."""
    model = MLP(**DATA, hidden_sizes=[5])
    apply_mistakes([layers.NoDerivative()], model, ArrayDataModule(Digits()))
    inputs = torch.tensor([[-1.0, 2.0, -3.0, 0.0, 5.0]], requires_grad=True)
    units = model.layers[1](inputs)
    units.sum().backward()
    assert units.tolist() == [[0, 2, 0, 0, 5]]
    assert inputs.grad is not None
    assert inputs.grad.tolist() == [[1] * 5]


def test_dropout_stays_on_in_evaluation() -> None:
    """Its numbers depend on how many examples are evaluated at once, so no two programs agree."""
    model, _ = trained("mlp", evaluation.DropoutInEvaluation())
    model.eval()
    dropouts = [layer for layer in model.modules() if isinstance(layer, torch.nn.Dropout)]
    assert dropouts
    assert all(layer.training for layer in dropouts)
    assert not model.training


def test_a_mistaken_model_is_a_subclass_of_the_right_one() -> None:
    model, _ = trained("logistic_regression", losses.SummedLoss())
    assert isinstance(model, LogisticRegression)
    assert type(model) is not LogisticRegression
    assert LogisticRegression(**DATA).loss(torch.zeros(4, 10), torch.zeros(4, dtype=torch.int64)) < 3  # stays right


def test_two_mistakes_are_applied_one_after_the_other() -> None:
    seed_everything(42, verbose=False)
    data, model = ArrayDataModule(Digits()), LogisticRegression(**DATA)
    apply_mistakes([losses.NormalisedTwice("softmax"), losses.SummedLoss()], model, data)
    scores, targets = torch.randn(8, 10, requires_grad=True), torch.arange(8)
    expected = 8 * torch.nn.functional.cross_entropy(scores.softmax(1), targets)
    assert model.loss(scores, targets).item() == pytest.approx(expected.item())


def test_labels_of_the_test_split_only_are_shuffled() -> None:
    seed_everything(42, verbose=False)
    data, right = ArrayDataModule(Digits()), Digits().load()
    apply_mistakes([examples.ShuffledTestLabels()], LogisticRegression(**DATA), data)
    assert torch.equal(data.arrays.val.targets, right.val.targets)
    assert not torch.equal(data.arrays.test.targets, right.test.targets)
    assert torch.equal(data.arrays.test.targets.sort().values, right.test.targets.sort().values)


def test_rounding_otherwise_changes_the_last_digits_only() -> None:
    right, other = (trained("logistic_regression", each)[1] for each in (rounding.Rounded(1), rounding.Rounded(2)))
    assert right["val/loss"] != other["val/loss"]
    assert right["val/loss"] == pytest.approx(other["val/loss"], rel=1e-4)


def test_a_perceptron_with_exact_sums_is_rounded_nowhere_and_one_with_inexact_sums_is() -> None:
    """Intensities of the digits are whole numbers; divided by 16 they add up exactly, divided by 15 they do not."""
    right, other = (trained("perceptron", each) for each in (examples.PixelScale(1), rounding.Rounded(1)))
    assert right[1] == other[1]
    data = ArrayDataModule(Digits())
    for wrapper, is_changed in (
        (examples.PixelScale(1 / 16), False),
        (examples.PixelScale(1 / 15), True),
        (layers.FirstWeights("N(0, 1)"), True),
        (examples.Standardised("all"), True),
    ):
        model = Perceptron(**DATA).double()
        apply_mistakes([wrapper], model, data)
        scale = model.input_scale
        rounding.Rounded(1).prepare(model, data)
        assert (model.input_scale != scale) is is_changed, wrapper
    single = Perceptron(**DATA)
    rounding.Rounded(1).prepare(single, data)
    assert single.input_scale != 1.0, "float32 does not hold such sums"
