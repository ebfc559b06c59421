"""The global optimum of the quadratic network, computed in one pass over the data."""

import math
from collections.abc import Sequence
from functools import reduce
from typing import Any

import torch
from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor, nn

from hw1_lightning.data.loader import Minibatch, Stack, flat
from hw1_lightning.errors import InputError
from hw1_lightning.memory import check_memory
from hw1_lightning.models.quadratic import QuadraticNetwork
from hw1_lightning.models.regressor import Regressor
from hw1_lightning.quadratic.features import quadratic_feature_count, quadratic_features
from hw1_lightning.quadratic.least_squares import MERGING_BYTES, Factor, Solution, merge_factors, solve_factor
from hw1_lightning.quadratic.recovery import exact_hidden_size, recover_parameters
from hw1_lightning.quadratic.streaming import StreamingLeastSquares
from hw1_lightning.training.lightning_internals import count_steps
from hw1_lightning.training.optimization import check_number


class QuadraticRegression(Regressor):
    """Least squares in quadratic features: the best that a ``QuadraticNetwork`` with enough units can reach.

    One epoch is one pass over the examples, in minibatches of any size, and ends with the exact solution; further
    epochs do not change it. There is no optimiser. Sums and solution are float64 for any inputs. Each of several
    processes reads its own part of the data; they merge their triangular factors, so that all have the same solution.
    ``docs/quadratic.md`` has the derivation.

    Args:
        input_shape: shape of one raw input, without the batch axis; the command line takes it from the data.
        num_outputs: numbers to predict for each example, O; taken from the data, too.
        input_scale: raw inputs are multiplied by this; taken from the data, too.
        ridge: strength of the penalty: minimises sum of squared errors + ridge * (sum of squared coefficients, without
            that of the constant).

    Attributes:
        coefficients: c, float64, shape ``(O, M)``; zero before the fit.
        solution: the result of the last fit; ``None`` before it, and in a model from a checkpoint.

    Raises:
        InputError: if ridge is not a number of at least 0, or if the features do not fit in memory.
    """

    order_matters = False

    def __init__(
        self, input_shape: Sequence[int], num_outputs: int, input_scale: float = 1.0, ridge: float = 0.0
    ) -> None:
        super().__init__(input_shape, num_outputs, input_scale)
        self.automatic_optimization = False  # there are no steps
        self.ridge = check_number("ridge", ridge)
        n_features = quadratic_feature_count(self.input_size)
        what = f"QuadraticRegression: D = {self.input_size:,} inputs give {n_features:,} features, whose factors"
        check_memory(MERGING_BYTES * (n_features + num_outputs) ** 2, what, advice="use fewer inputs")
        self.coefficients = nn.Parameter(torch.zeros(num_outputs, n_features, dtype=torch.float64))
        self.solution: Solution | None = None
        self._fit: StreamingLeastSquares | None = None

    def outputs(self, features: Tensor) -> Tensor:
        """Return predictions c'phi(x), ``(B, num_outputs)``."""
        return quadratic_features(features) @ self.coefficients.T

    def configure_optimizers(self) -> Any:
        """Return no optimiser and no scheduler."""
        return [], []

    def training_step(self, batch: Stack | Minibatch, batch_idx: int) -> None:
        """Add one stack or minibatch to the sums; after the last one, solve."""
        try:
            self._add(batch, batch_idx)
            if self.trainer.is_last_batch:
                self._solve()
        except InputError:
            raise
        except ValueError as error:  # unsupported values or sizes
            raise InputError(f"QuadraticRegression: {error}") from error

    def _add(self, batch: Stack | Minibatch, batch_idx: int) -> None:
        if batch_idx == 0:  # a new epoch starts from no examples
            self._fit = StreamingLeastSquares(quadratic_features, self.input_size, self.num_outputs, device=self.device)
        elif self._fit is None:
            raise InputError(
                "QuadraticRegression cannot resume in the middle of its pass; start a new run without --ckpt_path"
            )
        inputs, targets = flat(batch)
        self._fit.add(inputs.flatten(1).double() * self.input_scale, targets)

    def _solve(self) -> None:
        assert self._fit is not None
        self.solution = solve_factor(self._merged(self._fit.factor()), self.ridge)
        self._fit = None
        self.coefficients.data = self.solution.coefficients
        if not self.solution.is_unique:
            rank_zero_warn(
                f"the {self.coefficients.shape[1]} quadratic features of {self.solution.count} examples have rank "
                f"{self.solution.rank} only: many solutions fit equally well, and the one of least norm was chosen "
                "(more examples or --model.ridge make it unique)"
            )
        residual = self.solution.residual_sum_of_squares.sum() / (self.solution.count * self.num_outputs)
        self.epoch.losses.append(residual.reshape(1))
        # One solution counts as one step, since ModelCheckpoint saves nothing without a step.
        count_steps(self.trainer, 1)

    def _merged(self, own: Factor) -> Factor:
        """Return the factor of the examples of all processes, bit-identical in each of them."""
        if self.trainer.world_size == 1:
            return own
        triangles, counts = self.all_gather(own.triangle), self.all_gather(own.count)
        parts = zip(triangles, counts, strict=True)
        return reduce(merge_factors, (Factor(triangle, count, own.n_outputs) for triangle, count in parts))

    def equivalent_network(self) -> QuadraticNetwork:
        """Make the network that computes the same function, in float64, with ``exact_hidden_size`` hidden units.

        Returns:
            A ``QuadraticNetwork`` with the same coefficients, up to rounding.
        """
        c = self.coefficients.detach()
        hidden_size = exact_hidden_size(self.input_size, self.num_outputs)
        network = QuadraticNetwork(
            hidden_size, input_shape=self.input_shape, num_outputs=self.num_outputs, input_scale=self.input_scale
        ).to(c)
        tolerance = max(1e-10 * float(torch.linalg.vector_norm(c)), math.ulp(0.0))
        network.layers.set_parameters(recover_parameters(c, hidden_size, tolerance))
        return network
