"""The closed form as a model, against NumPy and scikit-learn."""

from pathlib import Path

import pytest
import torch
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error, r2_score

from hw1_lightning.data.sources import Diabetes, Teacher
from hw1_lightning.errors import InputError
from hw1_lightning.models import QuadraticNetwork, QuadraticRegression
from tests.models.regression_data import NoisyQuadratic, least_squares, rows, sizes, trained

SOURCE = NoisyQuadratic()
DATA = SOURCE.load()


def fitted(batch_size: int = 8, epochs: int = 1, ridge: float = 0.0) -> QuadraticRegression:
    model = QuadraticRegression(**sizes(DATA), ridge=ridge)
    trained(model, SOURCE, epochs, batch_size)
    return model


@pytest.mark.parametrize("batch_size", [1, 8, 1000])
def test_one_epoch_gives_numpys_solution_whatever_the_batch_size(batch_size: int) -> None:
    assert fitted(batch_size).coefficients.detach().numpy() == pytest.approx(least_squares(DATA), rel=1e-10, abs=1e-11)


def test_another_epoch_counts_no_example_twice() -> None:
    once, twice = fitted(ridge=3.0), fitted(ridge=3.0, epochs=2)
    assert twice.solution is not None
    assert twice.solution.count == len(DATA.train)
    assert torch.equal(once.coefficients, twice.coefficients)


def test_losses_and_metrics_are_those_of_scikit_learn() -> None:
    model = QuadraticRegression(**sizes(DATA))
    metrics = trained(model, SOURCE).callback_metrics
    c = least_squares(DATA)
    design, targets = rows(DATA, "train")
    assert metrics["train/loss"].item() == pytest.approx(mean_squared_error(targets, design @ c.T), rel=1e-6)
    design, targets = rows(DATA, "val")
    for name, reference in (("loss", mean_squared_error), ("mse", mean_squared_error), ("r2", r2_score)):
        assert metrics[f"val/{name}"].item() == pytest.approx(reference(targets, design @ c.T), rel=1e-5), name


def test_ridge_is_scikit_learns() -> None:
    model = fitted(ridge=7.5)
    design, targets = rows(DATA, "train")
    reference = Ridge(alpha=7.5).fit(design[:, 1:], targets)
    predicted = model(DATA.test.inputs).detach().numpy()
    assert predicted == pytest.approx(reference.predict(rows(DATA, "test")[0][:, 1:]), rel=1e-9)


def test_rank_deficiency_warns_and_the_least_norm_is_chosen() -> None:
    data = Diabetes().load()
    model = QuadraticRegression(**sizes(data))
    with pytest.warns(UserWarning, match="the 66 quadratic features of 310 examples have rank 65 only.*least norm"):
        trained(model, Diabetes())
    c = model.coefficients.detach().numpy()
    assert c == pytest.approx(least_squares(data), rel=1e-6, abs=1e-7)
    with pytest.warns(UserWarning, match="features of 9 examples have rank 9 only"):
        trained(QuadraticRegression(**sizes(DATA)), NoisyQuadratic(n=9))


def test_checkpoint_gives_the_model_back(tmp_path: Path) -> None:
    model = QuadraticRegression(**sizes(DATA), ridge=0.5)
    trained(model, SOURCE).save_checkpoint(tmp_path / "a.ckpt")
    again = QuadraticRegression.load_from_checkpoint(tmp_path / "a.ckpt", weights_only=True)
    assert again.ridge == 0.5
    assert torch.equal(again(DATA.test.inputs), model(DATA.test.inputs))


def test_resuming_in_the_middle_of_a_pass_is_refused() -> None:
    stack = (DATA.train.inputs[None], DATA.train.targets[None])
    with pytest.raises(InputError, match="middle of its pass; start a new run without --ckpt_path"):
        QuadraticRegression(**sizes(DATA)).training_step(stack, batch_idx=1)


@pytest.mark.parametrize("outputs", [1, 3])
def test_equivalent_network_predicts_the_same(outputs: int) -> None:
    source = NoisyQuadratic(o=outputs)
    data = source.load()
    model = QuadraticRegression(**sizes(data))
    trained(model, source)
    network = model.equivalent_network()
    expected = model(data.test.inputs)
    assert torch.allclose(network(data.test.inputs), expected, rtol=1e-10, atol=1e-10)
    assert torch.allclose(network.float()(data.test.inputs).double(), expected, rtol=1e-4, atol=1e-4)


def test_equivalent_network_before_the_fit_predicts_zero() -> None:
    assert not QuadraticRegression(**sizes(DATA)).equivalent_network()(DATA.test.inputs).any()


def test_training_loss_is_never_above_that_of_gradient_descent() -> None:
    torch.manual_seed(0)
    network = QuadraticNetwork(hidden_size=12, learning_rate=0.01, momentum=0.9, **sizes(DATA))
    trained(network, SOURCE, epochs=200, batch_size=32)
    model = fitted()
    losses = [
        torch.nn.functional.mse_loss(m(DATA.train.inputs).double(), DATA.train.targets).item() for m in (model, network)
    ]
    assert losses[0] < losses[1] < 2 * losses[0], "and gradient descent comes near"


def test_teacher_without_noise_is_found_exactly() -> None:
    source = Teacher(n_inputs=6, n_examples=20_000, noise=0.0, seed=3)
    model = QuadraticRegression(**sizes(source.load()))
    metrics = trained(model, source).callback_metrics
    assert metrics["train/loss"] < 1e-11  # the targets are float32
    assert metrics["val/loss"] < 1e-11


@pytest.mark.parametrize("precision", ["bf16-mixed", "64-true"])
def test_precision_of_the_trainer_does_not_touch_the_sums(precision: str) -> None:
    model = QuadraticRegression(**sizes(DATA))
    trained(model, SOURCE, precision=precision)
    assert model.coefficients.dtype == torch.float64
    assert model.coefficients.detach().numpy() == pytest.approx(least_squares(DATA), rel=1e-10, abs=1e-11)


def test_overflow_is_refused() -> None:
    source = NoisyQuadratic(input_scale=1e-150)
    with pytest.raises(InputError, match="overflow float64"):
        trained(QuadraticRegression(**{**sizes(DATA), "input_scale": 1e100}), source)


def test_too_many_inputs_are_refused_before_anything_is_made() -> None:
    with pytest.raises(InputError, match=r"D = 100,000 inputs give 5,000,150,001 features.* GiB, but this machine has"):
        QuadraticRegression(input_shape=(100_000,), num_outputs=1)
