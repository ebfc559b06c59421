"""The models, each a LightningModule usable without the command line."""

from hw1_lightning.models.base import StackModule
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.models.linear import LinearClassifier
from hw1_lightning.models.logistic_regression import LogisticRegression
from hw1_lightning.models.mlp import MLP
from hw1_lightning.models.perceptron import Perceptron
from hw1_lightning.models.quadratic import QuadraticClassifier, QuadraticNetwork
from hw1_lightning.models.quadratic_regression import QuadraticRegression
from hw1_lightning.models.regressor import Regressor

__all__ = [
    "MLP",
    "Classifier",
    "LinearClassifier",
    "LogisticRegression",
    "Perceptron",
    "QuadraticClassifier",
    "QuadraticNetwork",
    "QuadraticRegression",
    "Regressor",
    "StackModule",
]
