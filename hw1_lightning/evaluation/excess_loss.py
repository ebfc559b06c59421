"""How far the training loss is above the least that any quadratic network has: optimisation error alone."""

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.models.quadratic import QuadraticNetwork
from hw1_lightning.quadratic.features import quadratic_features
from hw1_lightning.quadratic.least_squares import Factor, excess_sum_of_squares, solve_factor
from hw1_lightning.quadratic.streaming import StreamingLeastSquares
from hw1_lightning.training.lightning_internals import datamodule_of


class ExcessLoss(Callback):
    """Logs ``train/excess_loss`` of a ``QuadraticNetwork``, the distance of its loss to the global minimum.

    It is the mean squared error of the weights after the epoch, on the whole training split, minus that of the optimum.
    The optimum is computed once, in one pass before training; after that an epoch costs one product of a triangle with
    the network's coefficients, however many examples there are. The value is never negative and keeps its digits near
    zero. It need not reach zero: with too few hidden units the optimum is out of reach, and with just enough, where
    the optimal quadratic form is singular, it may be approached only while some weight grows without bound
    (``docs/quadratic.md``, section 7). Other models are left alone.
    """

    def __init__(self) -> None:
        self._factor: Factor | None = None
        self._optimum: Tensor | None = None

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Compute the optimum; where that cannot be done, say so and train all the same."""
        if not isinstance(pl_module, QuadraticNetwork):
            return
        data = datamodule_of(trainer)
        assert isinstance(data, ArrayDataModule)
        try:
            fit = StreamingLeastSquares(quadratic_features, pl_module.input_size, pl_module.num_outputs)
            for inputs, targets in data.train_evaluation_dataloader():
                fit.add(inputs.flatten(0, 1).flatten(1).double() * pl_module.input_scale, targets.flatten(0, 1))
            self._factor = fit.factor()
        except ValueError as error:
            rank_zero_warn(f"train/excess_loss is left out: {error}")
            return
        self._optimum = solve_factor(self._factor).coefficients

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Measure and log."""
        if self._factor is None or self._optimum is None:
            return
        assert isinstance(pl_module, QuadraticNetwork)
        excess = excess_sum_of_squares(self._factor, pl_module.layers.coefficients().cpu(), self._optimum)
        pl_module.record({"train/excess_loss": excess.sum().item() / (int(self._factor.count) * len(excess))})
