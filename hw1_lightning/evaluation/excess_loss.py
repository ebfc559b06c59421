"""Logs the excess loss: how far the training loss is above that of the best possible quadratic network."""

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
    """Logs ``train/excess_loss`` of a ``QuadraticNetwork``, the difference of its loss to the global minimum.

    It is the mean squared error of the weights after the epoch, on the whole training split, minus that of the optimum.
    The optimum is computed once, in one pass before training. After that an epoch takes one product of a triangular
    matrix with the network's coefficients, for any number of examples. The value is never negative, and precise also
    near zero. It does not always reach zero: too few hidden units cannot represent the optimum. With just enough of
    them, and a singular optimal quadratic form, the loss may approach it only while some weight grows without bound
    (``docs/quadratic.md``, section 7). For other models, nothing is logged.
    """

    def __init__(self) -> None:
        self._factor: Factor | None = None
        self._optimum: Tensor | None = None

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Compute the optimum; if that is not possible, warn and train without it."""
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
            rank_zero_warn(f"train/excess_loss is not logged: {error}")
            return
        self._optimum = solve_factor(self._factor).coefficients

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Log the excess loss of the epoch."""
        if self._factor is None or self._optimum is None:
            return
        assert isinstance(pl_module, QuadraticNetwork)
        excess = excess_sum_of_squares(self._factor, pl_module.layers.coefficients().cpu(), self._optimum)
        pl_module.record({"train/excess_loss": excess.sum().item() / (int(self._factor.count) * len(excess))})
