"""The quadratic networks trained by gradient descent."""

import pytest
import torch
from sklearn.metrics import mean_squared_error, r2_score

from hw1_lightning.data.sources import Diabetes
from hw1_lightning.errors import InputError
from hw1_lightning.models import QuadraticClassifier, QuadraticNetwork
from tests.models.regression_data import NoisyQuadratic, rows, sizes, trained
from tests.training.test_training import Blobs

SOURCE = NoisyQuadratic()
DATA = SOURCE.load()


def test_network_by_hand() -> None:
    model = QuadraticNetwork(hidden_size=5, **sizes(DATA))
    w, b, v, v0 = (parameter.detach().numpy() for parameter in model.parameters())
    x = DATA.test.inputs.float().numpy() * 0.5
    z = x @ w.T + b
    assert model(DATA.test.inputs).detach().numpy() == pytest.approx((z - z**2) @ v.T + v0, rel=1e-5, abs=1e-5)


def test_coefficients_are_those_of_the_equivalent_linear_model() -> None:
    model = QuadraticNetwork(hidden_size=5, **sizes(DATA)).double()
    predicted = rows(DATA, "test")[0] @ model.layers.coefficients().numpy().T
    assert model(DATA.test.inputs).detach().numpy() == pytest.approx(predicted, rel=1e-12)


def test_gradient_descent_is_torchs() -> None:
    torch.manual_seed(0)
    model = QuadraticNetwork(hidden_size=5, learning_rate=0.01, **sizes(DATA))
    w, b, v, v0 = (parameter.detach().clone().requires_grad_() for parameter in model.parameters())
    trained(model, SOURCE, batch_size=len(DATA.train))
    z = DATA.train.inputs.float() * 0.5 @ w.T + b
    ((z * (1 - z) @ v.T + v0 - DATA.train.targets) ** 2).mean().backward()
    for parameter, start in zip(model.parameters(), (w, b, v, v0), strict=True):
        assert start.grad is not None
        assert torch.allclose(parameter, start - 0.01 * start.grad, rtol=1e-4, atol=1e-6)


def test_metrics_are_those_of_scikit_learn() -> None:
    model = QuadraticNetwork(hidden_size=5, learning_rate=0.01, **sizes(DATA))
    metrics = trained(model, SOURCE, epochs=2).callback_metrics
    predicted, targets = model(DATA.val.inputs).detach().numpy(), DATA.val.targets.numpy()
    assert metrics["val/mse"].item() == pytest.approx(mean_squared_error(targets, predicted), rel=1e-5)
    assert metrics["val/loss"].item() == pytest.approx(metrics["val/mse"].item(), rel=1e-5)
    assert metrics["val/r2"].item() == pytest.approx(r2_score(targets, predicted), rel=1e-4)


def test_targets_of_another_shape_are_refused_not_broadcast() -> None:
    model = QuadraticNetwork(hidden_size=5, **sizes(DATA))
    with pytest.raises(InputError, match=r"targets have shape \(7,\), but QuadraticNetwork predicts \(7, 2\)"):
        model.loss(torch.zeros(7, 2), torch.zeros(7))


@pytest.mark.parametrize("kind", [QuadraticNetwork, QuadraticClassifier])
def test_no_hidden_units_are_refused(kind: type) -> None:
    outputs = "num_outputs" if kind is QuadraticNetwork else "num_classes"
    with pytest.raises(InputError, match="hidden_size is 0; it must be at least 1"):
        kind(hidden_size=0, input_shape=(3,), **{outputs: 2})


def test_classifier_shares_the_architecture_and_learns_by_cross_entropy() -> None:
    torch.manual_seed(0)
    model = QuadraticClassifier(hidden_size=8, input_shape=(4,), num_classes=3, learning_rate=0.05)
    network = QuadraticNetwork(hidden_size=8, input_shape=(4,), num_outputs=3)
    network.layers.load_state_dict(model.layers.state_dict())
    inputs = torch.randn(5, 4)
    assert torch.equal(model(inputs), network(inputs))
    metrics = trained(model, Blobs(), epochs=20).callback_metrics
    assert metrics["val/accuracy"] > 0.8
    test = Blobs().load().val
    expected = torch.nn.functional.cross_entropy(model(test.inputs), test.targets)
    assert metrics["val/loss"].item() == pytest.approx(expected.item(), rel=1e-5)


def test_data_for_the_other_task_are_refused() -> None:
    diabetes, blobs = Diabetes().load(), Blobs().load()
    with pytest.raises(InputError, match="num_classes is 0: the targets of this data are numbers"):
        QuadraticClassifier(input_shape=diabetes.input_shape, num_classes=diabetes.num_classes)
    with pytest.raises(InputError, match="num_outputs is 0: the targets of this data are classes"):
        QuadraticNetwork(input_shape=blobs.input_shape, num_outputs=blobs.num_outputs)
