"""Small regression data, and what NumPy and scikit-learn compute from it."""

from typing import Any

import lightning.pytorch as pl
import numpy as np
import numpy.typing as npt
import torch
from sklearn.preprocessing import PolynomialFeatures

from hw1_lightning.data.arrays import ArrayData, Examples
from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.data.sources import Source
from hw1_lightning.quadratic.features import quadratic_feature_count, quadratic_features

Array = npt.NDArray[np.float64]


class NoisyQuadratic(Source):
    """A random quadratic function of D inputs with O outputs and noise; float64."""

    def __init__(self, n: int = 101, d: int = 4, o: int = 2, input_scale: float = 0.5) -> None:
        self.sizes, self.d, self.o, self.input_scale = (n, 23, 31), d, o, input_scale

    def load(self) -> ArrayData:
        generator = torch.Generator().manual_seed(5)
        c = torch.randn(self.o, quadratic_feature_count(self.d), generator=generator, dtype=torch.float64)

        def split(n: int) -> Examples:
            x = torch.randn(n, self.d, generator=generator, dtype=torch.float64)
            noise = torch.randn(n, self.o, generator=generator, dtype=torch.float64)
            return Examples(x / self.input_scale, quadratic_features(x) @ c.T + noise)

        train, val, test = map(split, self.sizes)
        return ArrayData(train, val, test, input_scale=self.input_scale)


def rows(data: ArrayData, split: str) -> tuple[Array, Array]:
    """scikit-learn's quadratic features of the scaled inputs, and the targets."""
    examples = data.splits[split]
    inputs = examples.inputs.double().numpy() * data.input_scale
    return PolynomialFeatures(2).fit_transform(inputs), examples.targets.double().numpy()


def least_squares(data: ArrayData) -> Array:
    """Optimal coefficients, ``(O, M)``, by ``numpy.linalg.lstsq``."""
    return np.asarray(np.linalg.lstsq(*rows(data, "train"), rcond=None)[0].T, dtype=np.float64)


def sizes(data: ArrayData) -> dict[str, Any]:
    """What a model must know of the data."""
    return {"input_shape": data.input_shape, "num_outputs": data.num_outputs, "input_scale": data.input_scale}


def trained(
    model: pl.LightningModule, data: Source, epochs: int = 1, batch_size: int = 8, **options: Any
) -> pl.Trainer:
    """Fit a model quietly on one CPU process."""
    trainer = pl.Trainer(
        **{
            "accelerator": "cpu",
            "max_epochs": epochs,
            "logger": False,
            "enable_checkpointing": False,
            "enable_progress_bar": False,
            "enable_model_summary": False,
            **options,
        }
    )
    trainer.fit(model, datamodule=ArrayDataModule(data, batch_size=batch_size))
    return trainer
