import pytest
import torch

from hw1_lightning.quadratic.features import output_coefficients, quadratic_features
from hw1_lightning.quadratic.least_squares import solve_factor
from hw1_lightning.quadratic.recovery import exact_hidden_size, recover_parameters
from tests.quadratic.quadratic_data import stream, teacher


@pytest.mark.parametrize("seed", range(3))
def test_loss_is_never_above_that_of_gradient_descent(seed: int) -> None:
    x, y = teacher(seed, 80, 3)
    solution = solve_factor(stream(x, y))
    generator = torch.Generator().manual_seed(seed)
    shapes = ((5, 3), (5,), (1, 5), (1,))
    parameters = [(0.3 * torch.randn(s, generator=generator, dtype=torch.float64)).requires_grad_() for s in shapes]
    optimizer = torch.optim.Adam(parameters, lr=0.05)
    for _ in range(200):
        optimizer.zero_grad()
        loss = (quadratic_features(x) @ output_coefficients(*parameters).T - y).square().sum()
        loss.backward()
        optimizer.step()
        assert float(loss.detach()) >= float(solution.residual_sum_of_squares)


def test_equivalent_network_of_the_optimum_has_its_loss_and_no_gradient() -> None:
    x, y = teacher(0, 200, 3, 2)
    solution = solve_factor(stream(x, y))
    network = recover_parameters(solution.coefficients, exact_hidden_size(3, 2), 1e-10)
    weight, bias, v, v0 = (p.requires_grad_() for p in network)
    z = x @ weight.T + bias
    loss = (z * (1 - z) @ v.T + v0 - y).square().sum()
    assert float(loss.detach()) == pytest.approx(float(solution.residual_sum_of_squares.sum()), rel=1e-12)
    loss.backward()
    for parameter in (weight, bias, v, v0):
        assert parameter.grad is not None
        assert float(parameter.grad.abs().max()) < 1e-8
